/** Random tables against an evaluator that is slow and obvious, and laws that hold over all of them. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decidingFor, site } from '../../../test/support/deciding.ts';
import { aSession, aUser, NOON, someFacts } from '../../../test/support/policy-input.ts';
import { slowMatch } from '../../../test/support/slow-matcher.ts';
import { aRoute, aRule } from '../../../test/support/tables.ts';
import { foldReading } from '../request/readings.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import type { Binding, PolicySet } from '../policy/policy.ts';
import { type Route, routeTable } from '../routes/route.ts';

const HOUR = 3_600_000;
/** Signed in two hours ago, proved again one hour ago. */
const session = aSession({
  createdAt: NOON - 2 * HOUR,
  proofs: [
    { method: 'password', at: NOON - 2 * HOUR },
    { method: 'totp', at: NOON - HOUR },
  ],
});
const visitor = { session, user: aUser() };
const deciding = decidingFor(visitor);

/** What a binding is made of, for both evaluators. */
interface Spec {
  /** What its policy says, or the group that replaces it. */
  readonly says: 'yes' | 'no' | 'throws' | GateSpec;
  readonly negate: boolean;
  readonly dryRun: boolean;
  readonly otherwise: string | null;
  readonly expired: boolean;
  readonly blind: boolean;
}
interface GateSpec {
  readonly match: 'all' | 'any';
  readonly bindings: readonly Spec[];
}
interface RuleSpec extends GateSpec {
  readonly pattern: string;
  readonly methods: readonly string[] | null;
  readonly public: boolean;
  readonly closed: boolean;
  readonly publicIf: GateSpec | null;
  readonly maxAge: number | null;
  readonly factorAge: number | null;
}
interface RouteSpec {
  readonly host: string;
  readonly rules: readonly RuleSpec[];
}

const rare = <T>(value: T, otherwise: T) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(otherwise) },
    { weight: 1, arbitrary: fc.constant(value) },
  );
const matches = fc.constantFrom('all' as const, 'any' as const);
const { specs, groups } = fc.letrec<{ specs: Spec; groups: GateSpec }>((tie) => ({
  groups: fc.record({
    match: matches,
    bindings: fc.array(tie('specs'), { minLength: 1, maxLength: 3 }),
  }),
  specs: fc.record({
    says: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      {
        weight: 4,
        arbitrary: fc.constantFrom(
          'yes' as const,
          'yes' as const,
          'no' as const,
          'throws' as const,
        ),
      },
      { weight: 1, arbitrary: tie('groups') },
    ),
    negate: rare(true, false),
    dryRun: rare(true, false),
    otherwise: fc.constantFrom(null, 'step-up', 'step-up', 'consent'),
    expired: rare(true, false),
    blind: rare(true, false),
  }),
}));
const ages = fc.constantFrom(null, null, null, HOUR, HOUR + 1, 2 * HOUR, 2 * HOUR + 1);
const ruleSpecs: fc.Arbitrary<RuleSpec> = fc.record<RuleSpec>({
  pattern: fc.constantFrom(
    '/**',
    '/**',
    '/**',
    '/a/**',
    '/a/b',
    '/*',
    '/a/*',
    '/A/**',
    '/b',
    '/a/*/c',
  ),
  methods: fc.constantFrom(null, null, ['GET'], ['POST', 'PUT']),
  public: rare(true, false),
  closed: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
  publicIf: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: groups }),
  match: matches,
  bindings: fc.array(specs, { maxLength: 3 }),
  maxAge: ages,
  factorAge: ages,
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
  { minLength: 1, maxLength: 3, selector: (route) => route.host },
);
const asks = fc.record({
  authority: fc.constantFrom('a.x', 'a.x', 'a.x', 'b.x', 'b.x', 'c.x', 'x', 'a.b.x', 'a.x:81'),
  target: fc.constantFrom('/', '/a', '/a/', '/A', '/a/b', '/A/b', '/a/b/c', '/a./b', '/b', '/c/d'),
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE'),
  signedIn: rare(false, true),
});

function binding({ says, expired, blind, ...rest }: Spec): Binding {
  return {
    name: 'test',
    evaluate:
      typeof says === 'object'
        ? gate(says)
        : () => {
            if (says === 'throws') throw new Error('broken');
            return { pass: says === 'yes', reason: { code: `test/${says}` } };
          },
    expires: expired ? NOON : null,
    needs: blind && typeof says === 'string' ? ['geo'] : [],
    field: null,
    at: 'here',
    line: '',
    ...rest,
  };
}

function gate({ match, bindings }: GateSpec): PolicySet {
  return { match, bindings: bindings.map(binding) };
}

function build(given: readonly RouteSpec[]): Route[] {
  return given.map(({ host, rules }) =>
    aRoute({
      id: host,
      hosts: [{ name: host, ports: [0] }],
      rules: rules.map(({ match, bindings, publicIf, ...rule }) =>
        aRule({
          ...rule,
          // The linker refuses conditions on paths that are public or closed.
          publicIf: publicIf === null || rule.public || rule.closed ? null : gate(publicIf),
          policies: gate({ match, bindings }),
        }),
      ),
    }),
  );
}

/** `flaw`: it could not be evaluated, or its time is over. */
interface Outcome {
  readonly yes: boolean;
  readonly flaw: boolean;
  /** Flow that would help; null for none. */
  readonly remedy: string | null;
}

function gateSays({ match, bindings }: GateSpec): Outcome {
  const real = bindings.filter((b) => !b.dryRun).map(bindingSays);
  const noes = real.filter((outcome) => !outcome.yes);
  const yes =
    real.length === 0 || (match === 'all' ? noes.length === 0 : noes.length < real.length);
  const helped = noes.filter((outcome) => outcome.remedy !== null);
  const isHelped = match === 'all' ? helped.length === noes.length : helped.length > 0;
  const remedy = isHelped ? (helped[0]?.remedy ?? null) : null;
  return { yes, flaw: noes.some((outcome) => outcome.flaw), remedy };
}

function bindingSays({ says, negate, otherwise, expired, blind }: Spec): Outcome {
  if (expired) return { yes: false, flaw: true, remedy: null };
  if (typeof says === 'string') {
    if (blind || says === 'throws') return { yes: false, flaw: true, remedy: null };
    return { yes: (says === 'yes') !== negate, flaw: false, remedy: otherwise };
  }
  const group = gateSays(says);
  if (negate) {
    const yes = !group.yes && !group.flaw;
    return { yes, flaw: group.flaw, remedy: group.flaw ? null : otherwise };
  }
  const flaw = !group.yes && group.flaw;
  return { yes: group.yes, flaw, remedy: group.remedy ?? (flaw ? null : otherwise) };
}

/** Whether a rule lets all visitors pass. */
function opens({ public: isPublic, publicIf }: RuleSpec): boolean {
  if (isPublic || publicIf === null) return isPublic;
  return publicIf.bindings.some((b) => !b.dryRun) && gateSays(publicIf).yes;
}

/** The slow and obvious evaluator: 'allow', 'deny 403', 'deny 421' or 'authenticate FLOW'. */
function reference(
  given: readonly RouteSpec[],
  request: { authority: string; target: string; method: string; signedIn: boolean },
): string {
  const labels = request.authority.split('.');
  const wild = ['*', ...labels.slice(1)].join('.');
  const route =
    given.find((r) => r.host === request.authority) ??
    given.find((r) => labels.length > 1 && r.host === wild);
  if (route === undefined) return 'deny 421';
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const allowed = route.rules.filter((r) => r.methods === null || r.methods.includes(method));
  const pick = (path: string, read: (pattern: string) => string): RuleSpec | undefined => {
    const best = slowMatch(
      allowed.map((r) => read(r.pattern)),
      path,
    );
    return allowed.find((r) => read(r.pattern) === best);
  };
  const rules = new Set(
    [request.target, request.target.replaceAll('./', '/')].flatMap((path) => [
      pick(path, (p) => p),
      pick(path.toLowerCase(), (p) => p.toLowerCase()),
    ]),
  );
  if (rules.has(undefined)) return 'deny 403';
  const applying = [...rules] as RuleSpec[];
  if (applying.some((r) => r.closed)) return 'deny 403';
  if (applying.every(opens)) return 'allow';
  if (!request.signedIn) return 'authenticate login';
  const answers = applying.map((rule) => {
    if (opens(rule)) return 'allow';
    const { yes, remedy } = gateSays(rule);
    const isStale =
      (rule.maxAge !== null && rule.maxAge <= 2 * HOUR) ||
      (rule.factorAge !== null && rule.factorAge <= HOUR);
    if (yes) return isStale ? 'authenticate login' : 'allow';
    if (remedy === null) return 'deny 403';
    return `authenticate ${isStale ? 'login' : remedy}`;
  });
  // No remedy is offered that ends in a refusal.
  if (answers.includes('deny 403')) return 'deny 403';
  return answers.find((answer) => answer !== 'allow') ?? 'allow';
}

const summary = (d: Decision) =>
  d.kind === 'allow' ? 'allow' : d.kind === 'deny' ? `deny ${d.status}` : `authenticate ${d.flow}`;

describe('decisions over random tables', () => {
  it('are those of a simple reference evaluator, always with a reason', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(routeSpecs, fc.array(asks, { minLength: 20, maxLength: 20 }), (given, many) => {
        const routes = build(given);
        for (const { signedIn, ...request } of many) {
          const decision = deciding(routes, request, signedIn);
          const expected =
            request.authority.includes(':') &&
            reference(given, { ...request, authority: 'a.x', signedIn }) !== 'deny 421'
              ? 'deny 421'
              : reference(given, { ...request, signedIn });
          expect(summary(decision)).toBe(expected);
          expect(decision.reasons.length).toBeGreaterThan(0);
          seen.set(expected, (seen.get(expected) ?? 0) + 1);
        }
      }),
    );
    // Every kind of answer was really met, or the comparison says nothing.
    for (const kind of [
      'allow',
      'deny 403',
      'deny 421',
      'authenticate login',
      'authenticate step-up',
    ]) {
      expect(seen.get(kind) ?? 0).toBeGreaterThan(0);
    }
  });

  it('never allow a rule without a session unless it is public or its condition passes', () => {
    fc.assert(
      fc.property(routeSpecs, asks, (given, request) => {
        const decision = deciding(build(given), request, false);
        if (decision.kind !== 'allow') return;
        expect(decision.visitor).toBeNull();
        for (const rule of decision.rules) {
          const condition = decision.conditions.find((one) => one.rule === rule);
          expect(rule.public || condition?.isOpen === true).toBe(true);
        }
      }),
    );
  });

  it('are the same for all visitors if one rule is closed', () => {
    fc.assert(
      fc.property(routeSpecs, asks, (given, request) => {
        const routes = build(given);
        const decision = deciding(routes, request, true);
        if (!decision.rules.some((rule) => rule.closed)) return;
        expect(decision.reasons).toEqual([{ code: 'path/closed' }]);
        expect({ ...deciding(routes, request, false), visitor }).toEqual({ ...decision, visitor });
      }),
    );
  });

  it('are no less open to a signed-in visitor than to an anonymous one', () => {
    fc.assert(
      fc.property(routeSpecs, asks, (given, request) => {
        const routes = build(given);
        if (deciding(routes, request, false).kind !== 'allow') return;
        expect(deciding(routes, request, true).kind).toBe('allow');
      }),
    );
  });

  it('are never more open with an error in a condition than without the condition', () => {
    fc.assert(
      fc.property(routeSpecs, asks, fc.boolean(), (given, { signedIn, ...request }, negate) => {
        const faulty: Spec = {
          says: 'throws',
          negate,
          dryRun: false,
          otherwise: null,
          expired: false,
          blind: false,
        };
        const withCondition = (publicIf: GateSpec | null) =>
          build(given.map((r) => ({ ...r, rules: r.rules.map((one) => ({ ...one, publicIf })) })));
        const broken = withCondition({ match: 'all', bindings: [faulty] });
        expect(summary(deciding(broken, request, signedIn))).toBe(
          summary(deciding(withCondition(null), request, signedIn)),
        );
      }),
    );
  });

  it('are no more open for a spelling that folds to the same path', () => {
    fc.assert(
      fc.property(routeSpecs, asks, (given, { signedIn, ...request }) => {
        const routes = build(
          given.map((r) => ({ ...r, rules: r.rules.filter((rule) => rule.pattern !== '/A/**') })),
        );
        const plain = deciding(
          routes,
          { ...request, target: foldReading(request.target) },
          signedIn,
        );
        const spelled = deciding(
          routes,
          { ...request, target: request.target.toUpperCase() },
          signedIn,
        );
        const isCovered = 'rule' in plain && plain.rule !== null;
        expect(spelled.kind === 'allow' && isCovered && plain.kind !== 'allow').toBe(false);
      }),
    );
  });

  it('are the same each time and change nothing', () => {
    fc.assert(
      fc.property(routeSpecs, asks, (given, { signedIn, ...request }) => {
        const table = routeTable(build(given));
        const input = Object.freeze({
          table,
          site,
          facts: Object.freeze(someFacts(request)),
          visitor: signedIn ? visitor : null,
          signals: Object.freeze({}),
          now: NOON,
        });
        expect(decide(input)).toEqual(decide(input));
      }),
    );
  });
});
