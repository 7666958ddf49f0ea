/**
 * Which rules guard a request: the most specific host, then its port; then, for each reading of the
 * path, the most specific pattern, then the method. The table is built at load; a lookup takes
 * the same time for ten routes as for ten thousand.
 */
import type { IdentityHeaders } from '../people/identity.ts';
import type { RequestFacts } from '../request/facts.ts';
import { strictPath } from '../request/path.ts';
import { finish, type Steps } from '../values/steps.ts';
import type { Accepts } from './accepts.ts';
import {
  acceptsMethod,
  type Comparisons,
  comparisonsOf,
  hasExpression,
  type PathExpression,
  ruledBy,
  rulesBelow,
} from './comparisons.ts';
import type { Cors } from './cors.ts';
import { blockage, isDirect, type Passage, pathThrough, readingsWithout } from './passage.ts';
import { type HostOwner, hostPattern, type HostTable, hostTable } from './hosts.ts';
import type { AnswerRules } from './messages.ts';
import type { PolicySet } from '../policy/policy.ts';
import type { SignOutRules } from './sign-out.ts';
import { destinationOf, hostInDestination, isBinding, isTransfer } from './transfer.ts';
import type { UpstreamGroup } from './upstream.ts';

/** The requirements for one path of a route. */
export interface Rule {
  /** For reasons and logs: `wiki` or `wiki /admin/**`. */
  readonly name: string;
  /**
   * `/**`, `/assets/**`, `/x/*.y` or a literal; canonical, no trailing slash. The text of the
   * expression if there is one.
   */
  readonly pattern: string;
  /** Matches paths in place of the pattern. Null if the pattern does. */
  readonly expression: PathExpression | null;
  /** Upper case; null for every method. GET includes HEAD. */
  readonly methods: readonly string[] | null;
  /** No sign-in required. */
  readonly public: boolean;
  /** Denied to all visitors. */
  readonly closed: boolean;
  /** If these policies pass, no sign-in is required. Null if there are none. */
  readonly publicIf: PolicySet | null;
  /** The flow that signs users in. */
  readonly flow: string;
  readonly policies: PolicySet;
  /**
   * The session must have begun less than this long ago, in milliseconds. Null: only the session's
   * own end applies.
   */
  readonly maxAge: number | null;
  /**
   * The user must have proved a method less than this long ago, in milliseconds; null for no limit.
   */
  readonly factorAge: number | null;
  /** Null: sessions alone. */
  readonly accepts: Accepts | null;
  /** A token satisfies both ages, and policies about methods. */
  readonly tokensSuffice: boolean;
  /** Where requests go. */
  readonly passage: Passage;
  /** Configuration path: `routes[0].paths[1]`. */
  readonly at: string;
  /** The location as `config/doorward.yaml:12:5`; `''` if it is in no file. */
  readonly line: string;
}

/** One protected app. */
export interface Route {
  readonly id: string;
  /** Shown on the portal and during a sign-in. */
  readonly title: string;
  /** Canonical hosts or patterns, with the ports that the operator configured. */
  readonly hosts: readonly RouteHost[];
  /** Where the app runs, unless a path has an upstream of its own; null for forward-auth only. */
  readonly upstream: UpstreamGroup | null;
  readonly answers: AnswerRules;
  /** What the app receives about the user. */
  readonly identity: IdentityHeaders;
  /** Remove an Authorization field that was, or could be, meant for Doorward. */
  readonly takesAuthorization: boolean;
  /** Other origins that may open websockets, such as `https://other.example.com`. */
  readonly origins: readonly string[];
  /** Pages of other origins that may call the app; null for none. */
  readonly cors: Cors | null;
  readonly signOut: SignOutRules;
  // Contains at least the rule `/**`.
  readonly rules: readonly Rule[];
  /** Refuse every path that has more than one reading, and send the canonical one to the app. */
  readonly strictPaths: boolean;
  /** File names such as `index.php`, behind which the app reads the rest of the path as a path. */
  readonly frontControllers: readonly string[];
  /** The prefixes that its rules cut off: what is left has readings of its own. */
  readonly prefixes: readonly string[];
  /** Send the client's Host header to the upstream instead of the upstream's own. */
  readonly preserveHost: boolean;
}

/** A host that a route serves. */
export interface RouteHost {
  /**
   * Lower case, no trailing dot: `wiki.example.com`, or a pattern of one label before a suffix:
   * `*`, `app-*`, `{user}` or `{group}`.
   */
  readonly name: string;
  /** Ports accepted in the request's authority. 0 means none stated, or the scheme's default. */
  readonly ports: readonly number[];
}

/** A route with the rules that must all pass: those of every reading of the path. */
export interface Match {
  readonly route: Route;
  /** Whom the first label of the host must name; null for no one. */
  readonly owner: HostOwner | null;
  /** Empty if there is no rule for some reading. */
  readonly rules: readonly Rule[];
  /** The readings, each with its rule; empty if there is only the path as sent. */
  readonly readings: readonly RuledReading[];
}

/** A reading of the path (request/readings.ts), and the rule that it falls under. */
export interface RuledReading {
  readonly path: string;
  readonly rule: Rule | null;
}

/** Why no rule was looked up. */
export interface NoMatch {
  readonly refused: string;
  readonly status: 400 | 404 | 421;
  readonly detail?: string;
}

/** The compiled routes. */
export interface RouteTable {
  readonly routes: readonly Route[];
  /** The route and rules for a request, or why there are none. */
  find(facts: RequestFacts): Match | NoMatch;
  /** The route that serves this canonical host and port, if any. */
  hosted(host: string, port: number): Route | null;
}

interface Entry {
  readonly route: Route;
  readonly ports: readonly number[];
  readonly owner: HostOwner | null;
  readonly comparisons: Comparisons<Rule>;
  /** All comparisons share one tree, and no front controller adds readings. */
  readonly isUniform: boolean;
  /** The match of every path of a route with one rule for all methods. */
  readonly only: Match | null;
  /** All paths go to the root of one upstream as they were sent. */
  readonly isDirect: boolean;
}

const NO_READINGS: readonly RuledReading[] = [];
const UNKNOWN_HOST: NoMatch = { refused: 'host/unknown', status: 421 };
const WRONG_PORT: NoMatch = { refused: 'host/port', status: 421 };
const NO_DESTINATION: NoMatch = {
  refused: 'path/destination',
  status: 400,
  detail: 'needs one Destination: an absolute path or an http URL',
};
const OTHER_DESTINATION: NoMatch = {
  refused: 'path/destination',
  status: 400,
  detail: 'the app receives another path, but the same Destination',
};
const IN_BODY: NoMatch = {
  refused: 'path/destination',
  status: 400,
  detail: 'this method names another path in its body, which is not read',
};
const OTHER_HOST: NoMatch = {
  refused: 'path/destination',
  status: 400,
  detail: 'Destination names another host that is served here',
};
const UNREADABLE: NoMatch = { refused: 'path/readings', status: 400 };

/** Compiles routes. The caller has made sure that no two of them are ambiguous. */
export function routeTable(routes: readonly Route[]): RouteTable {
  return finish(routeTableSteps(routes));
}

/** The work of `routeTable`, with one step per route. */
export function* routeTableSteps(routes: readonly Route[]): Steps<RouteTable> {
  const hosts = hostTable<Entry>();
  for (const route of routes) {
    const rules = compiled(route);
    for (const { name, ports } of route.hosts) {
      const { owner = null, suffix = '' } = hostPattern(name) ?? {};
      if (owner === null) hosts.add(name, entryOf(rules, ports, null));
      else {
        for (const port of ports) {
          hosts.add(name, entryOf(rules, [port], ownerAt(route, suffix, port)));
        }
      }
    }
    yield;
  }
  return {
    routes,
    find(facts) {
      const entries = hosts.find(facts.host);
      if (entries === null) return UNKNOWN_HOST;
      const entry = entryAt(entries, facts.port);
      if (entry === null) return WRONG_PORT;
      const { route } = entry;
      const path = route.strictPaths ? strictPath(facts.path) : facts.path;
      if (typeof path !== 'string') {
        return { refused: path.code, status: 400, detail: path.detail };
      }
      const isMove = isTransfer(facts.method);
      // Of several, an app with one rule could take one that leads away.
      if (isMove && facts.header('destination') === null) return NO_DESTINATION;
      if (isMove && leadsAway(hosts, entry, facts)) return OTHER_HOST;
      if (entry.only !== null && entry.isDirect) return entry.only;
      if (isMove) return transferMatch(entry, path, facts);
      if (entry.only === null && isBinding(facts.method)) return IN_BODY;
      if (facts.isPlain && entry.isUniform && !CASED.test(path)) {
        const match = entry.only ?? plainMatch(entry, path, facts.method);
        return entry.isDirect ? match : passable(match, path, [path]);
      }
      const readings = readingsWithout(path, route.prefixes, route.frontControllers);
      if (readings === null) return UNREADABLE;
      const match = entry.only ?? matchOf(entry, readings, facts.method);
      if (match === null) return UNREADABLE;
      return entry.isDirect ? match : passable(match, path, readings);
    },
    hosted(host, port) {
      const entries = hosts.find(host);
      return entries === null ? null : (entryAt(entries, port)?.route ?? null);
    },
  };
}

function entryAt(entries: readonly Entry[], port: number): Entry | null {
  for (const entry of entries) if (entry.ports.includes(port)) return entry;
  return null;
}

/** What all hosts of a route share. */
type Compiled = Omit<Entry, 'ports' | 'owner'>;

function compiled(route: Route): Compiled {
  const comparisons = comparisonsOf(route.rules);
  const isOneTree = new Set(comparisons.map(({ tree }) => tree)).size === 1;
  const passages = [...new Set(route.rules.map(({ passage }) => passage))];
  return {
    route,
    comparisons,
    isUniform: isOneTree && route.frontControllers.length === 0 && !route.rules.some(hasExpression),
    only: onlyMatch(route),
    isDirect: passages.length === 1 && passages.every(isDirect),
  };
}

/** The prefixes that rules cut off, each once. */
export function prefixesOf(rules: readonly Rule[]): readonly string[] {
  const prefixes = new Set(rules.map(({ passage }) => passage.stripPrefix));
  return [...prefixes].filter((prefix) => prefix !== '');
}

/** The match, unless its readings lead to different apps, or out of the part of an app that is meant. */
function passable(match: Match, path: string, readings: readonly string[]): Match | NoMatch {
  const passages = match.rules.map(({ passage }) => passage);
  return blockage(passages, path, readings) ?? match;
}

function entryOf(rules: Compiled, ports: readonly number[], owner: HostOwner | null): Entry {
  const only = rules.only === null || owner === null ? rules.only : { ...rules.only, owner };
  return { ...rules, only, ports, owner };
}

/** A route can serve `{user}` and `{group}` of one domain, even at different ports. */
function ownerAt({ hosts }: Route, suffix: string, port: number): HostOwner {
  const owners = hosts
    .filter(({ ports }) => ports.includes(port))
    .map(({ name }) => hostPattern(name))
    .flatMap((pattern) => (pattern?.suffix === suffix ? (pattern.owner ?? []) : []));
  if (!owners.includes('user')) return 'group';
  return owners.includes('group') ? 'user or group' : 'user';
}

function onlyMatch(route: Route): Match | null {
  const [rule, ...others] = route.rules;
  if (rule?.pattern !== '/**' || rule.methods !== null || others.length > 0) return null;
  return { route, owner: null, rules: [rule], readings: NO_READINGS };
}

/** Plain paths that programs may compare in more than one way. */
const CASED = /[A-Z]/;

/** The rule of a plain path in lower case, which all programs read and compare alike. */
function plainMatch({ route, owner, comparisons }: Entry, path: string, method: string): Match {
  const rule = comparisons[0].tree.find(path, (one) => acceptsMethod(one, method));
  return { route, owner, rules: rule === null ? [] : [rule], readings: NO_READINGS };
}

/** Most readings with their rules, which only a name that stands for many can exceed. */
const MAX_RULED = 512;

/** The rules of all readings, however the app compares names; null if there are too many. */
function matchOf(
  { route, owner, comparisons }: Entry,
  readings: readonly string[],
  method: string,
): Match | null {
  const ruled: RuledReading[] = [];
  for (const reading of readings) {
    ruled.push(...ruledBy(comparisons, reading, method));
    if (ruled.length > MAX_RULED) return null;
  }
  return matchedBy({ route, owner }, ruled);
}

/**
 * The rules that guard a request by `COPY` or `MOVE`: those of both of its paths, and of whatever is
 * below them, as collections are copied and moved whole.
 */
function transferMatch(
  { route, owner, comparisons }: Entry,
  path: string,
  { method, header }: RequestFacts,
): Match | NoMatch {
  const sent = destinationOf(header('destination'));
  const destination = sent !== null && route.strictPaths ? strictPath(sent) : sent;
  if (typeof destination !== 'string') return NO_DESTINATION;
  const ruled: RuledReading[] = [];
  const below = new Set<Rule>();
  for (const one of [path, destination]) {
    const readings = readingsWithout(one, route.prefixes, route.frontControllers);
    if (readings === null) return UNREADABLE;
    for (const reading of readings) {
      ruled.push(...ruledBy(comparisons, reading, method));
      for (const rule of rulesBelow(comparisons, reading, method)) below.add(rule);
      if (ruled.length + below.size > MAX_RULED) return UNREADABLE;
    }
  }
  for (const rule of below) ruled.push({ path: rule.pattern, rule });
  const match = matchedBy({ route, owner }, ruled);
  if (!match.rules.every(({ passage }) => isDirect(passage))) return OTHER_DESTINATION;
  return passable(match, path, [path]);
}

/**
 * Whether Destination names another host that is served here. An app behind several of them could
 * write to it, and the rules and owner of that host are not asked.
 */
function leadsAway(
  hosts: HostTable<Entry>,
  { route }: Entry,
  { host, scheme, header }: RequestFacts,
): boolean {
  const named = hostInDestination(header('destination'), scheme);
  if (named === null) return false;
  if (named === 'unreadable') return true;
  const entries = hosts.find(named.host);
  if (entries === null) return false;
  return named.host !== host || (entryAt(entries, named.port) ?? { route }).route !== route;
}

function matchedBy(
  { route, owner }: Pick<Match, 'route' | 'owner'>,
  ruled: readonly RuledReading[],
): Match {
  const rules = new Set(ruled.flatMap(({ rule }) => rule ?? []));
  const isRuled = ruled.every(({ rule }) => rule !== null);
  return { route, owner, rules: isRuled ? [...rules] : [], readings: ruled };
}

/**
 * The path below the upstream's base path: as sent, or the canonical one where only that is read,
 * with the prefixes of the rule's passage.
 */
export function pathForApp({ strictPaths }: Route, { passage }: Rule, sent: string): string {
  const strict = strictPaths ? strictPath(sent) : sent;
  return pathThrough(passage, typeof strict === 'string' ? strict : sent);
}
