import { describe, expect, it } from 'vitest';
import { aSession, aUser, NOON, someFacts } from '../../../test/support/policy-input.ts';
import { aRoute, aRule } from '../../../test/support/tables.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import type { Binding, PolicySet } from './policy.ts';
import { type Route, routeTable } from './route.ts';

const site = { origin: 'https://auth.x', scheme: 'https' as const, host: 'auth.x', port: 0 };
const visitor = { session: aSession(), user: aUser() };
const deciding = (
  routes: readonly Route[],
  asked: Parameters<typeof someFacts>[0],
  signedIn = true,
) =>
  decide({
    table: routeTable(routes),
    site,
    facts: someFacts(asked),
    visitor: signedIn ? visitor : null,
    signals: {},
    now: NOON,
  });

const binding = (says: string, changes: Partial<Binding> = {}): Binding => ({
  name: says,
  evaluate: () => {
    if (says === 'throws') throw new Error('broken');
    return { pass: says === 'yes', reason: { code: `test/${says}` } };
  },
  negate: false,
  otherwise: null,
  expires: null,
  dryRun: false,
  needs: [],
  field: null,
  at: 'here',
  line: '',
  ...changes,
});
const gate = (match: 'all' | 'any', ...bindings: Binding[]): PolicySet => ({ match, bindings });
const codes = (decision: Decision) => decision.reasons.map((r) => r.code);
const guarded = (given: PolicySet) => [aRoute({ rules: [aRule({ policies: given })] })];

describe('a decision', () => {
  it('refuses hosts and ports that no route answers to', () => {
    expect(deciding([aRoute()], { authority: 'evil.com' })).toMatchObject({
      kind: 'deny',
      status: 421,
      route: null,
    });
    expect(codes(deciding([aRoute()], { authority: 'wiki.example.com:81' }))).toEqual([
      'host/port',
    ]);
  });

  it('asks to sign in where the session is bound to another place, and says why', () => {
    const input = { table: routeTable([aRoute()]), site, visitor: null, signals: {}, now: NOON };
    const facts = someFacts({ target: '/a' });
    const decision = decide({ ...input, facts, absence: 'session/elsewhere' });
    expect([decision.kind, codes(decision)]).toEqual(['authenticate', ['session/elsewhere']]);
    expect(codes(decide({ ...input, facts }))).toEqual(['session/none']);
  });

  it('refuses what no rule speaks of', () => {
    const routes = [aRoute({ rules: [aRule({ pattern: '/a' })] })];
    expect(codes(deciding(routes, { target: '/b' }))).toEqual(['path/no-rule']);
  });

  it('lets everybody into public paths, and says nobody’s name unless they signed in', () => {
    const routes = [aRoute({ rules: [aRule({ public: true })] })];
    expect(deciding(routes, {}, false)).toMatchObject({ kind: 'allow', visitor: null });
    expect(deciding(routes, {}, true)).toMatchObject({ kind: 'allow', visitor });
  });

  it('asks for a sign-in where no policy stands, and comes back to the very URL', () => {
    const asked = { target: '/a%20b?c=d&e=%C3%A9' };
    expect(deciding([aRoute()], asked, false)).toMatchObject({
      kind: 'authenticate',
      flow: 'login',
      returnTo: 'https://wiki.example.com/a%20b?c=d&e=%C3%A9',
    });
    expect(codes(deciding([aRoute()], asked))).toEqual(['session/live']);
  });

  it('asks for a sign-in under a public rule when another reading of the path is guarded', () => {
    const rules = [aRule({ public: true }), aRule({ pattern: '/admin/**', flow: 'strict' })];
    expect(deciding([aRoute({ rules })], { target: '/ADMIN' }, false)).toMatchObject({
      kind: 'authenticate',
      flow: 'strict',
    });
  });

  it('denies with every reason, and never asks for a second factor only to deny then', () => {
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

  it('tells what dry-run bindings would have said, and goes by the others', () => {
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
  ])('about a websocket opened from %s: %s', (origin, kind) => {
    const routes = [aRoute({ origins: ['https://editor.example.com'] })];
    const headers = { upgrade: 'websocket', origin };
    expect(deciding(routes, { headers }).kind).toBe(kind);
    const open = [{ ...routes[0]!, rules: [aRule({ public: true })] }];
    expect(deciding(open, { headers }, false).kind).toBe(kind);
  });
});
