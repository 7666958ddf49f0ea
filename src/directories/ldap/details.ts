/** What further searches find out about an entry: its groups, and whether it is disabled. */
import { type Connection, Refused } from './protocol/connection.ts';
import { type Details, groupName, MAX_GROUPS, unusable } from './entry.ts';
import { knownFilter } from './protocol/filter.ts';
import type { LdapOptions } from './options.ts';

/** The entry that they are about. */
export interface About {
  readonly dn: string;
  /** The username as stored. */
  readonly login: string;
  /** No entry has this DN; the searches only take their time. */
  readonly isDecoy?: boolean;
}

const NO_SUCH_OBJECT = 32;

/** The searches. They are the same for a DN that does not exist. */
export function createDetails(options: Pick<LdapOptions, 'name' | 'groups' | 'disabled'>) {
  const { groups, disabled } = options;
  const isDisabled = typeof disabled === 'string' ? null : knownFilter(disabled.filter);
  const isGroup = groups?.source === 'search' ? knownFilter(groups.filter) : null;

  async function matchesDisabled(connection: Connection, { dn, isDecoy }: About): Promise<boolean> {
    if (isDisabled === null) return false;
    const search = {
      base: dn,
      scope: 'base',
      filter: isDisabled,
      attributes: [],
      most: 1,
    } as const;
    try {
      return (await connection.search(search)).entries.length > 0;
    } catch (caught) {
      // Named fallback: a decoy matches no filter. An entry that is gone since it was found is no user
      // who is enabled: it may have been moved.
      if (isDecoy && caught instanceof Refused && caught.result.code === NO_SUCH_OBJECT)
        return false;
      throw caught;
    }
  }
  async function groupsOf(connection: Connection, about: About): Promise<readonly string[]> {
    if (isGroup === null || groups?.source !== 'search') return [];
    const { entries, hasMore } = await connection.search({
      base: groups.base,
      scope: 'subtree',
      filter: isGroup,
      values: { dn: about.dn, login: about.login },
      attributes: [groups.name],
      most: MAX_GROUPS,
    });
    // Never cut: a rule may deny a group that would be missing.
    if (hasMore) throw unusable(options.name, about, 'more groups than the server returns at once');
    return entries.map((entry) => groupName(entry, groups.name, options));
  }
  return {
    async read(connection: Connection, about: About): Promise<Details> {
      const found = await matchesDisabled(connection, about);
      return { groups: await groupsOf(connection, about), isDisabled: found };
    },
  };
}
