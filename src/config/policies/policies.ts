/**
 * Policies compiled at load: the named ones first, then each list of bindings. If any binding cannot
 * be compiled, the configuration has a fault and is refused as a whole.
 */
import type { Binding, PolicySet } from '../../core/policy/policy.ts';
import { formatPath } from '../faults/fault.ts';
import { below, blame, lineOf, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';
import { bindingSchema, groupSchema } from '../schema/binding-schema.ts';
import { parseAt } from '../schema/schema-faults.ts';
import {
  type BindingContext,
  checkCondition,
  checkRemedy,
  DEFINITION,
  checkMessage,
  fieldAt,
} from './binding-context.ts';
import {
  combined,
  compile,
  type Compiled,
  compiledGroup,
  isGroup,
  type LinkedSet,
  type PolicyTools,
  type Raw,
} from './compiled.ts';
import { createDefinitions, type Definitions } from './definitions.ts';
import { split } from './split.ts';

/** Deepest group within a group. */
const MAX_GROUPS = 8;

/** Compiles lists of bindings with the named policies of one configuration. */
export interface PolicyLinker {
  link(
    list: readonly Raw[],
    match: PolicySet['match'],
    spot: Spot,
    context: BindingContext,
  ): LinkedSet;
}

/** Where a policy is written, and how many groups are around it. */
interface Position {
  readonly at: Spot;
  readonly context: BindingContext;
  readonly depth: number;
}

interface Linking {
  readonly tools: PolicyTools;
  readonly definitions: Definitions;
}

/** Compiles the named policies; `spot` is the spot of `policies`. */
export function linkPolicies(
  tools: PolicyTools,
  given: Readonly<Record<string, Raw>>,
  spot: Spot,
): PolicyLinker {
  const definitions: Definitions = createDefinitions(given, spot, (raw, at) =>
    choose({ tools, definitions }, raw, { at, context: DEFINITION, depth: 0 }),
  );
  for (const name of Object.keys(given)) definitions.define(name);
  return {
    link: (list, match, at, context) =>
      linkSet({ tools, definitions }, { list, match }, { at, context, depth: 0 }),
  };
}

/** The policy, named policy or group that a value describes; null once its fault has been noted. */
function choose(linking: Linking, raw: Raw, position: Position): Compiled | null {
  const { tools, definitions } = linking;
  const { at } = position;
  const { type, name, ...options } = raw;
  if (name !== undefined) return definitions.find(raw, at);
  if (isGroup(raw)) return linkGroup(linking, raw, position);
  const kind = tools.kinds.find((one) => one.type === type);
  if (kind !== undefined) return compile(kind, options, at, tools);
  const types = tools.kinds.map((one) => one.type);
  const expected = `expected one of ${types.join(', ')}`;
  if (type === undefined) {
    const others = 'name: for a named policy, or any: or all: with a list of policies';
    blame(below(at, 'type'), `missing, ${expected}, ${others}`);
  } else {
    const hint = typeof type === 'string' ? suggest(type, types) : null;
    blame(below(at, 'type'), `no such policy, ${expected}`, hint);
  }
  return null;
}

function linkGroup(linking: Linking, raw: Raw, position: Position): Compiled | null {
  const { at, depth } = position;
  const parsed = parseAt(groupSchema, raw, at);
  if (parsed === null) return null;
  if (depth >= MAX_GROUPS) {
    blame(at, `expected at most ${MAX_GROUPS} groups of policies inside one another`);
    return null;
  }
  const match = parsed.any === undefined ? 'all' : 'any';
  const list = parsed.any ?? parsed.all ?? [];
  const inner = { ...position, at: below(at, match), depth: depth + 1 };
  const linked = linkSet(linking, { list, match }, inner);
  return linked.gate.bindings.length === list.length ? compiledGroup(linked) : null;
}

/** The bindings that can be compiled; faults are noted for the others. */
function linkSet(
  linking: Linking,
  { list, match }: { readonly list: readonly Raw[]; readonly match: PolicySet['match'] },
  position: Position,
): LinkedSet {
  const linked = list
    .map((raw, index) => bind(linking, raw, { ...position, at: below(position.at, index) }))
    .filter((one) => one !== null);
  return {
    gate: { match, bindings: linked.map(({ binding }) => binding) },
    meaning: [match, linked.map(({ meaning }) => meaning)],
    needsUser: linked.some(({ needsUser }) => needsUser),
  };
}

function bind(
  linking: Linking,
  raw: Raw,
  position: Position,
): (Omit<LinkedSet, 'gate'> & { readonly binding: Binding }) | null {
  const { at, context } = position;
  const { own, rest } = split(raw, Object.keys(bindingSchema.shape));
  const keys = parseAt(bindingSchema, own, at);
  const compiled = choose(linking, rest, position);
  if (keys === null) return null;
  // A negated policy passes without the permissions, so its remedy need not ask for them.
  const permissions = compiled?.negate === keys.negate ? compiled.permissions : null;
  checkRemedy(keys.otherwise, permissions, at, context);
  const field = fieldAt(keys.field, compiled?.about ?? null, at, context);
  checkMessage(keys.message, at, context);
  if (compiled === null) return null;
  checkCondition(linking.tools, { raw: rest, compiled, dryRun: keys.dry_run }, at, context);
  if (compiled.inFlows && typeof context.remedy !== 'string') {
    blame(at, 'is about runs of flows; on a route it would never pass');
  }
  const { evaluate, needs, negate, expires, meaning } = combined(compiled, keys);
  const { otherwise = null, dry_run: dryRun } = keys;
  const binding: Binding = {
    name: nameOf(rest),
    evaluate,
    negate,
    otherwise,
    expires,
    dryRun,
    needs: needs(field),
    field,
    ...(keys.message === undefined ? {} : { message: keys.message }),
    at: context.prefix + formatPath(at.path),
    line: lineOf(at),
  };
  return { binding, meaning: [meaning, otherwise, dryRun, field], needsUser: compiled.needsUser };
}

/** The name of a binding in reasons. */
function nameOf({ name, type, any }: Raw): string {
  for (const word of [name, type]) if (typeof word === 'string') return word;
  return any === undefined ? 'all' : 'any';
}
