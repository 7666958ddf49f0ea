/** Routes, rules and flows for tests: complete objects with sensible defaults. */
import { prefixesOf, type Rule, type Route } from '../../src/core/routes/route.ts';
import { NO_POLICIES } from '../../src/core/policy/policy.ts';
import type { Flow, OnInvalid } from '../../src/core/flow/flow.ts';
import type { AnyStage } from '../../src/core/flow/stage.ts';

/** Shared, as by the rules of a route that have the same upstream. */
const NOWHERE = { upstream: null, stripPrefix: '', addPrefix: '' };

/** `/**`, for every signed-in user. */
export function aRule(changes: Partial<Rule> = {}): Rule {
  return {
    name: `wiki ${changes.pattern ?? '/**'}`,
    pattern: '/**',
    expression: null,
    methods: null,
    public: false,
    closed: false,
    publicIf: null,
    flow: 'login',
    policies: NO_POLICIES,
    maxAge: null,
    factorAge: null,
    accepts: null,
    tokensSuffice: false,
    passage: NOWHERE,
    at: 'routes[0]',
    line: '',
    ...changes,
  };
}

/** `wiki.example.com`, for every signed-in user. */
export function aRoute(changes: Partial<Route> = {}): Route {
  const { rules = [aRule()] } = changes;
  return {
    id: 'wiki',
    title: 'Wiki',
    hosts: [{ name: 'wiki.example.com', ports: [0] }],
    upstream: null,
    answers: { internalRedirects: false, publicCache: false },
    identity: { headers: [], assertions: [] },
    origins: [],
    rules,
    preserveHost: false,
    takesAuthorization: false,
    strictPaths: false,
    frontControllers: [],
    prefixes: prefixesOf(rules),
    cors: null,
    signOut: { paths: null, to: [] },
    ...changes,
  };
}

/** A flow `login` with one stage for each given way to handle a rejected submission. */
export function aFlow(onInvalid: readonly OnInvalid[], changes: Partial<Flow> = {}): Flow {
  return {
    name: 'login',
    title: 'Sign in',
    designation: 'authentication',
    requires: 'anyone',
    policies: NO_POLICIES,
    denied: { action: 'message', text: null },
    texts: new Map(),
    stages: onInvalid.map((one, i) => ({
      id: `s${i}`,
      stage: { type: 'test' } as AnyStage,
      config: {},
      policies: NO_POLICIES,
      validators: NO_POLICIES,
      onInvalid: one,
      at: `stages[${i}]`,
    })),
    digest: 'd1',
    ...changes,
  };
}
