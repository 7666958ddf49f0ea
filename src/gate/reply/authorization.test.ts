/** What becomes of the Authorization field, and which credentials a refusal asks for. */
import { describe, expect, it } from 'vitest';
import { testSession, testUser } from '../../../test/support/fakes.ts';
import { testFacts, testSnapshot } from '../../../test/support/snapshot.ts';
import { basic } from '../../../test/support/tokens.ts';
import type { Decision } from '../../core/access/decision.ts';
import type { Accepts } from '../../core/routes/accepts.ts';
import { authorizationForApp, challengesFor } from './authorization.ts';

const ALL: Accepts = {
  session: true,
  basic: true,
  passwords: false,
  bearer: true,
  certificate: false,
};
const TOKEN = `dwt_${'a'.repeat(40)}`;
/** With its checksum. */
const ISSUED = 'dwt_AbCdEfG0123456789abcdefghijklmnopq0YqIgF';
const user = testUser();
const bySession = { session: testSession(), user };
const byToken = {
  session: null,
  user,
  grant: {
    credential: 'token',
    id: 'a',
    scheme: 'bearer',
    expiresAt: null,
    routes: [],
    methods: [],
    networks: [],
  },
} as const;

function routeOf(accepts?: Accepts) {
  const words = accepts === undefined ? { id: 'wiki' } : { id: 'wiki', accepts };
  const [route] = testSnapshot({ routes: [words] }).table.routes;
  if (route === undefined) throw new Error('no route');
  return route;
}

const forApp = (
  field: string | null,
  visitor: typeof bySession | typeof byToken | null,
  route = routeOf(ALL),
) =>
  authorizationForApp(
    { route, rules: route.rules, visitor },
    { header: (name) => (name === 'authorization' ? field : null) },
  );

describe('the Authorization field for an app', () => {
  it('is the client’s own where Doorward reads none', () => {
    expect(forApp(`Bearer ${TOKEN}`, bySession, routeOf())).toBeNull();
  });

  it('is none if it identified the visitor', () => {
    expect(forApp('Bearer anything', byToken)).toBe('');
  });

  it.each([
    `Bearer ${TOKEN}`,
    'Bearer dwt_',
    `bearer  ${TOKEN}`,
    basic('ann', TOKEN),
    basic('', 'dwt_mistyped'),
    basic(ISSUED, ''),
    basic(ISSUED, 'x-oauth-basic'),
    basic('ann:x', ISSUED),
    basic('ann\0', ISSUED),
    basic('ann', `${ISSUED}\n`),
    `Basic ${Buffer.from(`\u00ff:${ISSUED}`, 'latin1').toString('base64url')}`,
    `Basic\t${btoa(`ann:${ISSUED}`)}`,
    `token ${ISSUED}`,
    `Bearer "${ISSUED}"`,
    `Bearer ${ISSUED}, Bearer ${ISSUED}`,
    `Digest username="${ISSUED}"`,
    ISSUED,
  ])('is none if it was meant for Doorward: %s', (field) => {
    expect(forApp(field, bySession)).toBe('');
    expect(forApp(field, null)).toBe('');
  });

  it.each([
    'Bearer of-the-app',
    basic('ann', 'secret'),
    'bearer\teyJhbGciOiJub25lIn0.e30.',
    'BASIC',
    'Basic ???',
    'Basic, Digest x',
    'bearer="x"',
  ])('is none in a scheme that the path accepts: %j', (field) => {
    expect(forApp(field, bySession)).toBe('');
    expect(forApp(field, null)).toBe('');
  });

  it('is the app’s own in a scheme that only another path of the route accepts', () => {
    const own = basic('ann', 'secret');
    expect(forApp(own, bySession, routeOf({ ...ALL, basic: false }))).toBe(own);
    expect(forApp('Bearer x', null, routeOf({ ...ALL, bearer: false, certificate: false }))).toBe(
      'Bearer x',
    );
  });

  it.each(['Digest x', 'Basically x', 'Bearer-Key x', 'Negotiate Basic', ''])(
    'is the one that the app knows: %j',
    (field) => {
      expect(forApp(field, bySession)).toBe(field);
      expect(forApp(field, null)).toBe(field);
    },
  );

  it('is none if the client sent several or none', () => {
    expect(forApp(null, bySession)).toBe('');
  });
});

const challenges = (
  accepts: Accepts | null,
  headers: Readonly<Record<string, string>> = {},
  code = 'session/none',
  scheme: 'http' | 'https' = 'https',
) => {
  const { rules } = routeOf(accepts ?? undefined);
  const refused = { rules, reasons: [{ code }], visitor: null };
  const flat = challengesFor(refused, 401, testFacts({ scheme }, headers));
  return flat.filter((_, i) => i % 2 === 1);
};

const errors = (status: number, code: string, visitor: Decision['visitor'], accepts = ALL) =>
  challengesFor(
    { rules: routeOf(accepts).rules, reasons: [{ code }], visitor },
    status,
    testFacts(),
  );

describe('a challenge', () => {
  const BASIC = 'Basic realm="wiki.example.com", charset="UTF-8"';
  const BEARER = 'Bearer realm="wiki.example.com"';

  it('names what the route accepts', () => {
    expect(challenges(null)).toEqual([]);
    expect(challenges(ALL)).toEqual([BASIC, BEARER]);
    expect(challenges({ ...ALL, bearer: false, certificate: false })).toEqual([BASIC]);
    expect(challenges({ ...ALL, basic: false, session: false })).toEqual([BEARER]);
  });

  it('says that a token is invalid, but not that one is missing', () => {
    for (const code of ['token/unknown', 'token/expired', 'token/malformed']) {
      expect(challenges(ALL, {}, code)).toEqual([BASIC, `${BEARER}, error="invalid_token"`]);
    }
  });

  it('says that a bearer is invalid which is none of ours', () => {
    const field = { authorization: 'Bearer of-the-app' };
    expect(challenges(ALL, field)).toEqual([BASIC, `${BEARER}, error="invalid_token"`]);
    expect(challenges(ALL, { authorization: 'Basic x' })).toEqual([BASIC, BEARER]);
  });

  it('says that a token which is right does not suffice, and to no one else', () => {
    const [scope, basicToken] = [
      ['WWW-Authenticate', `${BEARER}, error="insufficient_scope"`],
      { ...byToken, grant: { ...byToken.grant, scheme: 'basic' as const } },
    ];
    for (const code of ['token/route', 'token/method', 'token/network']) {
      expect(errors(403, code, byToken)).toEqual(scope);
      for (const visitor of [bySession, basicToken, null]) {
        expect(errors(403, code, visitor)).toEqual([]);
      }
    }
    expect(errors(403, 'group/not-member', byToken)).toEqual([]);
    expect(errors(403, 'token/route', byToken, { ...ALL, bearer: false })).toEqual([]);
    expect(errors(429, 'token/throttled', null)).toEqual([]);
  });

  it('says that a request is malformed where a bearer counts', () => {
    const fields = ['WWW-Authenticate', `${BEARER}, error="invalid_request"`];
    expect(errors(400, 'credential/malformed', null)).toEqual(fields);
    expect(errors(400, 'credential/malformed', null, { ...ALL, bearer: false })).toEqual([]);
    expect(errors(400, 'host/malformed', null)).toEqual([]);
  });

  it.each([
    ['https', { 'sec-fetch-mode': 'cors' }],
    ['https', { 'sec-fetch-mode': 'no-cors' }],
    ['https', { accept: 'text/html' }],
    ['http', { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' }],
  ] as const)('never opens the dialog of a browser: %s %j', (scheme, headers) => {
    expect(challenges(ALL, headers, 'session/none', scheme)).toEqual([BEARER]);
  });

  it.each([
    ['https', { 'user-agent': 'Mozilla/5.0 Thunderbird/140' }],
    ['https', { accept: '*/*', 'user-agent': 'git/2.47.0' }],
    ['http', { 'user-agent': 'rclone/v1.60' }],
    ['http', {}],
  ] as const)('reaches programs: %s %j', (scheme, headers) => {
    expect(challenges(ALL, headers, 'session/none', scheme)).toEqual([BASIC, BEARER]);
  });
});
