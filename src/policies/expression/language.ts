/**
 * The expression language: CEL with our typed variables and `re()`. Loaded when the first
 * expression is compiled; never offers the built-in `matches`, which backtracks (CWE-1333).
 */
import { createRequire } from 'node:module';
import type { Environment } from '@marcbachmann/cel-js';
import type { RE2JS } from 're2js';
import { Problem } from '../../core/problem.ts';
import { ClientView, FlowView, RequestView, RouteView, SessionView, UserView } from './views.ts';

// Synchronous, since compiling is; some 50 ms that only those pay who write expressions.
const require = createRequire(import.meta.url);

/** Longest text that `re()` looks at, in characters. */
const MAX_MATCHED = 4096;
/** Longest pattern of `re()`, in characters. */
const MAX_PATTERN = 500;

/** Variables of several fields: their class and what it offers. */
const TYPES = [
  [
    'user',
    UserView,
    {
      id: 'string',
      name: 'string',
      email: 'string',
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
const patterns = new Map<string, RE2JS>();

/** The one environment; expressions share it, since it holds no state of theirs. */
export function language(): Environment {
  return (shared ??= create());
}

function create(): Environment {
  const cel = require('@marcbachmann/cel-js') as typeof import('@marcbachmann/cel-js');
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
    .registerVariable('now', 'google.protobuf.Timestamp')
    .registerFunction('re(string, string): bool', (text: string, pattern: string) =>
      matches(text, pattern),
    );
}

/** Whether a pattern is found anywhere in a text, in time linear in both. */
function matches(text: string, pattern: string): boolean {
  const compiled = patterns.get(pattern);
  // Only patterns compiled at load are ever run.
  if (compiled === undefined) throw new Problem('policy/pattern', 're() met an unknown pattern');
  if (text.length > MAX_MATCHED) {
    throw new Problem('policy/text', `re() looks at no more than ${MAX_MATCHED} characters`);
  }
  return compiled.test(text);
}

/** Compiles a pattern of `re()`. Throws with the words of the parser. */
export function addPattern(pattern: string): void {
  if (pattern.length > MAX_PATTERN) {
    throw new Problem('policy/pattern', `a pattern may have ${MAX_PATTERN} characters`);
  }
  if (patterns.has(pattern)) return;
  const re2 = require('re2js') as typeof import('re2js');
  try {
    patterns.set(pattern, re2.RE2JS.compile(pattern));
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new Problem('policy/pattern', `the pattern of re() cannot be used: ${words}`, { cause });
  }
}
