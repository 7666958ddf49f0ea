/** Kinds of error pages by status and code, with their texts. Every status has a kind. */
import type { ErrorPageView } from '../core/setup/views.ts';
import { familyOf } from '../core/values/reason.ts';
import type { IconName } from './frame/icons.ts';
import type { TextKey } from './texts/texts.ts';

/** What the pages of one kind show. */
export interface ErrorKind {
  readonly icon: IconName;
  /** `refused`: a rule or check failed. `info`: nothing is wrong with the request itself. */
  readonly tone: 'refused' | 'info';
  readonly title: TextKey;
  readonly text: TextKey;
  readonly help: TextKey | null;
  /** Whether the page lists the reasons. */
  readonly explains: boolean;
  /** Whether the same request may succeed later. */
  readonly retry: boolean;
}

const DENIED: ErrorKind = {
  icon: 'closed',
  tone: 'refused',
  title: 'refused.denied.title',
  text: 'refused.denied.text',
  help: 'refused.denied.help',
  explains: true,
  retry: false,
};
const UNKNOWN_HOST: ErrorKind = {
  icon: 'search',
  tone: 'info',
  title: 'refused.host.title',
  text: 'refused.host.text',
  help: 'refused.host.help',
  explains: false,
  retry: false,
};
const MISSING: ErrorKind = {
  icon: 'search',
  tone: 'info',
  title: 'refused.missing.title',
  text: 'refused.missing.text',
  help: null,
  explains: false,
  retry: false,
};
const BAD_REQUEST: ErrorKind = {
  icon: 'warning',
  tone: 'refused',
  title: 'refused.request.title',
  text: 'refused.request.text',
  help: 'refused.request.help',
  explains: true,
  retry: false,
};
const NOT_HANDED_OVER: ErrorKind = {
  icon: 'warning',
  tone: 'info',
  title: 'refused.handover.title',
  text: 'refused.handover.text',
  help: 'refused.handover.help',
  explains: false,
  retry: false,
};
const NOT_OFFERED: ErrorKind = {
  icon: 'info',
  tone: 'info',
  title: 'refused.unsent.title',
  text: 'refused.unsent.text',
  help: null,
  explains: false,
  retry: false,
};
const TOO_OFTEN: ErrorKind = {
  icon: 'warning',
  tone: 'info',
  title: 'refused.limit.title',
  text: 'refused.limit.text',
  help: null,
  explains: false,
  retry: true,
};
const APP_DOWN: ErrorKind = {
  icon: 'warning',
  tone: 'info',
  title: 'refused.down.title',
  text: 'refused.down.text',
  help: 'refused.app.help',
  explains: false,
  retry: true,
};
const APP_SLOW: ErrorKind = {
  ...APP_DOWN,
  title: 'refused.timeout.title',
  text: 'refused.timeout.text',
};
const UNAVAILABLE: ErrorKind = {
  icon: 'info',
  tone: 'info',
  title: 'refused.unavailable.title',
  text: 'refused.unavailable.text',
  help: 'refused.unavailable.help',
  explains: false,
  retry: true,
};
const BUSY: ErrorKind = {
  ...UNAVAILABLE,
  title: 'refused.busy.title',
  text: 'refused.busy.text',
};
const INTERNAL: ErrorKind = {
  icon: 'warning',
  tone: 'refused',
  title: 'refused.internal.title',
  text: 'refused.internal.text',
  help: 'refused.internal.help',
  explains: false,
  retry: true,
};

const BY_STATUS: Readonly<Record<number, ErrorKind>> = {
  401: DENIED,
  403: DENIED,
  404: MISSING,
  421: UNKNOWN_HOST,
  429: TOO_OFTEN,
  502: APP_DOWN,
  503: UNAVAILABLE,
  504: APP_SLOW,
};

/** Families of codes that mean the state or the users cannot be read. Any other 503 means overload. */
const OUTAGES = new Set(['store', 'directory', 'session']);

/** The kind for a status and code. Any other 4xx is an invalid request, any other status our error. */
export function errorKind({ status, code }: Pick<ErrorPageView, 'status' | 'code'>): ErrorKind {
  if (status === 503 && !OUTAGES.has(familyOf(code))) return BUSY;
  if (familyOf(code) === 'handover') return NOT_HANDED_OVER;
  if (familyOf(code) === 'unsent') return NOT_OFFERED;
  const known = BY_STATUS[status];
  if (known !== undefined) return known;
  return status >= 400 && status < 500 ? BAD_REQUEST : INTERNAL;
}
