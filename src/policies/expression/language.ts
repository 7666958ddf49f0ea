/**
 * The expression language: CEL with our typed variables and functions. Created when the first
 * expression is compiled. The built-in `matches` is excluded because it backtracks (CWE-1333).
 */
import { createRequire } from 'node:module';
import type { Environment } from '@marcbachmann/cel-js';
import { clock, date, domain, inGroup, matches, within } from './functions.ts';
import { ClientView, FlowView, RequestView, RouteView, SessionView, UserView } from './views.ts';

// Loaded synchronously because compiling is synchronous, and only if an expression is configured:
// it takes about 50 ms.
const require = createRequire(import.meta.url);

/** Variables with fields: their class and its members. */
const TYPES = [
  [
    'user',
    UserView,
    {
      id: 'string',
      name: 'string',
      email: 'string',
      email_verified: 'bool',
      display_name: 'string',
      groups: 'list<string>',
      attributes: 'map<string, dyn>',
      disabled: 'bool',
    },
  ],
  [
    'session',
    SessionView,
    { methods: 'list<string>', created_at: 'google.protobuf.Timestamp', age: 'int' },
  ],
  ['client', ClientView, { ip: 'string', private: 'bool', loopback: 'bool' }],
  [
    'request',
    RequestView,
    {
      method: 'string',
      scheme: 'string',
      host: 'string',
      path: 'string',
      query: 'string',
      kind: 'string',
    },
  ],
  ['route', RouteView, { id: 'string' }],
  ['flow', FlowView, { name: 'string', designation: 'string' }],
] as const;

let shared: Environment | null = null;

/** Returns the environment that all expressions share; it has no per-expression state. */
export function language(): Environment {
  return (shared ??= create());
}

function create(): Environment {
  const cel: typeof import('@marcbachmann/cel-js') = require('@marcbachmann/cel-js');
  const environment = new cel.Environment({
    limits: {
      maxAstNodes: 256,
      maxDepth: 32,
      maxListElements: 128,
      maxMapEntries: 32,
      maxCallArguments: 4,
    },
  });
  for (const [name, ctor, fields] of TYPES) {
    const type = `doorward.${name}`;
    environment.registerType(type, { ctor, fields }).registerVariable(name, type);
  }
  return environment
    .registerVariable('prompt', 'map<string, dyn>')
    .registerVariable('claims', 'map<string, dyn>')
    .registerVariable('credential', 'string')
    .registerVariable('now', 'google.protobuf.Timestamp')
    .registerFunction('re(string, string): bool', matches)
    .registerFunction('domain(string): string', domain)
    .registerFunction('doorward.client.within(string): bool', within)
    .registerFunction('doorward.user.in_group(string): bool', inGroup)
    .registerFunction('google.protobuf.Timestamp.clock(string): string', clock)
    .registerFunction('google.protobuf.Timestamp.date(string): string', date);
}
