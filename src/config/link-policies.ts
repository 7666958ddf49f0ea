/**
 * Policies compiled at load: named ones first, then each binding. Whatever cannot be compiled
 * is a fault, and its binding a no for as long as anybody might still hold it.
 */
import type { Binding, Gate, Judge, SignalName } from '../core/policy.ts';
import { bindingSchema, definitionSchema } from './binding-schema.ts';
import { suggest } from './document.ts';
import { formatPath } from './fault.ts';
import { frozen } from './freeze.ts';
import type { AnyPolicy } from './lists.ts';
import { parseAt } from './schema-faults.ts';
import { below, blame, type Spot } from './spot.ts';

type Raw = Readonly<Record<string, unknown>>;

/** A policy with its options, ready to be bound. `meaning` is for digests. */
interface Compiled {
  readonly judge: Judge;
  readonly needs: readonly SignalName[];
  readonly negate: boolean;
  readonly expires: number | null;
  readonly meaning: unknown;
}

/** How bindings are read at some place. */
export interface GatePlace {
  /** Put before the path in `Binding.at`. */
  readonly prefix: string;
  /** Takes note of a flow named by `otherwise`; null where nothing can be remedied. */
  readonly remedy: ((flow: string, spot: Spot) => void) | null;
}

/** Makes gates from the policies there are. */
export interface GateLinker {
  gate(list: readonly Raw[], match: Gate['match'], spot: Spot, place: GatePlace): LinkedGate;
}

/** A gate and what it means, as plain values. */
interface LinkedGate {
  readonly gate: Gate;
  readonly meaning: unknown;
}

/** Compiles the named policies; `spot` is the place of `policies`. */
export function linkPolicies(
  kinds: readonly AnyPolicy[],
  definitions: Readonly<Record<string, Raw>>,
  spot: Spot,
): GateLinker {
  const names = Object.keys(definitions);
  const named = new Map<string, Compiled | null>();
  const open: string[] = [];

  const define = (name: string): Compiled | null => {
    const known = named.get(name);
    if (known !== undefined) return known;
    const at = below(spot, name);
    if (open.includes(name)) {
      blame(at, `goes round in circles: ${[...open, name].join(' → ')}`);
      named.set(name, null);
      return null;
    }
    open.push(name);
    const { own, rest } = split(definitions[name] as Raw, Object.keys(definitionSchema.shape));
    const keys = parseAt(definitionSchema, own, at);
    const target = chosen(rest, at);
    open.pop();
    const compiled = keys === null || target === null ? null : combined(target, keys);
    if (!named.has(name)) named.set(name, compiled);
    return compiled;
  };

  const chosen = (raw: Raw, at: Spot): Compiled | null => {
    const { type, name, ...options } = raw;
    if (name !== undefined) return byName(raw, at);
    const kind = kinds.find((one) => one.type === type);
    if (kind !== undefined) return compile(kind, options, at);
    const types = kinds.map((one) => one.type);
    const expected = `expected one of ${types.join(', ')}`;
    if (type === undefined) {
      const isGroup = Array.isArray(options.any) || Array.isArray(options.all);
      const note = isGroup && !('type' in raw) ? '; groups of policies are not read yet' : '';
      blame(below(at, 'type'), `missing, ${expected}, or name: for a named policy${note}`);
    } else {
      const hint = typeof type === 'string' ? suggest(type, types) : null;
      blame(below(at, 'type'), `no such policy, ${expected}`, hint);
    }
    return null;
  };

  const byName = ({ name, ...others }: Raw, at: Spot): Compiled | null => {
    const extra = Object.keys(others);
    for (const key of extra) {
      blame(
        below(at, key),
        `options belong where the policy ${String(name)} is defined`,
        null,
        'key',
      );
    }
    if (typeof name === 'string' && Object.hasOwn(definitions, name)) {
      const compiled = define(name);
      return extra.length > 0 ? null : compiled;
    }
    const hint = typeof name === 'string' ? suggest(name, names) : null;
    const known = names.length === 0 ? '' : `, expected one of ${names.join(', ')}`;
    blame(below(at, 'name'), `no such named policy${known}`, hint);
    return null;
  };

  const bind = (raw: Raw, at: Spot, place: GatePlace) => {
    const { own, rest } = split(raw, Object.keys(bindingSchema.shape));
    const keys = parseAt(bindingSchema, own, at);
    const compiled = chosen(rest, at);
    if (keys?.otherwise !== undefined) {
      if (place.remedy !== null) place.remedy(keys.otherwise, below(at, 'otherwise'));
      else
        blame(
          below(at, 'otherwise'),
          'only a route can send somebody to another flow',
          null,
          'key',
        );
    }
    if (keys === null || compiled === null) return null;
    const { judge, needs, negate, expires, meaning } = combined(compiled, keys);
    const binding: Binding = {
      name: String(rest.name ?? rest.type),
      judge,
      negate,
      otherwise: keys.otherwise ?? null,
      expires,
      dryRun: keys.dry_run,
      needs,
      at: place.prefix + formatPath(at.path),
    };
    return { binding, meaning: [meaning, keys.otherwise ?? null, keys.dry_run] };
  };

  for (const name of names) define(name);
  return {
    gate(list, match, at, place) {
      const bound = list.map((raw, index) => bind(raw, below(at, index), place));
      const linked = bound.filter((one) => one !== null);
      const gate = { match, bindings: linked.map((one) => one.binding) };
      return { gate, meaning: [match, linked.map((one) => one.meaning)] };
    },
  };
}

/** A policy under a further negation and expiry; two negations are none, the earlier date counts. */
function combined(
  policy: Compiled,
  keys: { readonly negate: boolean; readonly expires?: number | undefined },
): Compiled {
  const negate = policy.negate !== keys.negate;
  const dates = [policy.expires, keys.expires ?? null].filter((date) => date !== null);
  const expires = dates.length === 0 ? null : Math.min(...dates);
  return { ...policy, negate, expires, meaning: [policy.meaning, negate, expires] };
}

function compile(kind: AnyPolicy, options: Raw, at: Spot): Compiled | null {
  const config: unknown = parseAt(kind.config, options, at);
  if (config === null) return null;
  const keys = Object.keys(options);
  // With a single option, the compiler's complaint can only be about that one.
  const spot = keys.length === 1 ? below(at, keys[0] as string) : at;
  try {
    const judge = kind.compile(frozen(config));
    const meaning = { type: kind.type, config };
    return { judge, needs: kind.needs ?? [], negate: false, expires: null, meaning };
  } catch (error) {
    // Named fallback: a fault, so that the configuration as a whole is refused.
    blame(spot, error instanceof Error ? error.message : 'cannot be compiled');
    return null;
  }
}

function split(raw: Raw, keys: readonly string[]): { own: Raw; rest: Raw } {
  const entries = Object.entries(raw);
  const isOwn = ([key]: [string, unknown]) => keys.includes(key);
  return {
    own: Object.fromEntries(entries.filter(isOwn)),
    rest: Object.fromEntries(entries.filter((entry) => !isOwn(entry))),
  };
}
