/**
 * What an expression sees: plain strings, lists and maps built from the input. Never hands
 * out an object with a prototype to reach for, and never a list longer than its walk allows.
 */
import {
  isIn,
  LOOPBACK_NETWORKS,
  type Network,
  PRIVATE_NETWORKS,
  parseAddress,
} from '../../core/address.ts';
import type { Json } from '../../core/json.ts';
import type { PolicyInput } from '../../core/policy.ts';
import { Problem } from '../../core/problem.ts';
import type { User } from '../../core/user.ts';
import type { Survey } from './bounds.ts';

/** Longest list under one walk, and under walks in walks. */
const LONGEST = [10_000, 10_000, 512] as const;
/** Deepest nesting of attributes. */
const DEEPEST = 8;

/** Values by name; null prototype, so that no other name is ever found. */
type Context = Record<string, unknown>;

/**
 * The context for one judgement: only what the expression mentions. What is not there is
 * left out: touching it is an error of the expression, hence a no. Throws for what is too large.
 */
export function variables(input: PolicyInput, survey: Survey): Context {
  const context = Object.create(null) as Context;
  const longest = LONGEST[survey.depth] ?? 0;
  for (const name of survey.variables) {
    const value = variable(name, input, survey.readsJson, longest);
    if (value !== undefined) context[name] = value;
  }
  return context;
}

function variable(name: string, input: PolicyInput, readsJson: boolean, longest: number): unknown {
  switch (name) {
    case 'user':
      return input.user === null ? undefined : userOf(input.user, readsJson, longest);
    case 'session':
      return sessionOf(input);
    case 'client':
      return clientOf(input.facts.clientIp);
    case 'request': {
      const { method, scheme, host, path, query, kind } = input.facts;
      return plain({ method, scheme, host, path, query, kind });
    }
    case 'route':
      return input.route === null ? undefined : plain({ id: input.route.id });
    case 'flow':
      if (input.flow === null) return undefined;
      return plain({ name: input.flow.name, designation: input.flow.designation });
    case 'prompt':
      return input.prompt === null ? undefined : asMap(input.prompt, longest, 0);
    case 'now':
      return new Date(input.now);
    default:
      // Named fallback: a variable of a walk over a list: the language finds it by itself.
      return undefined;
  }
}

function userOf(user: User, readsJson: boolean, longest: number): Context {
  checkLength(user.groups.length, longest);
  return plain({
    id: user.id,
    name: user.name,
    email: user.email,
    display_name: user.displayName,
    groups: user.groups,
    attributes: readsJson ? asMap(user.attributes, longest, 0) : new Map(),
    disabled: user.disabled,
  });
}

function sessionOf({ session, now }: PolicyInput): Context | undefined {
  if (session === null) return undefined;
  return plain({
    methods: session.proofs.map((proof) => proof.method),
    created_at: new Date(session.createdAt),
    age: BigInt(Math.max(0, Math.floor((now - session.createdAt) / 1000))),
  });
}

function clientOf(ip: string): Context | undefined {
  const address = parseAddress(ip);
  if (address === null) return undefined;
  const within = (networks: readonly Network[]): boolean => networks.some((n) => isIn(n, address));
  return plain({ ip, private: within(PRIVATE_NETWORKS), loopback: within(LOOPBACK_NETWORKS) });
}

/** Without a prototype, so that `constructor` and `__proto__` are no fields. */
function plain(values: Context): Context {
  return Object.assign(Object.create(null) as Context, values);
}

/** JSON as Maps and lists, bounded. */
function asMap(
  json: Readonly<Record<string, Json>>,
  longest: number,
  depth: number,
): Map<string, unknown> {
  const entries = Object.entries(json);
  checkLength(entries.length, longest);
  return new Map(entries.map(([key, value]) => [key, asValue(value, longest, depth + 1)]));
}

function asValue(json: Json, longest: number, depth: number): unknown {
  if (json === null || typeof json !== 'object') return json;
  if (depth > DEEPEST) throw new Problem('policy/data', 'the attributes are nested too deep');
  if (!Array.isArray(json)) {
    return asMap(json as Readonly<Record<string, Json>>, longest, depth);
  }
  checkLength(json.length, longest);
  return (json as readonly Json[]).map((item) => asValue(item, longest, depth + 1));
}

function checkLength(length: number, longest: number): void {
  if (length > longest) {
    throw new Problem('policy/data', `a list has more than ${longest} members`);
  }
}
