/** How much whoever is refused is told of the reason, as the operator allows it. Pure. */
import type { User } from '../people/user.ts';

/**
 * `code`: the stable code and the request id alone. `reasons`: every reason in words, too.
 * `trace`: the rules with their lines, what each compared, and what it said.
 */
export const WHY_LEVELS = ['code', 'reasons', 'trace'] as const;
export type WhyLevel = (typeof WHY_LEVELS)[number];

/** What everybody is told, and what members of some groups are told beyond that. */
export interface WhyRule {
  readonly everybody: WhyLevel;
  readonly groups: ReadonlyMap<string, WhyLevel>;
}

/** The most that somebody may be told; nobody is told less for being in a group. */
export function whyFor({ everybody, groups }: WhyRule, user: User | null): WhyLevel {
  if (user === null || groups.size === 0) return everybody;
  let most = WHY_LEVELS.indexOf(everybody);
  for (const group of user.groups) {
    const level = groups.get(group);
    if (level !== undefined) most = Math.max(most, WHY_LEVELS.indexOf(level));
  }
  return WHY_LEVELS[most] ?? everybody;
}
