/**
 * The rules of one route: canonical patterns, inheritance, and no two rules that could both
 * win. There is always a rule for `/**`.
 */
import { canonicalPath, foldPath } from '../../core/request/path.ts';
import { isRefusal, type Refusal } from '../../core/request/refusal.ts';
import { OPEN_GATE } from '../../core/access/policy.ts';
import type { Rule } from '../../core/access/route.ts';
import { formatPath } from '../faults/fault.ts';
import type { GateLinker, GatePlace } from '../policies/policies.ts';
import type { PathConfig, RouteConfig } from '../schema/schema.ts';
import { below, blame, lineOf, type Spot } from '../faults/spot.ts';

/** What rules are linked with. */
export interface RuleTools {
  readonly gates: GateLinker;
  readonly place: GatePlace;
  /** Takes note of a flow that must sign people in. */
  readonly signIn: (flow: string, spot: Spot) => void;
  /** Takes note of a flow that must sign in again whoever is signed in. */
  readonly renewal: (flow: string, spot: Spot) => void;
}

/** All rules of a route, those that name methods before those that do not under one pattern. */
export function linkRules(route: RouteConfig, spot: Spot, tools: RuleTools): readonly Rule[] {
  tools.signIn(route.flow, below(spot, 'flow'));
  noteAges(route, route.flow, spot, tools);
  const own = tools.gates.gate(
    route.policies,
    route.match,
    below(spot, 'policies'),
    tools.place,
  ).gate;
  const rules: Rule[] = [];
  for (const [index, path] of route.paths.entries()) {
    const at = below(spot, 'paths', index);
    const pattern = linkPattern(path.path, below(at, 'path'));
    const methods = path.methods === undefined ? null : linkMethods(path.methods, at);
    if (path.flow !== undefined) tools.signIn(path.flow, below(at, 'flow'));
    noteAges(path, path.flow ?? route.flow, at, tools);
    // Of the route's ages, with a flow of its own.
    const isAged = route.max_age !== undefined || route.factor_age !== undefined;
    if (path.flow !== undefined && isAged) tools.renewal(path.flow, below(at, 'flow'));
    checkPublic(path, at);
    const match = path.match ?? route.match;
    const gate =
      path.policies === undefined
        ? { match, bindings: own.bindings }
        : tools.gates.gate(path.policies, match, below(at, 'policies'), tools.place).gate;
    if (pattern === null) continue;
    const rule: Rule = {
      name: `${route.id} ${pattern}${methods === null ? '' : ` ${methods.join(',')}`}`,
      pattern,
      methods,
      public: path.public === true,
      flow: path.flow ?? route.flow,
      gate: path.public === true ? OPEN_GATE : gate,
      maxAge: path.max_age ?? route.max_age ?? null,
      factorAge: path.factor_age ?? route.factor_age ?? null,
      at: formatPath(at.path),
      line: lineOf(at),
    };
    checkTwins(rule, rules, below(at, 'path'));
    rules.push(rule);
  }
  if (!rules.some((rule) => rule.pattern === '/**' && rule.methods === null)) {
    const { id, flow } = route;
    rules.push({
      name: id,
      pattern: '/**',
      methods: null,
      public: false,
      flow,
      gate: own,
      maxAge: route.max_age ?? null,
      factorAge: route.factor_age ?? null,
      at: formatPath(spot.path),
      line: lineOf(spot),
    });
  }
  return rules.sort((a, b) => Number(a.methods === null) - Number(b.methods === null));
}

function noteAges(
  ages: Pick<RouteConfig, 'max_age' | 'factor_age'>,
  flow: string,
  at: Spot,
  { renewal }: RuleTools,
): void {
  for (const key of ['max_age', 'factor_age'] as const) {
    if (ages[key] !== undefined) renewal(flow, below(at, key));
  }
}

/** The canonical pattern, or null once its fault has been noted. */
function linkPattern(text: string, spot: Spot): string | null {
  const canonical = canonicalPath(text);
  if (isRefused(canonical)) {
    const meant = encodeURI(text.startsWith('/') ? text : `/${text}`);
    const hint = meant === text || typeof canonicalPath(meant) === 'object' ? null : `"${meant}"`;
    blame(spot, `${canonical.detail}; expected a path such as /admin/**`, hint);
    return null;
  }
  const segments = canonical.slice(1).split('/');
  if (canonical !== text) {
    blame(spot, 'this is not how such a path reaches a rule', `"${canonical}"`);
  } else if (segments.slice(0, -1).includes('**')) {
    blame(
      spot,
      '** may stand at the end alone; * stands for one segment',
      `"${text.replaceAll('**', '*')}"`,
    );
  } else if (segments.some((s) => s.includes('*') && s !== '*' && s !== '**')) {
    const prefix = /^(.*\/)?[^/*]+\*+$/.test(text) ? `"${text.replace(/\*+$/, '')}/**"` : null;
    blame(spot, 'a * stands for one whole segment, or /** at the end for all below', prefix);
  } else if (segments.length > 1 && segments.at(-1) === '') {
    const bare = canonical.slice(0, -1);
    const hint = `"${bare}/**" for all below, or "${bare}" for itself`;
    blame(spot, 'a path ends without a slash', hint);
  } else {
    return canonical;
  }
  return null;
}

function isRefused(path: string | Refusal): path is Refusal {
  return typeof path === 'object' && isRefusal(path);
}

const METHOD = /^[A-Z][A-Z-]{0,23}$/;
const NEVER = new Set(['CONNECT', 'TRACE', 'TRACK']);

function linkMethods(methods: readonly string[], at: Spot): readonly string[] {
  for (const [index, method] of methods.entries()) {
    const spot = below(at, 'methods', index);
    if (!METHOD.test(method)) {
      const upper = METHOD.test(method.toUpperCase()) ? `"${method.toUpperCase()}"` : null;
      blame(spot, 'expected a method such as GET', upper);
    } else if (NEVER.has(method)) blame(spot, `${method} is never served`);
    else if (method === 'HEAD') blame(spot, 'HEAD is judged as GET is', '"GET"');
    else if (methods.indexOf(method) < index) blame(spot, `${method} stands here twice`);
  }
  return methods;
}

function checkPublic(path: PathConfig, at: Spot): void {
  if (path.public !== true) return;
  for (const key of ['policies', 'match', 'flow', 'max_age', 'factor_age'] as const) {
    if (path[key] === undefined) continue;
    blame(
      below(at, key),
      'a public path is open to everybody: nothing is asked there',
      null,
      'key',
    );
  }
}

/** Two rules for one pattern, also when only case tells them apart, must have different methods. */
function checkTwins(rule: Rule, before: readonly Rule[], spot: Spot): void {
  for (const other of before) {
    const isSame = foldPath(other.pattern) === foldPath(rule.pattern);
    if (!isSame || !overlap(rule.methods, other.methods)) continue;
    const reads =
      other.pattern === rule.pattern ? 'this is' : `this reads like ${other.pattern} and is`;
    blame(spot, `${reads} ruled at ${other.at} already, for the same methods; keep one`);
    return;
  }
}

/** A rule for all methods and one for some do not compete: the one that names them wins. */
function overlap(a: readonly string[] | null, b: readonly string[] | null): boolean {
  if (a === null || b === null) return a === b;
  return a.some((method) => b.includes(method));
}
