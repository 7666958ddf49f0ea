/** One policy with its options, compiled. A policy that cannot be compiled is a fault. */
import type {
  PolicySet,
  LinkedConfiguration,
  Evaluate,
  SignalName,
} from '../../core/policy/policy.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { parseAt } from '../schema/schema-faults.ts';
import { frozen } from '../settings/freeze.ts';
import type { AnyPolicy } from '../settings/lists.ts';

/** A policy as it was written. */
export type Raw = Readonly<Record<string, unknown>>;

/** What policies are linked with. */
export interface PolicyTools {
  readonly kinds: readonly AnyPolicy[];
  /** Signals that this configuration does not provide, each with the reason. */
  readonly missing: ReadonlyMap<string, string>;
  /** What policies may ask about the whole configuration, when they are evaluated. */
  readonly configuration?: LinkedConfiguration;
}

/** Compiled bindings, and what they mean as plain data. */
export interface LinkedSet {
  readonly gate: PolicySet;
  readonly meaning: unknown;
  /** Whether a verdict in it can depend on the user or the session. */
  readonly needsUser: boolean;
}

/** A policy with its options, ready to be bound. */
export interface Compiled {
  readonly evaluate: Evaluate | PolicySet;
  readonly needs: (field: string | null) => readonly SignalName[];
  /** The field it is about if the binding names none; null: it is not about a field. */
  readonly about: string | null;
  /** Whether its verdict can depend on the user or the session. */
  readonly needsUser: boolean;
  /** Whether it is about runs of flows. */
  readonly inFlows: boolean;
  /** Permissions that a flow named by `otherwise` must ask for; null: none. */
  readonly permissions: readonly string[] | null;
  readonly negate: boolean;
  /** Epoch milliseconds, or null. */
  readonly expires: number | null;
  /** What the policy means as plain data, for digests. */
  readonly meaning: unknown;
}

/** Compiles a policy with its options; null once its fault has been noted. */
export function compile(
  kind: AnyPolicy,
  options: Raw,
  at: Spot,
  { missing, configuration }: PolicyTools,
): Compiled | null {
  const config: unknown = parseAt(kind.config, options, at);
  if (config === null) return null;
  const about = kind.field ?? null;
  const needs: Compiled['needs'] = (field) => kind.needs?.(config, field) ?? [];
  for (const name of needs(about)) {
    const [signal = name] = name.split(':', 1);
    const reason = missing.get(signal);
    if (reason === undefined) continue;
    blame(below(at, 'type'), `${kind.type} needs signals.${signal}: ${reason}`);
  }
  try {
    return {
      evaluate: kind.compile(frozen(config), configuration),
      needs,
      about,
      needsUser: kind.withoutUser !== true,
      inFlows: kind.inFlows === true,
      permissions: kind.permissions?.(config) ?? null,
      negate: false,
      expires: null,
      meaning: { type: kind.type, config },
    };
  } catch (error) {
    // Named fallback: a fault, so that the configuration as a whole is refused.
    const [key, ...others] = Object.keys(options);
    const isSingle = key !== undefined && others.length === 0;
    const message = error instanceof Error ? error.message : 'cannot be compiled';
    blame(isSingle ? below(at, key) : at, message);
    return null;
  }
}

/** Whether the value is a group of policies in place of a policy. */
export function isGroup(raw: Raw): boolean {
  return raw.type === undefined && (Array.isArray(raw.any) || Array.isArray(raw.all));
}

/** A group, ready to be bound. */
export function compiledGroup({ gate, meaning, needsUser }: LinkedSet): Compiled {
  return {
    evaluate: gate,
    needs: () => [],
    about: null,
    needsUser,
    inFlows: false,
    permissions: null,
    negate: false,
    expires: null,
    meaning,
  };
}

/** The policy with a further negation and expiry. Two negations cancel out; the earlier date counts. */
export function combined(
  policy: Compiled,
  keys: { readonly negate: boolean; readonly expires?: number | undefined },
): Compiled {
  const negate = policy.negate !== keys.negate;
  const dates = [policy.expires, keys.expires ?? null].filter((date) => date !== null);
  const expires = dates.length === 0 ? null : Math.min(...dates);
  return { ...policy, negate, expires, meaning: [policy.meaning, negate, expires] };
}
