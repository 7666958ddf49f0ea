/** How much of the reasons a refused visitor sees, as configured by the operator. Pure. */
import type { User } from '../people/user.ts';

/**
 * `code`: the stable code and the request id only. `reasons`: also every reason as a sentence.
 * `trace`: also the rules with their lines, what each policy compared, and its verdict.
 */
export const DISCLOSURE_LEVELS = ['code', 'reasons', 'trace'] as const;
export type DisclosureLevel = (typeof DISCLOSURE_LEVELS)[number];

/** The level for all visitors, and levels for members of certain groups. */
export interface DisclosureRule {
  readonly everybody: DisclosureLevel;
  readonly groups: ReadonlyMap<string, DisclosureLevel>;
}

/** The highest level that applies to the user. Membership in a group never lowers it. */
export function disclosureFor(
  { everybody, groups }: DisclosureRule,
  user: User | null,
): DisclosureLevel {
  if (user === null || groups.size === 0) return everybody;
  let most = DISCLOSURE_LEVELS.indexOf(everybody);
  for (const group of user.groups) {
    const level = groups.get(group);
    if (level !== undefined) most = Math.max(most, DISCLOSURE_LEVELS.indexOf(level));
  }
  return DISCLOSURE_LEVELS[most] ?? everybody;
}
