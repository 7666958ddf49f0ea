/** Which hashes a directory holds, by what they cost to verify, so that unknown names can cost the same. Pure. */

/** Hashes of equal cost. */
export interface HashCost {
  /** As `Passwords.costOf` writes it. */
  readonly cost: string;
  /** One of them. */
  readonly hash: string;
  /** How many users have one of this cost. */
  readonly users: number;
}

/** Groups hashes by cost, sorted by it. What is no hash is left out. */
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

/** The groups of several directories as one list. */
export function mergeCosts(lists: readonly (readonly HashCost[])[]): readonly HashCost[] {
  const groups = new Map<string, HashCost>();
  for (const { cost, hash, users } of lists.flat()) {
    const before = groups.get(cost);
    groups.set(cost, { cost, hash: before?.hash ?? hash, users: (before?.users ?? 0) + users });
  }
  return sorted([...groups.values()]);
}

/**
 * The hash at a place between 0 and 1 among all users, each as wide as any other. The order is that
 * of costs, so a place keeps its cost while the shares of users change little. Null without users.
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
