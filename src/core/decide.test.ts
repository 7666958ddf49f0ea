import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aSession, aUser, NOON, someFacts } from '../../test/support/policy-input.ts';
import { slowMatch } from '../../test/support/slow-matcher.ts';
import { aRoute, aRule } from '../../test/support/tables.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import { foldPath } from './path.ts';
import type { Binding, Gate } from './policy.ts';
import { routeTable, type Route } from './route.ts';

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
  judge: () => {
    if (says === 'throws') throw new Error('broken');
    return { pass: says === 'yes', reason: { code: `test/${says}` } };
  },
  negate: false,
  otherwise: null,
  expires: null,
  dryRun: false,
  needs: [],
  at: 'here',
  ...changes,
});
const gate = (match: 'all' | 'any', ...bindings: Binding[]): Gate => ({ match, bindings });
const codes = (decision: Decision) => decision.reasons.map((r) => r.code);
const guarded = (given: Gate) => [aRoute({ rules: [aRule({ gate: given })] })];

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

/** What a binding is made of, for both evaluators. */
interface Spec {
  readonly says: string;
  readonly negate: boolean;
  readonly dryRun: boolean;
  readonly otherwise: string | null;
  readonly expired: boolean;
}
interface RuleSpec {
  readonly pattern: string;
  readonly methods: readonly string[] | null;
  readonly public: boolean;
  readonly match: 'all' | 'any';
  readonly bindings: readonly Spec[];
}
interface RouteSpec {
  readonly host: string;
  readonly rules: readonly RuleSpec[];
}

const rare = <T>(value: T, otherwise: T) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(otherwise) },
    { weight: 1, arbitrary: fc.constant(value) },
  );
const specs = fc.record<Spec>({
  says: fc.constantFrom('yes', 'yes', 'no', 'throws'),
  negate: rare(true, false),
  dryRun: rare(true, false),
  otherwise: fc.constantFrom(null, null, 'step-up', 'consent'),
  expired: rare(true, false),
});
const ruleSpecs = fc.record<RuleSpec>({
  pattern: fc.constantFrom('/**', '/a/**', '/a/b', '/*', '/a/*', '/A/**', '/b', '/a/*/c'),
  methods: fc.constantFrom(null, null, ['GET'], ['POST', 'PUT']),
  public: rare(true, false),
  match: fc.constantFrom('all', 'any'),
  bindings: fc.array(specs, { maxLength: 3 }),
});
const routeSpecs = fc.uniqueArray(
  fc.record<RouteSpec>({
    host: fc.constantFrom('a.x', 'b.x', '*.x'),
    rules: fc.uniqueArray(ruleSpecs, {
      maxLength: 5,
      // The linker allows one rule a pattern and method.
      selector: (rule) => rule.pattern,
    }),
  }),
  { maxLength: 3, selector: (route) => route.host },
);
const asks = fc.record({
  authority: fc.constantFrom('a.x', 'b.x', 'c.x', 'x', 'a.b.x', 'a.x:81'),
  target: fc.constantFrom('/', '/a', '/a/', '/A', '/a/b', '/A/b', '/a/b/c', '/a./b', '/b', '/c/d'),
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE'),
  signedIn: fc.boolean(),
});

function build(given: readonly RouteSpec[]): Route[] {
  return given.map(({ host, rules }) =>
    aRoute({
      id: host,
      hosts: [{ name: host, ports: [0] }],
      rules: rules.map((rule) =>
        aRule({
          pattern: rule.pattern,
          methods: rule.methods,
          public: rule.public,
          gate: gate(
            rule.match,
            ...rule.bindings.map(({ says, expired, ...rest }) =>
              binding(says, { ...rest, expires: expired ? NOON : null }),
            ),
          ),
        }),
      ),
    }),
  );
}

/** The slow and obvious evaluator: 'allow', 'deny 403', 'deny 421' or 'authenticate FLOW'. */
function reference(
  given: readonly RouteSpec[],
  asked: { authority: string; target: string; method: string; signedIn: boolean },
): string {
  const labels = asked.authority.split('.');
  const wild = ['*', ...labels.slice(1)].join('.');
  const route =
    given.find((r) => r.host === asked.authority) ??
    given.find((r) => labels.length > 1 && r.host === wild);
  if (route === undefined) return 'deny 421';
  const method = asked.method === 'HEAD' ? 'GET' : asked.method;
  const allowed = route.rules.filter((r) => r.methods === null || r.methods.includes(method));
  const pick = (path: string, read: (pattern: string) => string): RuleSpec | undefined => {
    const best = slowMatch(
      allowed.map((r) => read(r.pattern)),
      path,
    );
    return allowed.find((r) => read(r.pattern) === best);
  };
  const rules = new Set([
    pick(asked.target, (p) => p),
    pick(asked.target.toLowerCase().replaceAll('./', '/'), (p) => p.toLowerCase()),
  ]);
  rules.delete(undefined);
  const applying = [...rules] as RuleSpec[];
  if (applying.length === 0) return 'deny 403';
  if (applying.every((r) => r.public)) return 'allow';
  if (!asked.signedIn) return 'authenticate login';
  for (const rule of applying) {
    if (rule.public) continue;
    const real = rule.bindings.filter((b) => !b.dryRun);
    const said = (b: Spec) => !b.expired && b.says !== 'throws' && (b.says === 'yes') !== b.negate;
    const failed = real.filter((b) => !said(b));
    const passes =
      rule.match === 'any' && real.length > 0 ? failed.length < real.length : failed.length === 0;
    if (passes) continue;
    const remedies = failed.filter((b) => b.otherwise !== null);
    const hopeless = rule.match === 'all' ? remedies.length < failed.length : remedies.length === 0;
    return hopeless ? 'deny 403' : `authenticate ${remedies[0]?.otherwise}`;
  }
  return 'allow';
}

const summary = (d: Decision) =>
  d.kind === 'allow' ? 'allow' : d.kind === 'deny' ? `deny ${d.status}` : `authenticate ${d.flow}`;

describe('decisions over random tables', () => {
  it('are those of the slow and obvious evaluator, always with a reason', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(routeSpecs, fc.array(asks, { minLength: 4, maxLength: 4 }), (given, many) => {
        const routes = build(given);
        for (const { signedIn, ...asked } of many) {
          const decision = deciding(routes, asked, signedIn);
          const expected =
            asked.authority.includes(':') &&
            reference(given, { ...asked, authority: 'a.x', signedIn }) !== 'deny 421'
              ? 'deny 421'
              : reference(given, { ...asked, signedIn });
          expect(summary(decision)).toBe(expected);
          expect(decision.reasons.length).toBeGreaterThan(0);
          seen.set(expected, (seen.get(expected) ?? 0) + 1);
        }
      }),
      { numRuns: 5_000 },
    );
    // Every kind of answer was really met, or the comparison says nothing.
    for (const kind of [
      'allow',
      'deny 403',
      'deny 421',
      'authenticate login',
      'authenticate step-up',
    ]) {
      expect(seen.get(kind) ?? 0).toBeGreaterThan(20);
    }
  });

  it('never let anybody without a session past a rule that is not public', () => {
    fc.assert(
      fc.property(routeSpecs, asks, (given, asked) => {
        const decision = deciding(build(given), asked, false);
        expect(
          decision.kind !== 'allow' || (decision.visitor === null && decision.rule.public),
        ).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are no more open for a spelling that folds to the same path', () => {
    fc.assert(
      fc.property(routeSpecs, asks, (given, { signedIn, ...asked }) => {
        const routes = build(
          given.map((r) => ({ ...r, rules: r.rules.filter((rule) => rule.pattern !== '/A/**') })),
        );
        const plain = deciding(routes, { ...asked, target: foldPath(asked.target) }, signedIn);
        const spelled = deciding(
          routes,
          { ...asked, target: asked.target.toUpperCase() },
          signedIn,
        );
        const isCovered = 'rule' in plain && plain.rule !== null;
        expect(spelled.kind === 'allow' && isCovered && plain.kind !== 'allow').toBe(false);
      }),
      { numRuns: 3_000 },
    );
  });

  it('change nothing and are the same twice', () => {
    fc.assert(
      fc.property(routeSpecs, asks, (given, { signedIn, ...asked }) => {
        const table = routeTable(build(given));
        const input = Object.freeze({
          table,
          site,
          facts: Object.freeze(someFacts(asked)),
          visitor: signedIn ? visitor : null,
          signals: Object.freeze({}),
          now: NOON,
        });
        expect(decide(input)).toEqual(decide(input));
      }),
    );
  });
});
