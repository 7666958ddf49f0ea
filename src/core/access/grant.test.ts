/** A visitor with a token has a known user but no sign-in. */
import { describe, expect, it } from 'vitest';
import { aSession, aUser, NOON, someFacts } from '../../../test/support/policy-input.ts';
import { aRoute, aRule } from '../../../test/support/tables.ts';
import { expression } from '../../policies/expression/policy.ts';
import { method } from '../../policies/method/policy.ts';
import { networkOf } from '../request/address.ts';
import { decide, type DecideInput } from './decide.ts';
import type { Decision, GrantVisitor } from './decision.ts';
import type { Grant } from '../routes/grant.ts';
import type { Binding } from '../policy/policy.ts';
import { type Rule, routeTable } from '../routes/route.ts';

const grant: Grant = {
  credential: 'token',
  id: 'AbCdEfG',
  scheme: 'bearer',
  expiresAt: null,
  routes: [],
  methods: [],
  networks: [],
};
const visitor: GrantVisitor = { session: null, grant, user: aUser() };
const accepts = { session: true, basic: true, passwords: false, bearer: true, certificate: false };
const site = { origin: 'https://auth.x', scheme: 'https' as const, host: 'auth.x', port: 0 };

const deciding = (rule: Partial<Rule>, given: Partial<DecideInput> = {}): Decision =>
  decide({
    table: routeTable([aRoute({ rules: [aRule({ accepts, ...rule })] })]),
    site,
    facts: someFacts({}),
    visitor,
    signals: {},
    now: NOON,
    ...given,
  });

const methodBinding = (options: unknown, negate: boolean): Binding => ({
  name: 'method',
  evaluate: method.compile(method.config.parse(options)),
  negate,
  otherwise: null,
  expires: null,
  dryRun: false,
  needs: [],
  field: null,
  at: 'here',
  line: '',
});

const evaluateOf = (when: string) => expression.compile(expression.config.parse({ when }));

const factsOf = ({ clientIp, ...parts }: { method?: string; clientIp?: string }) => ({
  ...someFacts(parts),
  ...(clientIp === undefined ? {} : { clientIp }),
});

const when = (text: string) => ({
  policies: {
    match: 'all' as const,
    bindings: [{ ...methodBinding({ count: 2 }, false), evaluate: evaluateOf(text) }],
  },
});

const limited = (changes: Partial<Grant>) => ({
  visitor: { ...visitor, grant: { ...grant, ...changes } },
});

describe('a visitor with a token', () => {
  it('may open what any user may open', () => {
    expect(deciding({})).toMatchObject({ kind: 'allow', visitor });
  });

  it.each([
    ['a maximum age of the sign-in', { maxAge: Number.MAX_SAFE_INTEGER }],
    ['a maximum age of the last proof', { factorAge: Number.MAX_SAFE_INTEGER }],
  ])('never satisfies %s', (_what, rule) => {
    const decision = deciding(rule);
    expect(decision.kind).toBe('authenticate');
    expect(decision.reasons).toMatchObject([
      { code: 'session/none', detail: 'a token has no sign-in' },
    ]);
  });

  it.each([false, true])('never satisfies a required method (negated: %s)', (negate) => {
    const bindings = [methodBinding({ any: ['password'] }, negate)];
    const decision = deciding({ policies: { match: 'all', bindings } });
    expect(decision.kind).toBe('deny');
    expect(decision.reasons).toMatchObject([{ code: 'policy/error' }]);
  });

  it('satisfies the ages and methods of a rule that lets tokens suffice', () => {
    const bindings = [methodBinding({ any: ['webauthn'], within: '5m' }, false)];
    const rule = {
      maxAge: 1,
      factorAge: 1,
      tokensSuffice: true,
      policies: { match: 'all', bindings },
    } as const;
    expect(deciding(rule)).toMatchObject({ kind: 'allow', reasons: [{ code: 'method/token' }] });
    // The other policies of the rule still decide.
    const others = [methodBinding({ any: ['webauthn'] }, false), methodBinding({ count: 2 }, true)];
    expect(deciding({ ...rule, policies: { match: 'all', bindings: others } }).kind).toBe('deny');
  });

  it('is recognized by an expression, which sees no session', () => {
    expect(deciding(when("credential == 'token'")).kind).toBe('allow');
    expect(deciding(when("credential == 'session'")).kind).toBe('deny');
    expect(deciding(when('session.age < 5')).reasons).toMatchObject([{ code: 'policy/error' }]);
    const signedIn = { visitor: { session: aSession(), user: aUser() } };
    expect(deciding(when("credential == 'session'"), signedIn).kind).toBe('allow');
  });
});

describe('a token that may not be used', () => {
  const networks = [networkOf('10.0.0.0/8'), networkOf('2001:db8::/32')];

  it.each([
    ['for this route', { routes: ['files', 'mail'] }, {}, 'token/route'],
    ['with this method', { methods: ['POST'] }, {}, 'token/method'],
    ['with this method', { methods: ['HEAD'] }, { method: 'HEAD' }, 'token/method'],
    ['in this network', { networks }, {}, 'token/network'],
    ['in this network', { networks }, { clientIp: '2001:db9::1' }, 'token/network'],
    ['at an unreadable address', { networks }, { clientIp: 'unix' }, 'token/network'],
  ])('%s is denied: a sign-in would not help', (_what, changes, facts, code) => {
    const decision = deciding({}, { ...limited(changes), facts: factsOf(facts) });
    expect(decision).toMatchObject({
      kind: 'deny',
      status: 403,
      visitor: limited(changes).visitor,
    });
    expect(decision.reasons).toMatchObject([{ code, detail: expect.stringContaining('AbCdEfG') }]);
  });

  it.each([
    [{ routes: ['files', 'wiki'] }, {}],
    [{ methods: ['GET'] }, { method: 'HEAD' }],
    [{ methods: ['POST', 'PROPFIND'] }, { method: 'PROPFIND' }],
    [{ networks }, { clientIp: '10.255.0.1' }],
    [{ networks }, { clientIp: '2001:db8::7' }],
    [{ expiresAt: NOON + 1 }, {}],
  ])('is not meant by limits that fit: %j', (changes, facts) => {
    const given = { ...limited(changes), facts: factsOf(facts) };
    expect(deciding({}, given).kind).toBe('allow');
  });

  it.each([NOON, NOON - 1])('because it expired, leads to a sign-in (%i)', (expiresAt) => {
    const decision = deciding({}, limited({ expiresAt }));
    expect(decision.kind).toBe('authenticate');
    expect(decision.reasons).toMatchObject([{ code: 'token/expired' }]);
  });

  it.each([
    ['sessions alone', null],
    ['another scheme', { ...accepts, bearer: false, certificate: false }],
  ])('where the rule accepts %s leads to a sign-in', (_what, accepted) => {
    const decision = deciding({ accepts: accepted });
    expect(decision.kind).toBe('authenticate');
    expect(decision.reasons).toMatchObject([{ code: 'credential/not-accepted' }]);
  });

  it('is of no one on a public path', () => {
    for (const given of [limited({ expiresAt: NOON }), limited({ routes: ['x'] })]) {
      expect(deciding({ public: true }, given)).toMatchObject({ kind: 'allow', visitor: null });
    }
    const given = { ...limited({}), visitor };
    expect(deciding({ public: true, accepts: null }, given)).toMatchObject({ visitor: null });
    expect(deciding({ public: true }, given)).toMatchObject({ visitor });
  });
});

describe('a rule that accepts no session', () => {
  const programs = { ...accepts, session: false };

  it('refuses one with 401 and without a flow, which would only lead to another one', () => {
    const signedIn = { visitor: { session: aSession(), user: aUser() } };
    expect(deciding({ accepts: programs }, signedIn)).toMatchObject({
      kind: 'deny',
      status: 401,
      visitor: null,
      reasons: [{ code: 'credential/not-accepted', detail: 'a session does not count here' }],
    });
    expect(deciding({ accepts: programs }, { visitor: null })).toMatchObject({
      kind: 'deny',
      status: 401,
      reasons: [{ code: 'session/none' }],
    });
    expect(deciding({ accepts: programs }).kind).toBe('allow');
  });
});

describe('too many unknown tokens', () => {
  it('are refused with the time to wait, but not on public paths', () => {
    const given = { visitor: null, absence: 'token/throttled', retryAt: NOON + 4_500 } as const;
    expect(deciding({}, given)).toMatchObject({
      kind: 'deny',
      status: 429,
      retryAfter: 5,
      reasons: [{ code: 'token/throttled' }],
    });
    expect(deciding({ public: true }, given).kind).toBe('allow');
  });
});
