/**
 * Policies compiled at load: named ones first, then each binding. Whatever cannot be compiled
 * is a fault, and its binding a no for as long as anybody might still hold it.
 */
import type { House, Binding, Gate, Judge, SignalName } from '../../core/access/policy.ts';
import { bindingSchema, definitionSchema, groupSchema } from '../schema/binding-schema.ts';
import { formatPath } from '../faults/fault.ts';
import { frozen } from '../settings/freeze.ts';
import type { AnyPolicy } from '../settings/lists.ts';
import { parseAt } from '../schema/schema-faults.ts';
import { below, blame, lineOf, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';

type Raw = Readonly<Record<string, unknown>>;
type Permissions = readonly string[] | null;

/** A policy with its options, ready to be bound. `meaning` is for digests. */
interface Compiled {
  readonly judge: Judge | Gate;
  readonly needs: (field: string | null) => readonly SignalName[];
  /** The field it is about where the binding names none; null: it need not be about any. */
  readonly about: string | null;
  /** It is about runs of flows. */
  readonly inFlows: boolean;
  /** What a flow named by `otherwise` must ask for; null: it need not ask for any permission. */
  readonly permissions: Permissions;
  readonly negate: boolean;
  readonly expires: number | null;
  readonly meaning: unknown;
}

const needless = (): readonly SignalName[] => [];

/** How bindings are read at some place. */
export interface GatePlace {
  /** Put before the path in `Binding.at`. */
  readonly prefix: string;
  /**
   * Takes note of a flow named by `otherwise`, and of permissions that it must ask for; a text says
   * why nothing can be remedied there.
   */
  readonly remedy: ((flow: string, spot: Spot, permissions: Permissions) => void) | string;
  /** Names of the answers that a binding may be about; none where no answers are judged. */
  readonly fields?: readonly string[];
}

/** What policies are linked with. */
export interface PolicyTools {
  readonly kinds: readonly AnyPolicy[];
  /** Signals that cannot be had under this configuration, and why; those it can are not in here. */
  readonly missing: ReadonlyMap<string, string>;
  /** What policies may know of the whole, asked when they judge. */
  readonly house?: House;
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

/** Deepest group within a group. */
const MAX_GROUPS = 8;

/** Compiles the named policies; `spot` is the place of `policies`. */
export function linkPolicies(
  tools: PolicyTools,
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
    const target = chosen(rest, at, DEFINITION, 0);
    open.pop();
    const compiled = keys === null || target === null ? null : combined(target, keys);
    if (!named.has(name)) named.set(name, compiled);
    return compiled;
  };

  const chosen = (raw: Raw, at: Spot, place: GatePlace, depth: number): Compiled | null => {
    const { type, name, ...options } = raw;
    if (name !== undefined) return byName(raw, at);
    if (isGroup(raw)) return group(raw, at, place, depth);
    const kind = tools.kinds.find((one) => one.type === type);
    if (kind !== undefined) return compile(kind, options, at, tools);
    const types = tools.kinds.map((one) => one.type);
    const expected = `expected one of ${types.join(', ')}`;
    if (type === undefined) {
      const others = ', name: for a named policy, or any: or all: with a list of policies';
      blame(below(at, 'type'), `missing, ${expected}${others}`);
    } else {
      const hint = typeof type === 'string' ? suggest(type, types) : null;
      blame(below(at, 'type'), `no such policy, ${expected}`, hint);
    }
    return null;
  };

  const group = (raw: Raw, at: Spot, place: GatePlace, depth: number): Compiled | null => {
    const parsed = parseAt(groupSchema, raw, at);
    if (parsed === null) return null;
    if (depth >= MAX_GROUPS) {
      blame(at, `groups of policies may stand ${MAX_GROUPS} deep`);
      return null;
    }
    const matching = parsed.any === undefined ? 'all' : 'any';
    const list = parsed.any ?? parsed.all ?? [];
    const { gate, meaning, isWhole } = gateOf(
      list,
      matching,
      below(at, matching),
      place,
      depth + 1,
    );
    if (!isWhole) return null;
    const rest = { needs: needless, about: null, inFlows: false, permissions: null };
    return { judge: gate, ...rest, negate: false, expires: null, meaning };
  };

  const byName = ({ name, ...others }: Raw, at: Spot): Compiled | null => {
    const extra = Object.keys(others);
    for (const key of extra) {
      const text = `options belong where the policy ${String(name)} is defined`;
      blame(below(at, key), text, null, 'key');
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

  const bind = (raw: Raw, at: Spot, place: GatePlace, depth: number) => {
    const { own, rest } = split(raw, Object.keys(bindingSchema.shape));
    const keys = parseAt(bindingSchema, own, at);
    const compiled = chosen(rest, at, place, depth);
    if (keys === null) return null;
    const isPlain = compiled?.negate === keys.negate;
    checkPlace(keys, isPlain ? (compiled?.permissions ?? null) : null, at, place);
    if (compiled === null) return null;
    if (compiled.inFlows && typeof place.remedy !== 'string') {
      blame(at, 'looks at runs of flows; on a route there is none, so that it would always say no');
    }
    const { judge, needs, about, negate, expires, meaning } = combined(compiled, keys);
    const { otherwise = null, dry_run: dryRun } = keys;
    const field = keys.field ?? (about === null ? null : fieldOf(about, at, place));
    const binding: Binding = {
      name: nameOf(rest),
      judge,
      negate,
      otherwise,
      expires,
      dryRun,
      needs: needs(field),
      field,
      at: place.prefix + formatPath(at.path),
      line: lineOf(at),
    };
    return { binding, meaning: [meaning, otherwise, dryRun, field] };
  };

  const gateOf = (
    list: readonly Raw[],
    match: Gate['match'],
    at: Spot,
    place: GatePlace,
    depth: number,
  ): LinkedGate & { readonly isWhole: boolean } => {
    const bound = list.map((raw, index) => bind(raw, below(at, index), place, depth));
    const linked = bound.filter((one) => one !== null);
    const gate = { match, bindings: linked.map((one) => one.binding) };
    const meaning = [match, linked.map((one) => one.meaning)];
    return { gate, meaning, isWhole: linked.length === list.length };
  };

  for (const name of names) define(name);
  return {
    gate: (list, match, at, place) => gateOf(list, match, at, place, 0),
  };
}

/** A named policy is not yet anywhere: what depends on the place is said there. */
const DEFINITION: GatePlace = {
  prefix: '',
  remedy: 'say otherwise on the route, where the policy is used',
};

/** What a binding is called in reasons; it has been found to be one of these. */
function nameOf({ name, type, any }: Raw): string {
  for (const word of [name, type]) if (typeof word === 'string') return word;
  return any === undefined ? 'all' : 'any';
}

function isGroup(raw: Raw): boolean {
  return raw.type === undefined && (Array.isArray(raw.any) || Array.isArray(raw.all));
}

/** A remedy, and a field, where there can be one. */
function checkPlace(
  { otherwise, field }: { otherwise?: string | undefined; field?: string | undefined },
  permissions: Permissions,
  at: Spot,
  place: GatePlace,
): void {
  if (otherwise !== undefined) {
    const spot = below(at, 'otherwise');
    if (typeof place.remedy === 'string') blame(spot, place.remedy, null, 'key');
    else place.remedy(otherwise, spot, permissions);
  }
  if (field === undefined || place.fields?.includes(field) === true) return;
  const spot = below(at, 'field');
  if (place.fields === undefined) blame(spot, 'only where answers are judged', null, 'key');
  else {
    const expected = `no such field, expected one of ${place.fields.join(', ')}`;
    blame(spot, expected, suggest(field, place.fields));
  }
}

/** The field that a policy is about by itself, where there is one. */
function fieldOf(about: string, at: Spot, { fields }: GatePlace): string | null {
  if (fields?.includes(about) === true) return about;
  if (fields === undefined) blame(at, 'judges answers: only where answers are judged');
  else blame(below(at, 'field'), `missing, expected one of ${fields.join(', ')}`);
  return null;
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

function compile(
  kind: AnyPolicy,
  options: Raw,
  at: Spot,
  { missing, house }: PolicyTools,
): Compiled | null {
  const config: unknown = parseAt(kind.config, options, at);
  if (config === null) return null;
  const about = kind.field ?? null;
  const inFlows = kind.inFlows === true;
  const permissions = kind.permissions?.(config) ?? null;
  const needs: Compiled['needs'] = (field) => kind.needs?.(config, field) ?? [];
  for (const name of needs(about)) {
    const signal = name.split(':', 1)[0] as string;
    const why = missing.get(signal);
    if (why !== undefined) blame(below(at, 'type'), `${kind.type} needs signals.${signal}: ${why}`);
  }
  const keys = Object.keys(options);
  // With a single option, the compiler's complaint can only be about that one.
  const spot = keys.length === 1 ? below(at, keys[0] as string) : at;
  try {
    const judge = kind.compile(frozen(config), house);
    const meaning = { type: kind.type, config };
    return { judge, needs, about, inFlows, permissions, negate: false, expires: null, meaning };
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
