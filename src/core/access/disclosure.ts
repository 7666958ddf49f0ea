/** How much whoever is refused is told of the reason, as the operator allows it. Pure. */
import type { User } from '../people/user.ts';

/**
 * `code`: the stable code and the request id alone. `reasons`: every reason in words, too.
 * `trace`: the rules with their lines, what each compared, and what it said.
 */
export const DISCLOSURE_LEVELS = ['code', 'reasons', 'trace'] as const;
export type DisclosureLevel = (typeof DISCLOSURE_LEVELS)[number];

/** What everybody is told, and what members of some groups are told beyond that. */
export interface DisclosureRule {
  readonly everybody: DisclosureLevel;
  readonly groups: ReadonlyMap<string, DisclosureLevel>;
}

/** The most that somebody may be told; nobody is told less for being in a group. */
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
