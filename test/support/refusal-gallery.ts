/** The pages that are shown under the hosts of apps. */
import type { Form } from '../../src/core/access/unsent.ts';
import type { Body } from '../../src/core/request/dialect.ts';
import type { ErrorPageView } from '../../src/core/setup/views.ts';
import type { Pages } from '../../src/pages/pages.ts';
import { DENIED_TRACE } from './denied-trace.ts';

export const refusal: ErrorPageView = {
  status: 403,
  code: 'group/not-member',
  reasons: [
    {
      code: 'group/not-member',
      detail: 'needs any of admins, board; has staff',
      rule: 'routes[1].policies[0]',
    },
    { code: 'network/outside', detail: 'needs 10.0.0.0/8', rule: 'routes[1].policies[1]' },
  ],
  requestId: '01JDB6Q0M8Y3N5T7V9X1Z2B4D6',
  host: 'notes.demo.localhost',
  user: 'Ann Example',
  signInUrl: 'http://auth.demo.localhost/flow/login?rd=x',
  homeUrl: '/',
  retryAfter: 0,
  language: null,
};

const EMBEDDED = {
  host: 'wiki.example.com',
  url: 'https://wiki.example.com/board?week=48',
  requestId: refusal.requestId,
};

const UNSENT = {
  host: 'wiki.example.com',
  url: 'https://wiki.example.com/pages/save?id=48',
  form: {
    enctype: 'multipart/form-data',
    fields: [
      { name: 'title', value: 'Minutes of the meeting' },
      { name: 'text', value: 'First line\r\n<b>second</b> & last' },
      { name: 'csrf_token', value: 'q8yTn3' },
      { name: 'password', value: 'hunter22' },
      { name: 'comment', value: '' },
      { name: 'attachment', value: null },
    ],
  },
  sendUrl: '/.doorward/unsent?id=AAAAAAAAAAAAAAAAAAAAAA',
  discardUrl: '/.doorward/unsent?id=AAAAAAAAAAAAAAAAAAAAAA&discard=1',
  requestId: refusal.requestId,
} as const;

const LONG_FORM: Form = {
  enctype: 'application/x-www-form-urlencoded',
  fields: Array.from({ length: 60 }, (_, i) => ({
    name: `field_${'x'.repeat(i * 3)}`,
    value: `${'wordwithoutblanks'.repeat(i)} ${'and words '.repeat(i)}`,
  })),
};

const fault = { reasons: [], user: null, signInUrl: null };

/** Pages shown under the hosts of apps. */
export function refusalBodies(
  pages: Pages,
  language: string | null = null,
): Readonly<Record<string, Body>> {
  const one = (changes: Partial<ErrorPageView>): Body =>
    pages.errors.errorPage({ ...refusal, language, ...changes });
  return {
    denied: one({}),
    'denied-code': one({ disclosure: 'code' }),
    'denied-trace': one({
      disclosure: 'trace',
      trace: DENIED_TRACE,
      reasons: DENIED_TRACE.reasons,
    }),
    'denied-anonymous': one({ ...fault, code: 'path/no-rule' }),
    'unknown-host': one({ ...fault, status: 421, code: 'host/unknown', host: 'wki.example.com' }),
    'bad-request': one({ ...fault, status: 400, code: 'path/dot-segment' }),
    'not-found': one({ ...fault, status: 404, code: 'page/unknown' }),
    'too-often': one({ ...fault, status: 429, code: 'throttled', retryAfter: 300 }),
    'upstream-down': one({ ...fault, status: 502, code: 'upstream/down' }),
    'upstream-timeout': one({ ...fault, status: 504, code: 'upstream/timeout', host: '' }),
    'store-down': one({ ...fault, status: 503, code: 'store/unavailable', retryAfter: 5 }),
    busy: one({ ...fault, status: 503, code: 'upstream/busy', retryAfter: 1 }),
    internal: one({ ...fault, status: 500, code: 'internal' }),
    'unsent-gone': one({
      ...fault,
      status: 410,
      code: 'unsent/gone',
      startUrl: 'https://wiki.example.com/',
    }),
    unsent: pages.errors.unsentPage({ ...UNSENT, language }),
    'unsent-long': pages.errors.unsentPage({ ...UNSENT, form: LONG_FORM, language }),
    embedded: pages.errors.embeddedPage({ ...EMBEDDED, language, context: 'same-site' }),
    'embedded-third-party': pages.errors.embeddedPage({
      ...EMBEDDED,
      language,
      context: 'third-party',
    }),
  };
}
