/** Rules that are decided without asking who the visitor is: closed, or public under a condition. */
import { describe, expect, it } from 'vitest';
import { binding, codes, decidingFor, gate } from '../../../test/support/deciding.ts';
import { aSession, aUser, NOON, someFacts } from '../../../test/support/policy-input.ts';
import { aRoute, aRule } from '../../../test/support/tables.ts';
import { neededFor, queryOf } from './decide.ts';
import type { Cors } from '../routes/cors.ts';
import type { Binding } from '../policy/policy.ts';

const visitor = { session: aSession(), user: aUser() };
const deciding = decidingFor(visitor);
const condition = (says: string) => gate('all', binding(says));

describe('a closed path', () => {
  const rules = [
    aRule({ public: true }),
    aRule({ pattern: '/admin/**', policies: gate('all', binding('yes')) }),
    aRule({ pattern: '/internal/**', closed: true }),
  ];

  it.each([
    ['/internal', 'the path itself'],
    ['/internal/x', 'a path below it'],
    ['/INTERNAL', 'another spelling'],
    ['/x/..%2finternal', 'one reading of it'],
    ['/admin/..;/internal', 'one reading beside another rule'],
  ])('is denied to all visitors with the same reason: %s (%s)', (target) => {
    for (const signedIn of [true, false]) {
      const decision = deciding([aRoute({ rules })], { target }, signedIn);
      expect(decision).toMatchObject({ kind: 'deny', status: 403, evaluated: [], conditions: [] });
      expect(decision).toMatchObject({ rule: { pattern: '/internal/**' } });
      expect(codes(decision)).toEqual(['path/closed']);
    }
  });
});

/** A rule that needs no session if its condition passes, and `step-up` otherwise. */
const opened = (says: string, changes: Partial<Binding> = {}) =>
  aRule({
    publicIf: gate('all', binding(says, changes)),
    policies: gate('all', binding('nope', { otherwise: 'step-up' })),
    maxAge: 1,
  });
const inGroup = (...bindings: Binding[]): Partial<Binding> => ({
  negate: true,
  evaluate: gate('any', ...bindings),
});

describe('a path that is public under a condition', () => {
  it('is open to all visitors if the condition passes, with the session of those who have one', () => {
    for (const signedIn of [true, false]) {
      const decision = deciding([aRoute({ rules: [opened('yes')] })], {}, signedIn);
      expect(decision).toMatchObject({
        kind: 'allow',
        visitor: signedIn ? visitor : null,
        evaluated: [],
        conditions: [{ isOpen: true, outcome: { pass: true } }],
      });
      expect(codes(decision)).toEqual(['path/public-if']);
    }
  });

  it.each<[string, string, Partial<Binding>]>([
    ['fails', 'no', {}],
    ['throws', 'throws', {}],
    ['throws and is negated', 'throws', { negate: true }],
    ['passes and is negated', 'yes', { negate: true }],
    ['lacks a signal', 'yes', { needs: ['geo'] }],
    ['lacks a signal and is negated', 'no', { needs: ['geo'], negate: true }],
    ['has expired', 'yes', { expires: NOON }],
    ['has expired and is negated', 'no', { expires: NOON, negate: true }],
    ['is a dry run', 'yes', { dryRun: true }],
    ['is a negated group with an error', 'x', inGroup(binding('throws'), binding('no'))],
    ['is a negated group with an expiry', 'x', inGroup(binding('yes', { expires: NOON }))],
    [
      'is a group that negates a group with an error',
      'x',
      inGroup(binding('x', inGroup(binding('throws')))),
    ],
  ])('is guarded as without it if the condition %s', (_, says, changes) => {
    const routes = [aRoute({ rules: [opened(says, changes)] })];
    const anonymous = deciding(routes, {}, false);
    expect(anonymous).toMatchObject({
      kind: 'authenticate',
      flow: 'login',
      conditions: [{ isOpen: false }],
    });
    expect(codes(anonymous)).toEqual(['session/none']);
    const signedIn = deciding(routes, {});
    expect(signedIn).toMatchObject({ kind: 'authenticate', flow: 'login' });
    expect(codes(signedIn)).toEqual(['session/too-old', 'test/nope']);
  });

  it('is guarded if the set of policies is empty', () => {
    const rules = [aRule({ publicIf: gate('all') })];
    expect(deciding([aRoute({ rules })], {}, false).kind).toBe('authenticate');
  });

  it('evaluates the condition without the user, so that a sign-in closes nothing', () => {
    const seen: unknown[] = [];
    const watching = binding('yes', {
      evaluate: ({ user, session }) => {
        seen.push(user, session);
        return { pass: true, reason: { code: 'test/yes' } };
      },
    });
    deciding([aRoute({ rules: [aRule({ publicIf: gate('all', watching) })] })], {}, true);
    expect(seen).toEqual([null, null]);
  });

  it.each<[string, string, boolean, string, string]>([
    ['yes', 'yes', false, 'allow', 'path/public-if'],
    ['yes', 'no', false, 'authenticate', 'session/none'],
    ['no', 'yes', false, 'authenticate', 'session/none'],
    ['yes', 'no', true, 'allow', 'test/yes'],
    ['no', 'no', true, 'allow', 'test/yes'],
  ])(
    'with two readings, conditions %s and %s, signed in: %s: %s (%s)',
    (first, second, signedIn, kind, code) => {
      const policies = gate('all', binding('yes'));
      const rules = [
        aRule({ publicIf: condition(first), policies }),
        aRule({ pattern: '/admin', publicIf: condition(second), policies }),
      ];
      const decision = deciding([aRoute({ rules })], { target: '/ADMIN' }, signedIn);
      expect([decision.kind, codes(decision)]).toEqual([kind, [code]]);
    },
  );

  it('beside a public reading is open if the condition passes', () => {
    const rules = [aRule({ public: true }), { ...opened('yes'), pattern: '/admin' }];
    const decision = deciding([aRoute({ rules })], { target: '/ADMIN' }, false);
    expect([decision.kind, codes(decision)]).toEqual(['allow', ['path/public-if']]);
  });

  it('opens no websocket of another origin', () => {
    const headers = { upgrade: 'websocket', origin: 'https://evil.com' };
    expect(deciding([aRoute({ rules: [opened('yes')] })], { headers }, false)).toMatchObject({
      kind: 'deny',
      reasons: [{ code: 'websocket/foreign-origin' }],
    });
  });
});

describe('the signals that a decision needs', () => {
  const rule = aRule({
    publicIf: gate('all', binding('yes', { needs: ['geo'] })),
    policies: gate('all', binding('yes', { needs: ['reputation'] })),
  });

  it('are those of the condition for an anonymous visitor, and all for one with a session', () => {
    expect(neededFor({ rules: [rule, aRule()] }, null)).toEqual(['geo']);
    expect(neededFor({ rules: [rule, aRule()] }, visitor)).toEqual(['geo', 'reputation']);
  });

  it('are gathered about the visitor, or about the request alone', () => {
    const input = { facts: someFacts(), signals: {}, now: NOON };
    const found = { route: aRoute() };
    expect(queryOf({ ...input, visitor: null }, found)).toMatchObject({
      user: null,
      session: null,
      device: null,
      subject: null,
    });
    const session = aSession({ device: 'd1' });
    expect(queryOf({ ...input, visitor: { ...visitor, session } }, found)).toMatchObject({
      ...visitor,
      session,
      device: 'd1',
      subject: { login: visitor.user.name, userId: visitor.user.id },
    });
  });
});

const preflight = (origin: string, target = '/') => ({
  method: 'OPTIONS',
  target,
  headers: { origin, 'access-control-request-method': 'PUT' },
});

describe('a preflight that the app answers', () => {
  const cors: Cors = {
    origins: new Set(['https://shop.example.com']),
    methods: ['PUT'],
    headers: null,
    credentials: true,
    maxAge: 0,
    preflight: 'pass',
  };
  const rules = [
    aRule({ policies: gate('all', binding('nope')) }),
    aRule({ pattern: '/internal/**', closed: true }),
  ];

  it('passes without a session, and carries no user even with one', () => {
    for (const signedIn of [true, false]) {
      const decision = deciding(
        [aRoute({ rules, cors })],
        preflight('https://shop.example.com'),
        signedIn,
      );
      expect(decision).toMatchObject({ kind: 'allow', visitor: null, evaluated: [] });
      expect(codes(decision)).toEqual(['cors/preflight']);
    }
  });

  it('is decided like any other request of an unlisted origin, or if Doorward answers', () => {
    const routes = [aRoute({ rules, cors })];
    expect(deciding(routes, preflight('https://evil.test'), false).kind).toBe('authenticate');
    const answered = [aRoute({ rules, cors: { ...cors, preflight: 'answer' } })];
    expect(deciding(answered, preflight('https://shop.example.com'), false).kind).toBe(
      'authenticate',
    );
  });

  it('does not reach a closed path', () => {
    const decision = deciding(
      [aRoute({ rules, cors })],
      preflight('https://shop.example.com', '/x/..%2finternal'),
    );
    expect(codes(decision)).toEqual(['path/closed']);
  });
});
