/** Which of a user's groups a source decides, and what it says about them. Pure. */
import type { Json } from '../values/json.ts';
import { valueAt } from '../values/record.ts';
import type { SourceProfile } from './source.ts';

/** The groups that a source manages. All others belong to operators. */
export interface GroupRule {
  /** Path of the claim with the groups; null: those that the provider reports as groups. */
  readonly claim: readonly string[] | null;
  /** Our groups by the provider's name. */
  readonly map: ReadonlyMap<string, readonly string[]>;
  /** Names that are the same here as at the provider. */
  readonly only: ReadonlySet<string>;
}

/**
 * The groups of a user after a sign-in: the managed ones as the provider says, all others as they were. A
 * provider that says nothing gives none of the managed groups. Null if nothing changes.
 */
export function groupsAfter(
  rule: GroupRule,
  profile: SourceProfile,
  before: readonly string[],
): readonly string[] | null {
  const managed = new Set([...rule.only, ...[...rule.map.values()].flat()]);
  const given = said(rule, profile).flatMap((name) => [
    ...(rule.map.get(name) ?? []),
    ...(rule.only.has(name) ? [name] : []),
  ]);
  const after = new Set([...before.filter((name) => !managed.has(name)), ...given]);
  const isSame = after.size === before.length && before.every((name) => after.has(name));
  return isSame ? null : [...after].sort();
}

function said({ claim }: GroupRule, profile: SourceProfile): readonly string[] {
  const value: unknown = claim === null ? profile.groups : valueAt(profile.claims, claim);
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((name) => typeof name === 'string');
}

/** Which claims show that the provider asked for a second factor. Empty lists: none does. */
export interface FactorRule {
  readonly amr: readonly string[];
  readonly acr: readonly string[];
}

/** Whether the claims show a second factor: any of the methods (RFC 8176), or one of the classes. */
export function showsFactor(rule: FactorRule, claims: Readonly<Record<string, Json>>): boolean {
  const { amr, acr } = claims;
  const methods: readonly unknown[] = Array.isArray(amr) ? amr : [];
  return (
    methods.some((one) => typeof one === 'string' && rule.amr.includes(one)) ||
    (typeof acr === 'string' && rule.acr.includes(acr))
  );
}
