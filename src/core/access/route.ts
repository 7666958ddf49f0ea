/**
 * Which rule guards a request: exact host over wildcard, then the most specific path,
 * then the method. Built once at load; a lookup costs the same for ten routes and ten thousand.
 */
import type { RequestFacts } from '../request/facts.ts';
import { foldPath } from '../request/path.ts';
import { type PathTree, pathTree } from './path-tree.ts';
import type { PolicySet } from './policy.ts';
import { finish, type Steps } from '../values/steps.ts';
import type { Upstream } from './upstream.ts';

/** What is demanded under one path of a route. */
export interface Rule {
  // For reasons and logs: `wiki` or `wiki /admin/**`.
  readonly name: string;
  // `/**`, `/assets/**`, `/x/*/y` or a literal; canonical, no trailing slash.
  readonly pattern: string;
  /** Upper case; null for every method. GET stands for HEAD too. */
  readonly methods: readonly string[] | null;
  /** Open to everybody, without a session. */
  readonly public: boolean;
  /** Flow that signs people in. */
  readonly flow: string;
  readonly policies: PolicySet;
  /** A session that began this long ago, in milliseconds, signs in again first; null: its own end counts. */
  readonly maxAge: number | null;
  /** The same when nothing was proved for this long. */
  readonly factorAge: number | null;
  /** Place in the configuration: `routes[0].paths[1]`. */
  readonly at: string;
  /** The same as `config/doorward.yaml:12:5`; `''` when it stands in no file. */
  readonly line: string;
}

/** What an app's answers may contain beyond what is harmless anywhere. */
export interface AnswerRules {
  /** `X-Accel-*` and `X-Sendfile`, which make a proxy in front serve other files. */
  readonly internalRedirects: boolean;
  /** `Cache-Control: public` on protected paths. */
  readonly publicCache: boolean;
}

/** One protected app. */
export interface Route {
  readonly id: string;
  /** Shown on the portal and while signing in. */
  readonly title: string;
  /** Canonical hosts, exact or `*.suffix`; with the port when the operator gave one. */
  readonly hosts: readonly RouteHost[];
  /** Where the app is; empty for forward-auth only. A configuration names one at most today. */
  readonly upstreams: readonly Upstream[];
  readonly answers: AnswerRules;
  /** Further origins that may open websockets, e.g. `https://other.example.com`. */
  readonly origins: readonly string[];
  // At least the rule `/**`.
  readonly rules: readonly Rule[];
  /** The whole answer of the upstream must begin within this time, in milliseconds. */
  readonly timeout: number;
  /** Send the client's Host to the upstream rather than the upstream's own. */
  readonly preserveHost: boolean;
}

/** A host a route answers to. */
export interface RouteHost {
  /** Lower case, no trailing dot: `wiki.example.com`, or `*.example.com` for one more label. */
  readonly name: string;
  /** Ports that may stand in the request's authority; 0 is "none stated, or the scheme's default". */
  readonly ports: readonly number[];
}

/** A route with the rules that must all be satisfied: one, or two when the path reads differently in another case. */
export interface Match {
  readonly route: Route;
  readonly rules: readonly Rule[];
}

type Lookup = Match | { readonly refused: 'host/unknown' | 'host/port' };

/** The compiled routes. */
export interface RouteTable {
  readonly routes: readonly Route[];
  /** The rules for a request. */
  find(facts: RequestFacts): Lookup;
  /** The route that answers to this canonical host and port, if any. */
  hosted(host: string, port: number): Route | null;
}

interface Entry {
  readonly route: Route;
  readonly ports: readonly number[];
  readonly exact: PathTree<Rule>;
  readonly folded: PathTree<Rule>;
}

/** Compiles routes. The caller has made sure that no two of them can both win. */
export function routeTable(routes: readonly Route[]): RouteTable {
  return finish(routeTableSteps(routes));
}

/** The same, a route a step. */
export function* routeTableSteps(routes: readonly Route[]): Steps<RouteTable> {
  const hosts = new Map<string, Entry>();
  for (const route of routes) {
    const exact = pathTree(route.rules, (rule) => rule.pattern);
    // Most patterns read the same when they are folded, and need no second tree.
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
