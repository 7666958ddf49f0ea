/** Which kind of refusal a status and code amount to, and the words that go with it. Pure; total. */
import type { RefusalView } from '../../core/setup/views.ts';
import type { IconName } from '../frame/icons.ts';
import { type TextKey } from '../texts/texts.ts';

/** How a kind of refusal is told. */
export interface RefusalKind {
  readonly icon: IconName;
  /** Whether somebody said no, or something just is not so. */
  readonly tone: 'refused' | 'info';
  readonly title: TextKey;
  readonly text: TextKey;
  readonly help: TextKey | null;
  /** Whether the reasons follow in plain words. */
  readonly explains: boolean;
  /** Whether asking again may help. */
  readonly retry: boolean;
}

const DENIED: RefusalKind = {
  icon: 'closed',
  tone: 'refused',
  title: 'refused.denied.title',
  text: 'refused.denied.text',
  help: 'refused.denied.help',
  explains: true,
  retry: false,
};
const UNKNOWN_HOST: RefusalKind = {
  icon: 'search',
  tone: 'info',
  title: 'refused.host.title',
  text: 'refused.host.text',
  help: 'refused.host.help',
  explains: false,
  retry: false,
};
const MISSING: RefusalKind = {
  icon: 'search',
  tone: 'info',
  title: 'refused.missing.title',
  text: 'refused.missing.text',
  help: null,
  explains: false,
  retry: false,
};
const BAD_REQUEST: RefusalKind = {
  icon: 'warning',
  tone: 'refused',
  title: 'refused.request.title',
  text: 'refused.request.text',
  help: 'refused.request.help',
  explains: true,
  retry: false,
};
const TOO_OFTEN: RefusalKind = {
  icon: 'warning',
  tone: 'info',
  title: 'refused.limit.title',
  text: 'refused.limit.text',
  help: null,
  explains: false,
  retry: true,
};
const APP_DOWN: RefusalKind = {
  icon: 'warning',
  tone: 'info',
  title: 'refused.down.title',
  text: 'refused.down.text',
  help: 'refused.app.help',
  explains: false,
  retry: true,
};
const APP_SLOW: RefusalKind = {
  ...APP_DOWN,
  title: 'refused.timeout.title',
  text: 'refused.timeout.text',
};
const UNAVAILABLE: RefusalKind = {
  icon: 'info',
  tone: 'info',
  title: 'refused.unavailable.title',
  text: 'refused.unavailable.text',
  help: 'refused.unavailable.help',
  explains: false,
  retry: true,
};
const BUSY: RefusalKind = {
  ...UNAVAILABLE,
  title: 'refused.busy.title',
  text: 'refused.busy.text',
};
const INTERNAL: RefusalKind = {
  icon: 'warning',
  tone: 'refused',
  title: 'refused.internal.title',
  text: 'refused.internal.text',
  help: 'refused.internal.help',
  explains: false,
  retry: true,
};

const BY_STATUS: Readonly<Record<number, RefusalKind>> = {
  401: DENIED,
  403: DENIED,
  404: MISSING,
  421: UNKNOWN_HOST,
  429: TOO_OFTEN,
  502: APP_DOWN,
  503: UNAVAILABLE,
  504: APP_SLOW,
};

/** Families of codes that mean the state or the users cannot be read; any other 503 is too much at once. */
const OUTAGES = new Set(['store', 'directory', 'session']);

/** The kind for a view: by status; other 4xx are unreadable requests, the rest is ours. */
export function refusalKind({ status, code }: Pick<RefusalView, 'status' | 'code'>): RefusalKind {
  if (status === 503 && !OUTAGES.has(code.split('/', 1)[0] as string)) return BUSY;
  const known = BY_STATUS[status];
  if (known !== undefined) return known;
  return status >= 400 && status < 500 ? BAD_REQUEST : INTERNAL;
}
