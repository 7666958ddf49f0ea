/** Routes, rules and flows for tests: whole objects with sane defaults. */
import type { Rule, Route } from '../../src/core/access/route.ts';
import { NO_POLICIES } from '../../src/core/access/policy.ts';

/** `/**`, for anybody signed in. */
export function aRule(changes: Partial<Rule> = {}): Rule {
  return {
    name: `wiki ${changes.pattern ?? '/**'}`,
    pattern: '/**',
    methods: null,
    public: false,
    flow: 'login',
    policies: NO_POLICIES,
    maxAge: null,
    factorAge: null,
    at: 'routes[0]',
    line: '',
    ...changes,
  };
}

/** `wiki.example.com`, for anybody signed in. */
export function aRoute(changes: Partial<Route> = {}): Route {
  return {
    id: 'wiki',
    title: 'Wiki',
    hosts: [{ name: 'wiki.example.com', ports: [0] }],
    upstreams: [],
    answers: { internalRedirects: false, publicCache: false },
    origins: [],
    rules: [aRule()],
    timeout: 30_000,
    preserveHost: false,
    ...changes,
  };
}
