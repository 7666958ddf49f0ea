/** The groups of a user, with all groups above them (`User.all_groups` of authentik). */
import type { Records, UserRecord } from './records.ts';

/** Returns the names for a user. Ignores cycles and groups that are not in the export. */
export function groupNames(records: Records): (user: UserRecord) => readonly string[] {
  const names = new Map(records.groups.map(({ pk, fields }) => [pk, fields.name]));
  const older = records.groups.flatMap(({ pk: child, fields: { parent } }) =>
    typeof parent === 'string' ? [{ child, parent }] : [],
  );
  const parents = Map.groupBy([...older, ...records.parents], ({ child }) => child);
  return ({ fields }) => {
    const found = new Set(fields.groups ?? fields.ak_groups ?? []);
    // A set that grows while it is walked: each group is visited once.
    for (const pk of found) for (const above of parents.get(pk) ?? []) found.add(above.parent);
    return [...found].flatMap((pk) => names.get(pk) ?? []);
  };
}
