/**
 * Groups a directory's password hashes by the cost of verifying them, so that unknown names can
 * cost the same. Pure.
 */

/** Hashes of equal cost. */
export interface HashCost {
  /** As returned by `Passwords.costOf`. */
  readonly cost: string;
  /** One hash of this cost. */
  readonly hash: string;
  /** Number of users with a hash of this cost. */
  readonly users: number;
}

/** Groups hashes by cost and sorts the groups. Ignores text that is not a hash. */
export function groupByCost(
  hashes: Iterable<string>,
  costOf: (hash: string) => string | null,
): readonly HashCost[] {
  const groups = new Map<string, { hash: string; users: number }>();
  for (const hash of hashes) {
    const cost = costOf(hash);
    if (cost === null) continue;
    const group = groups.get(cost);
    if (group === undefined) groups.set(cost, { hash, users: 1 });
    else group.users += 1;
  }
  return sorted([...groups].map(([cost, group]) => ({ cost, ...group })));
}

/** Merges the groups of several directories. */
export function mergeCosts(lists: readonly (readonly HashCost[])[]): readonly HashCost[] {
  const groups = new Map<string, HashCost>();
  for (const { cost, hash, users } of lists.flat()) {
    const before = groups.get(cost);
    groups.set(cost, { cost, hash: before?.hash ?? hash, users: (before?.users ?? 0) + users });
  }
  return sorted([...groups.values()]);
}

/**
 * The hash at a position from 0 to 1 in the list of all users, each with an equal share. The list
 * is sorted by cost, so a position keeps its cost while the shares change little. Null without
 * users.
 */
export function hashAt(costs: readonly HashCost[], place: number): string | null {
  let left = place * costs.reduce((sum, { users }) => sum + users, 0);
  for (const { hash, users } of costs) {
    left -= users;
    if (left < 0) return hash;
  }
  return costs.at(-1)?.hash ?? null;
}

function sorted(costs: readonly HashCost[]): readonly HashCost[] {
  return costs.toSorted((a, b) => (a.cost < b.cost ? -1 : 1));
}
