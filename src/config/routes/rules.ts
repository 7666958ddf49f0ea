/**
 * Links the rules of one route: canonical patterns, inherited options, and no two rules that match
 * the same request. There is always a rule for `/**`.
 */
import { NO_POLICIES, type PolicySet } from '../../core/policy/policy.ts';
import type { Passage } from '../../core/routes/passage.ts';
import type { Rule } from '../../core/routes/route.ts';
import { formatPath } from '../faults/fault.ts';
import { linkCredentials } from './accepts.ts';
import { linkExpression, MAX_EXPRESSIONS } from './path-expression.ts';
import { linkPattern } from './pattern.ts';
import { checkTwins } from './twins.ts';
import type { BindingContext } from '../policies/binding-context.ts';
import type { PolicyLinker } from '../policies/policies.ts';
import type { PathConfig, RouteConfig } from '../schema/schema.ts';
import type { Passages } from './passages.ts';
import { below, blame, lineOf, type Spot } from '../faults/spot.ts';

/** What rules are linked with. */
export interface RuleTools {
  readonly policies: PolicyLinker;
  readonly context: BindingContext;
  /** Notes a flow that must sign users in. */
  readonly signIn: (flow: string, spot: Spot) => void;
  /** Notes a flow that must sign in users again who are signed in. */
  readonly renewal: (flow: string, spot: Spot) => void;
  /** Notes a flow that a password alone replaces. */
  readonly replaced: (flow: string, spot: Spot) => void;
}

/** All rules of a route, in the order in which those with one pattern are tried. */
export function linkRules(
  route: RouteConfig,
  passages: Passages,
  spot: Spot,
  tools: RuleTools,
): readonly Rule[] {
  tools.signIn(route.flow, below(spot, 'flow'));
  noteAges(route, route.flow, spot, tools);
  const { id, flow } = route;
  const credentials = linkCredentials(route, { inherited: {}, paths: route.paths }, spot);
  notePasswords(credentials, flow, spot, tools);
  const own: Rule = {
    name: id,
    pattern: '/**',
    expression: null,
    methods: null,
    public: false,
    closed: false,
    publicIf: linkCondition(route, spot, tools),
    flow,
    policies: linkOwn(route.policies, route.match, spot, tools),
    maxAge: route.max_age ?? null,
    factorAge: route.factor_age ?? null,
    ...credentials,
    passage: passages.own,
    at: formatPath(spot.path),
    line: lineOf(spot),
  };
  const rules: Rule[] = [];
  for (const [index, path] of route.paths.entries()) {
    const at = below(spot, 'paths', index);
    const passage = passages.paths[index] ?? passages.own;
    const rule = linkPath({ route, own, path, passage }, at, tools);
    if (rule === null) continue;
    checkTwins(rule, rules, below(at, rule.expression === null ? 'path' : 're'));
    rules.push(rule);
  }
  checkCount(rules, spot);
  if (!rules.some((rule) => rule.pattern === '/**' && rule.methods === null)) rules.push(own);
  return rules.sort((a, b) => rankOf(a) - rankOf(b));
}

/** Expressions are tried before `/**`, and of rules with one pattern, those that name methods first. */
function rankOf({ expression, methods }: Rule): number {
  return (expression === null ? 2 : 0) + (methods === null ? 1 : 0);
}

function checkCount(rules: readonly Rule[], spot: Spot): void {
  const excess = rules.filter(({ expression }) => expression !== null)[MAX_EXPRESSIONS];
  if (excess === undefined) return;
  blame(below(spot, 'paths'), `a route can have ${MAX_EXPRESSIONS} rules with \`re\``);
}

/** What the rule of a path is made of: `own` is the rule of the whole route. */
interface PathParts {
  readonly route: RouteConfig;
  readonly own: Rule;
  readonly path: PathConfig;
  readonly passage: Passage;
}

/** The rule of a path; null if its pattern has a fault, which is noted. */
function linkPath(
  { route, own, path, passage }: PathParts,
  at: Spot,
  tools: RuleTools,
): Rule | null {
  const matched = linkMatcher(path, at);
  const methods = path.methods === undefined ? null : linkMethods(path.methods, at);
  if (path.flow !== undefined) tools.signIn(path.flow, below(at, 'flow'));
  noteAges(path, path.flow ?? route.flow, at, tools);
  // The path inherits the ages of the route, but has a flow of its own.
  const isAged = route.max_age !== undefined || route.factor_age !== undefined;
  if (path.flow !== undefined && isAged) tools.renewal(path.flow, below(at, 'flow'));
  checkEffects(path, at);
  const credentials = linkCredentials(path, { inherited: route, paths: [] }, at);
  // A path that inherits both has the fault of its route.
  if (path.flow !== undefined || own.accepts?.passwords !== true) {
    notePasswords(credentials, path.flow ?? route.flow, at, tools);
  }
  const match = path.match ?? route.match;
  const gate =
    path.policies === undefined
      ? { match, bindings: own.policies.bindings }
      : linkOwn(path.policies, match, at, tools);
  const condition = linkCondition(path, at, tools);
  // Whether the path states for itself who may open it. `public: false` does: it asks for a session.
  const stated = [path.public_if, path.policies, path.public, path.closed];
  const isOwn = stated.some((option) => option !== undefined);
  const isFixed = path.public === true || path.closed === true;
  if (matched === null) return null;
  return {
    name: `${route.id} ${matched.pattern}${methods === null ? '' : ` ${methods.join(',')}`}`,
    ...matched,
    methods,
    public: path.public === true,
    closed: path.closed === true,
    publicIf: isFixed ? null : isOwn ? condition : own.publicIf,
    flow: path.flow ?? route.flow,
    policies: isFixed ? NO_POLICIES : gate,
    maxAge: path.max_age ?? own.maxAge,
    factorAge: path.factor_age ?? own.factorAge,
    ...credentials,
    passage,
    at: formatPath(at.path),
    line: lineOf(at),
  };
}

function notePasswords(
  { accepts }: Pick<Rule, 'accepts'>,
  flow: string,
  spot: Spot,
  { replaced }: RuleTools,
): void {
  if (accepts?.passwords === true) replaced(flow, below(spot, 'basic_passwords'));
}

/** The paths that a rule is for; null if their description has a fault, which is noted. */
function linkMatcher(
  { path, re }: PathConfig,
  at: Spot,
): Pick<Rule, 'pattern' | 'expression'> | null {
  if (path !== undefined && re !== undefined) {
    blame(below(at, 're'), 'a rule has either `path` or `re`', null, 'key');
    return null;
  }
  if (re !== undefined) {
    const expression = linkExpression(re, below(at, 're'));
    return expression === null ? null : { pattern: re, expression };
  }
  if (path === undefined) {
    blame(at, 'missing `path` or `re`', '"path: /admin/**"');
    return null;
  }
  const pattern = linkPattern(path, below(at, 'path'));
  return pattern === null ? null : { pattern, expression: null };
}

function linkOwn(
  list: RouteConfig['policies'],
  match: PolicySet['match'],
  at: Spot,
  { policies, context }: RuleTools,
): PolicySet {
  return policies.link(list, match, below(at, 'policies'), context).gate;
}

/** The policies that open the rule without a session; null for none. */
function linkCondition(
  { public_if: list = [] }: Pick<RouteConfig, 'public_if'>,
  at: Spot,
  { policies, context }: RuleTools,
): PolicySet | null {
  if (list.length === 0) return null;
  const { prefix } = context;
  const remedy = 'has no effect in public_if: if that fails, a session is needed as without it';
  const condition = { prefix, remedy, isCondition: true } as const;
  return policies.link(list, 'all', below(at, 'public_if'), condition).gate;
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

const METHOD = /^[A-Z][A-Z-]{0,23}$/;
const NEVER = new Set(['CONNECT', 'TRACE', 'TRACK']);

function linkMethods(methods: readonly string[], at: Spot): readonly string[] {
  for (const [index, method] of methods.entries()) {
    const spot = below(at, 'methods', index);
    if (!METHOD.test(method)) {
      const upper = METHOD.test(method.toUpperCase()) ? `"${method.toUpperCase()}"` : null;
      blame(spot, 'expected a method such as GET', upper);
    } else if (NEVER.has(method)) blame(spot, `${method} is never served`);
    else if (method === 'HEAD') blame(spot, 'GET includes HEAD', '"GET"');
    else if (methods.indexOf(method) < index)
      blame(spot, `duplicate method ${method}; remove one of them`);
  }
  return methods;
}

const SESSION_KEYS = [
  'public_if',
  'policies',
  'match',
  'flow',
  'max_age',
  'factor_age',
  'tokens',
] as const satisfies readonly (keyof PathConfig)[];

const PASSAGE_KEYS = [
  'upstream',
  'strip_prefix',
  'add_prefix',
] as const satisfies readonly (keyof PathConfig)[];

/** A path that is open or closed to all visitors has no use for keys about sessions. */
function checkEffects(path: PathConfig, at: Spot): void {
  const noEffect = (keys: readonly (keyof PathConfig)[], meaning: string): void => {
    for (const key of keys) {
      if (path[key] === undefined) continue;
      blame(below(at, key), `has no effect on a ${meaning}`, null, 'key');
    }
  };
  if (path.closed === true) {
    noEffect(
      ['public', 'accepts', ...SESSION_KEYS, ...PASSAGE_KEYS],
      'closed path, which is denied to all visitors',
    );
  } else if (path.public === true) {
    noEffect(SESSION_KEYS, 'public path, which is open without a session');
  }
}
