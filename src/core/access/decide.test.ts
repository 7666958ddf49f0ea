import { describe, expect, it } from 'vitest';
import { binding, codes, decidingFor, gate, site } from '../../../test/support/deciding.ts';
import { aSession, aUser, NOON, someFacts } from '../../../test/support/policy-input.ts';
import { aRoute, aRule } from '../../../test/support/tables.ts';
import { decide, inputOf } from './decide.ts';
import type { Reason } from '../values/reason.ts';
import type { PolicySet } from '../policy/policy.ts';
import { routeTable } from '../routes/route.ts';

const visitor = { session: aSession(), user: aUser() };
const deciding = decidingFor(visitor);

const guarded = (given: PolicySet) => [aRoute({ rules: [aRule({ policies: given })] })];

const dry = (says: string) => binding(says, { dryRun: true });

describe('a decision', () => {
  it('refuses hosts and ports that no route serves', () => {
    expect(deciding([aRoute()], { authority: 'evil.com' })).toMatchObject({
      kind: 'deny',
      status: 421,
      route: null,
    });
    expect(codes(deciding([aRoute()], { authority: 'wiki.example.com:81' }))).toEqual([
      'host/port',
    ]);
  });

  it('asks to sign in if the session is bound to another place, and gives that as the reason', () => {
    const input = { table: routeTable([aRoute()]), site, visitor: null, signals: {}, now: NOON };
    const facts = someFacts({ target: '/a' });
    const decision = decide({ ...input, facts, absence: 'session/elsewhere' });
    expect([decision.kind, codes(decision)]).toEqual(['authenticate', ['session/elsewhere']]);
    expect(codes(decide({ ...input, facts }))).toEqual(['session/none']);
    const twice = decide({ ...input, facts, absence: 'session/two-cookies' });
    expect([twice.kind, codes(twice)]).toEqual(['authenticate', ['session/two-cookies']]);
  });

  it('refuses a path without a rule', () => {
    const routes = [aRoute({ rules: [aRule({ pattern: '/a' })] })];
    expect(codes(deciding(routes, { target: '/b' }))).toEqual(['path/no-rule']);
  });

  it('allows public paths to all, with the user if one is signed in', () => {
    const routes = [aRoute({ rules: [aRule({ public: true })] })];
    expect(deciding(routes, {}, false)).toMatchObject({ kind: 'allow', visitor: null });
    expect(deciding(routes, {}, true)).toMatchObject({ kind: 'allow', visitor });
  });

  it('asks to sign in where a rule has no policies, and returns to the exact URL', () => {
    const request = { target: '/a%20b?c=d&e=%C3%A9' };
    expect(deciding([aRoute()], request, false)).toMatchObject({
      kind: 'authenticate',
      flow: 'login',
      returnTo: 'https://wiki.example.com/a%20b?c=d&e=%C3%A9',
    });
    expect(codes(deciding([aRoute()], request))).toEqual(['session/live']);
  });

  it('asks to sign in on a public path if another reading of it is protected', () => {
    const rules = [aRule({ public: true }), aRule({ pattern: '/admin/**', flow: 'strict' })];
    expect(deciding([aRoute({ rules })], { target: '/ADMIN' }, false)).toMatchObject({
      kind: 'authenticate',
      flow: 'strict',
    });
  });

  it('denies with every reason, and asks for no second factor that would not help', () => {
    const remedy = binding('no', { otherwise: 'step-up' });
    const hopeless = binding('nope');
    expect(deciding(guarded(gate('all', remedy)), {})).toMatchObject({
      kind: 'authenticate',
      flow: 'step-up',
    });
    const denied = deciding(guarded(gate('all', remedy, hopeless)), {});
    expect(denied).toMatchObject({ kind: 'deny', status: 403 });
    expect(codes(denied)).toEqual(['test/no', 'test/nope']);
    expect(deciding(guarded(gate('any', hopeless, remedy)), {})).toMatchObject({ flow: 'step-up' });
    expect(deciding(guarded(gate('any', hopeless, binding('yes'))), {}).kind).toBe('allow');
  });

  it('reports what dry runs would have denied, and ignores them otherwise', () => {
    const given = gate('all', binding('no', { dryRun: true }), binding('yes'));
    const decision = deciding(guarded(given), {});
    expect(decision).toMatchObject({ kind: 'allow', dryRun: [{ code: 'test/no' }] });
    expect(codes(decision)).toEqual(['test/yes']);
  });

  it.each([
    ['https://wiki.example.com', 'allow'],
    ['http://wiki.example.com', 'deny'],
    ['https://evil.com', 'deny'],
    ['https://evil.wiki.example.com', 'deny'],
    ['https://wiki.example.com:8443', 'deny'],
    ['https://wiki.example.com.evil.com', 'deny'],
    ['null', 'deny'],
    ['https://editor.example.com', 'allow'],
  ])('on a websocket opened from %s: %s', (origin, kind) => {
    const routes = [aRoute({ origins: ['https://editor.example.com'] })];
    const headers = { upgrade: 'websocket', origin };
    expect(deciding(routes, { headers }).kind).toBe(kind);
    const open = [{ ...routes[0]!, rules: [aRule({ public: true })] }];
    expect(deciding(open, { headers }, false).kind).toBe(kind);
  });
});

const MINUTE = 60_000;
const allPass = binding('yes');
const at = (rule: Parameters<typeof aRule>[0], session = aSession()) =>
  decide({
    table: routeTable([aRoute({ rules: [aRule({ at: 'routes[0]', ...rule })] })]),
    site,
    facts: someFacts(),
    visitor: { session, user: aUser() },
    signals: {},
    now: NOON,
  });

describe('a request that is no websocket', () => {
  it.each(['https://evil.com', 'null'])('is allowed from the origin %s', (origin) => {
    expect(deciding([aRoute()], { headers: { origin } }).kind).toBe('allow');
  });
});

describe('a websocket without an origin', () => {
  it('is allowed, since no browser opened it', () => {
    expect(deciding([aRoute()], { headers: { upgrade: 'websocket' } }).kind).toBe('allow');
  });
});

describe('the age of a session', () => {
  const signedIn = aSession({
    createdAt: NOON - 90 * MINUTE,
    proofs: [
      { method: 'password', at: NOON - 90 * MINUTE },
      { method: 'totp', at: NOON - 30 * MINUTE },
    ],
  });

  it.each<[string, Parameters<typeof aRule>[0], Reason]>([
    [
      'that began too long ago',
      { maxAge: 90 * MINUTE },
      { code: 'session/too-old', detail: 'signed in 90 minutes ago', rule: 'routes[0]' },
    ],
    [
      'whose last proof is too old',
      { factorAge: 30 * MINUTE },
      { code: 'session/factor-too-old', detail: 'last proved 30 minutes ago', rule: 'routes[0]' },
    ],
  ])('requires a new sign-in for one %s', (_, rule, reason) => {
    expect(at({ flow: 'strict', ...rule }, signedIn)).toMatchObject({
      kind: 'authenticate',
      flow: 'strict',
      reasons: [reason],
    });
  });

  it.each<[string, Parameters<typeof aRule>[0]]>([
    ['sign-in', { maxAge: 90 * MINUTE + 1 }],
    ['last proof', { factorAge: 30 * MINUTE + 1 }],
    ['sign-in and last proof', { maxAge: 90 * MINUTE + 1, factorAge: 30 * MINUTE + 1 }],
  ])('is no obstacle after a recent %s', (_, rule) => {
    expect(at(rule, signedIn).kind).toBe('allow');
  });

  it('counts as too old if the clock was put back since', () => {
    const later = aSession({
      createdAt: NOON + 60 * MINUTE,
      proofs: [{ method: 'password', at: NOON + 60 * MINUTE }],
    });
    expect(at({ maxAge: 60 * MINUTE }, later).reasons).toMatchObject([
      { code: 'session/too-old', detail: 'signed in before the clock was put back' },
    ]);
  });

  it('comes before the remedy of a policy, and after a policy without one', () => {
    const stale = { flow: 'strict', maxAge: MINUTE };
    const remedied = at(
      {
        ...stale,
        policies: gate('all', binding('no', { otherwise: 'step-up' })),
      },
      signedIn,
    );
    expect(remedied).toMatchObject({ kind: 'authenticate', flow: 'strict' });
    expect(codes(remedied)).toEqual(['session/too-old', 'test/no']);
    const denied = at({ ...stale, policies: gate('all', binding('no')) }, signedIn);
    expect(denied).toMatchObject({ kind: 'deny', status: 403 });
    expect(codes(denied)).toEqual(['session/too-old', 'test/no']);
  });
});

/** Asks for `/ADMIN`, which one rule guards as written and another one as it folds. */
const both = (written: PolicySet, read: PolicySet) =>
  deciding(
    [
      aRoute({
        rules: [
          aRule({ pattern: '/**', policies: written }),
          aRule({ pattern: '/admin', policies: read }),
        ],
      }),
    ],
    { target: '/ADMIN' },
  );

describe('two rules for two readings of a path', () => {
  it('must both pass, and the reasons are those of the last that has policies', () => {
    expect(both(gate('all', allPass), gate('all', binding('no'))).kind).toBe('deny');
    expect(both(gate('all', binding('no')), gate('all', allPass)).kind).toBe('deny');
    const allowed = both(gate('all', allPass), gate('all'));
    expect([allowed.kind, codes(allowed)]).toEqual(['allow', ['test/yes']]);
    expect(allowed.evaluated).toMatchObject([
      { rule: { pattern: '/**' }, outcome: { pass: true }, stale: null },
      { rule: { pattern: '/admin' }, outcome: { pass: true }, stale: null },
    ]);
  });

  it('ask for the first remedy, and for none if one of them denies', () => {
    const first = gate('all', binding('no', { otherwise: 'step-up' }));
    const second = gate('all', binding('no', { otherwise: 'consent' }));
    expect(both(first, second)).toMatchObject({ kind: 'authenticate', flow: 'step-up' });
    expect(both(first, gate('all', binding('nope')))).toMatchObject({ kind: 'deny' });
  });

  it('report the dry runs of both', () => {
    const first = gate('all', dry('no'), binding('no', { otherwise: 'step-up' }));
    expect(both(first, gate('all', dry('nope')))).toMatchObject({
      kind: 'authenticate',
      dryRun: [{ code: 'test/no' }, { code: 'test/nope' }],
    });
  });
});

describe('the details of a decision', () => {
  it('name the method without a rule and the origin of a websocket, for operators', () => {
    const none = deciding([aRoute({ rules: [] })], { method: 'POST' });
    expect(none).toMatchObject({
      kind: 'deny',
      status: 403,
      rule: null,
      reasons: [{ code: 'path/no-rule', detail: 'POST' }],
      evaluated: [],
      dryRun: [],
    });
    const headers = { upgrade: 'websocket', origin: 'https://evil.com' };
    expect(deciding([aRoute()], { headers }).reasons).toEqual([
      { code: 'websocket/foreign-origin', detail: 'opened from https://evil.com' },
    ]);
  });

  it('contain no rule for an unknown host', () => {
    expect(deciding([aRoute()], { authority: 'evil.com' })).toEqual({
      kind: 'deny',
      status: 421,
      route: null,
      rule: null,
      rules: [],
      readings: [],
      evaluated: [],
      conditions: [],
      visitor,
      reasons: [{ code: 'host/unknown' }],
      dryRun: [],
    });
  });

  it('are the sign-in itself if every policy is a dry run', () => {
    const decision = at({ policies: gate('all', binding('yes', { dryRun: true })) });
    expect([decision.kind, codes(decision)]).toEqual(['allow', ['session/live']]);
    expect(deciding([aRoute({ rules: [aRule({ public: true })] })], {}, false)).toMatchObject({
      reasons: [{ code: 'path/public' }],
      evaluated: [],
      dryRun: [],
    });
  });
});

describe('the policies of a route', () => {
  it('see the request, the user and the route, and nothing of a flow', () => {
    const facts = someFacts();
    const route = aRoute();
    expect(inputOf({ facts, signals: { geo: 1 }, now: NOON }, { route }, visitor)).toEqual({
      facts,
      ...visitor,
      route,
      flow: null,
      event: null,
      prompt: null,
      field: null,
      signals: { geo: 1 },
      now: NOON,
    });
  });
});

describe('after the sign-in', () => {
  it.each([
    ['GET', undefined, 'https://wiki.example.com/form?a=1'],
    ['HEAD', undefined, 'https://wiki.example.com/form?a=1'],
    ['POST', 'https://wiki.example.com/page', 'https://wiki.example.com/page'],
    ['POST', undefined, 'https://wiki.example.com/'],
    ['POST', 'https://evil.com/', 'https://wiki.example.com/'],
    ['POST', 'https://auth.x/flow', 'https://wiki.example.com/'],
  ])('a %s sent from %s returns to %s', (method, referer, returnTo) => {
    const headers: Record<string, string> = referer === undefined ? {} : { referer };
    const request = { method, target: '/form?a=1', headers };
    expect(deciding([aRoute()], request, false)).toMatchObject({ kind: 'authenticate', returnTo });
  });
});
