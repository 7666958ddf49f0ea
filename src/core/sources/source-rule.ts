/**
 * What the operator decides about a source: who may sign in with it, and as whom. Part of the snapshot, so
 * a reload changes it.
 */
import type { PolicySet } from '../policy/policy.ts';
import type { Words } from '../values/message.ts';
import type { FactorRule, GroupRule } from './source-groups.ts';
import type { Source } from './source.ts';

/** What happens to an account that no user is linked to. */
export type UnknownAccount =
  | { readonly kind: 'refuse' }
  /** A user is created in the writable directory. */
  | { readonly kind: 'create' }
  /** Its owner continues in this flow, which requires a source and creates the user. */
  | { readonly kind: 'flow'; readonly flow: string };

export const LINKINGS = ['subject', 'verified_email', 'trusted_email'] as const;
/**
 * How an account finds its user. `subject`: by its permanent id alone, once it is linked.
 * `verified_email`: an account whose address the provider has verified is also linked to the user with
 * this verified address, who first enters the password. `trusted_email`: without the password.
 */
type Linking = (typeof LINKINGS)[number];

/** Options of one source. */
export interface SourceRule {
  /** The key under `sources`. */
  readonly name: string;
  /** What users call the provider, and the letters on its button; null: as the source says. */
  readonly title: Words | null;
  readonly mark: string | null;
  /** Who may sign in, by what the provider says of the account. */
  readonly admit: PolicySet;
  readonly unknown: UnknownAccount;
  readonly link: Linking;
  /** Null: the source decides no groups. */
  readonly groups: GroupRule | null;
  readonly secondFactor: FactorRule;
  /** How often a session asks the provider whether the account still stands, in milliseconds; null: never. */
  readonly recheck: number | null;
  /** Whether a sign-out leads to the provider, which ends its own session as well. */
  readonly signOut: boolean;
}

/** A source that is open, with its rule. */
export interface ConfiguredSource {
  readonly source: Source;
  readonly rule: SourceRule;
}

/** The sources of the configuration in force. */
export interface Sources {
  /** In the order of the configuration. */
  list(): readonly ConfiguredSource[];
  /** Null if the configuration has no source of this name. */
  find(name: string): ConfiguredSource | null;
}

/** Sources by name, or all that are configured. */
export type SourceNames = readonly string[] | 'all';

/** The sources of these names; those that the configuration does not have are left out. */
export function namedSources(sources: Sources, names: SourceNames): readonly ConfiguredSource[] {
  if (names === 'all') return sources.list();
  return names.map((name) => sources.find(name)).filter((found) => found !== null);
}

/** What users call the source. */
export function titleOf({ rule, source }: ConfiguredSource): Words {
  return rule.title ?? source.title;
}
