/** What an operator changes about a user: from words to the changes that a directory writes. Pure. */
import type { UserChanges } from '../people/directory.ts';
import type { User } from '../people/user.ts';

/** What is to change; what is omitted stays. */
export interface UserOrder {
  readonly name?: string;
  readonly displayName?: string;
  /** `''` removes the address. */
  readonly email?: string;
  /** Whether the address belongs to the user. If omitted, a new address does: the operator vouches for it. */
  readonly emailVerified?: boolean;
  readonly addGroups: readonly string[];
  readonly removeGroups: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly removeAttributes: readonly string[];
}

/** The changes, or words about what cannot be removed since the user does not have it. */
export function changesFor(user: User, order: UserOrder): UserChanges | string {
  const { addGroups, removeGroups, attributes, removeAttributes } = order;
  const strange = removeGroups.find((group) => !user.groups.includes(group));
  if (strange !== undefined) return `is not in the group ${strange}`;
  const missing = removeAttributes.find((key) => !Object.hasOwn(user.attributes, key));
  if (missing !== undefined) return `has no attribute ${missing}`;
  const kept = Object.entries(user.attributes).filter(([key]) => !removeAttributes.includes(key));
  return {
    ...(order.name === undefined ? {} : { name: order.name }),
    ...(order.displayName === undefined ? {} : { displayName: order.displayName }),
    ...addressChanges(order),
    ...(addGroups.length + removeGroups.length === 0
      ? {}
      : {
          groups: [
            ...new Set([...user.groups.filter((g) => !removeGroups.includes(g)), ...addGroups]),
          ],
        }),
    ...(Object.keys(attributes).length + removeAttributes.length === 0
      ? {}
      : { attributes: { ...Object.fromEntries(kept), ...attributes } }),
  };
}

function addressChanges({ email, emailVerified }: UserOrder): UserChanges {
  if (email === undefined) return emailVerified === undefined ? {} : { emailVerified };
  return { email, emailVerified: email !== '' && (emailVerified ?? true) };
}
