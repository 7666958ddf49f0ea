/** The groups of a user, with all groups above them (`User.all_groups` of authentik). */
import type { Records, UserRecord } from './records.ts';

/** Returns the names for a user. Ignores cycles and groups that are not in the export. */
export function groupNames(records: Records): (user: UserRecord) => readonly string[] {
  const names = new Map(records.groups.map(({ pk, fields }) => [pk, fields.name]));
  const parents = new Map<string, string[]>();
  const addParent = (child: string, parent: string): void => {
    parents.set(child, [...(parents.get(child) ?? []), parent]);
  };
  for (const { pk, fields } of records.groups) {
    if (typeof fields.parent === 'string') addParent(pk, fields.parent);
  }
  for (const { child, parent } of records.parents) addParent(child, parent);
  return ({ fields }) => {
    const found = new Set(fields.groups ?? fields.ak_groups ?? []);
    // A set that grows while it is walked: each group is visited once.
    for (const pk of found) for (const above of parents.get(pk) ?? []) found.add(above);
    return [...found].flatMap((pk) => names.get(pk) ?? []);
  };
}
