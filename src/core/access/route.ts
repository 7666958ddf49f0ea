/**
 * Which rule guards a request: an exact host wins over a wildcard, then the most specific path
 * wins, then the method. The table is built at load; a lookup takes the same time for ten routes as
 * for ten thousand.
 */
import type { RequestFacts } from '../request/facts.ts';
import { foldPath } from '../request/path.ts';
import { finish, type Steps } from '../values/steps.ts';
import { type PathTree, pathTree } from './path-tree.ts';
import type { PolicySet } from './policy.ts';
import type { Upstream } from './upstream.ts';

/** The requirements for one path of a route. */
export interface Rule {
  /** For reasons and logs: `wiki` or `wiki /admin/**`. */
  readonly name: string;
  // `/**`, `/assets/**`, `/x/*/y` or a literal; canonical, no trailing slash.
  readonly pattern: string;
  /** Upper case; null for every method. GET includes HEAD. */
  readonly methods: readonly string[] | null;
  /** No sign-in required. */
  readonly public: boolean;
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
  /** Configuration path: `routes[0].paths[1]`. */
  readonly at: string;
  /** The location as `config/doorward.yaml:12:5`; `''` if it is in no file. */
  readonly line: string;
}

/** What an app's responses may contain beyond what is always harmless. */
export interface AnswerRules {
  /** `X-Accel-*` and `X-Sendfile`, which make a front proxy serve other files. */
  readonly internalRedirects: boolean;
  /** `Cache-Control: public` on protected paths. */
  readonly publicCache: boolean;
}

/** One protected app. */
export interface Route {
  readonly id: string;
  /** Shown on the portal and during a sign-in. */
  readonly title: string;
  /** Canonical hosts, exact or `*.suffix`, with the ports that the operator configured. */
  readonly hosts: readonly RouteHost[];
  /**
   * Where the app runs; empty for forward-auth only. A configuration currently names one at most.
   */
  readonly upstreams: readonly Upstream[];
  readonly answers: AnswerRules;
  /** Other origins that may open websockets, such as `https://other.example.com`. */
  readonly origins: readonly string[];
  // Contains at least the rule `/**`.
  readonly rules: readonly Rule[];
  /** Time limit for the upstream to start its response, in milliseconds. */
  readonly timeout: number;
  /** Send the client's Host header to the upstream instead of the upstream's own. */
  readonly preserveHost: boolean;
}

/** A host that a route serves. */
export interface RouteHost {
  /**
   * Lower case, no trailing dot: `wiki.example.com`, or `*.example.com`, in which `*` is one label.
   */
  readonly name: string;
  /** Ports accepted in the request's authority. 0 means none stated, or the scheme's default. */
  readonly ports: readonly number[];
}

/**
 * A route with the rules that must all pass: one, or two if the folded path matches another rule.
 */
export interface Match {
  readonly route: Route;
  readonly rules: readonly Rule[];
}

type Lookup = Match | { readonly refused: 'host/unknown' | 'host/port' };

/** The compiled routes. */
export interface RouteTable {
  readonly routes: readonly Route[];
  /** The route and rules for a request, or why there are none. */
  find(facts: RequestFacts): Lookup;
  /** The route that serves this canonical host and port, if any. */
  hosted(host: string, port: number): Route | null;
}

interface Entry {
  readonly route: Route;
  readonly ports: readonly number[];
  readonly exact: PathTree<Rule>;
  readonly folded: PathTree<Rule>;
}

/** Compiles routes. The caller has made sure that no two of them are ambiguous. */
export function routeTable(routes: readonly Route[]): RouteTable {
  return finish(routeTableSteps(routes));
}

/** The work of `routeTable`, with one step per route. */
export function* routeTableSteps(routes: readonly Route[]): Steps<RouteTable> {
  const hosts = new Map<string, Entry>();
  for (const route of routes) {
    const exact = pathTree(route.rules, (rule) => rule.pattern);
    // Folding leaves most patterns unchanged. Those need no second tree.
    const isFolded = route.rules.every(({ pattern }) => foldPath(pattern) === pattern);
    const folded = isFolded ? exact : pathTree(route.rules, (rule) => foldPath(rule.pattern));
    for (const host of route.hosts) {
      hosts.set(host.name, { route, ports: host.ports, exact, folded });
    }
    yield;
  }
  const entryFor = (host: string): Entry | undefined => {
    const exact = hosts.get(host);
    if (exact !== undefined) return exact;
    const dot = host.indexOf('.');
    return dot < 1 ? undefined : hosts.get(`*${host.slice(dot)}`);
  };
  return {
    routes,
    find(facts) {
      const entry = entryFor(facts.host);
      if (entry === undefined) return { refused: 'host/unknown' };
      if (!entry.ports.includes(facts.port)) return { refused: 'host/port' };
      const accepts = (rule: Rule): boolean => acceptsMethod(rule, facts.method);
      const rule = entry.exact.find(facts.path, accepts);
      const other =
        facts.foldedPath === facts.path && entry.folded === entry.exact
          ? rule
          : entry.folded.find(facts.foldedPath, accepts);
      if (rule === other) return { route: entry.route, rules: rule === null ? [] : [rule] };
      const rules = [rule, other].filter((r) => r !== null);
      return { route: entry.route, rules };
    },
    hosted(host, port) {
      const entry = entryFor(host);
      return entry?.ports.includes(port) === true ? entry.route : null;
    },
  };
}

function acceptsMethod(rule: Rule, method: string): boolean {
  if (rule.methods === null) return true;
  return rule.methods.includes(method === 'HEAD' ? 'GET' : method);
}
