/**
 * Searches for users. One that finds nothing sends as many requests as one that finds a user, so that
 * the time reveals little about who exists.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { foldName, type User } from '../../core/people/user.ts';
import type { Connection } from './protocol/connection.ts';
import { createDetails } from './details.ts';
import { attributesOf, type Details, idOf, idValue, textsOf, userOf } from './entry.ts';
import {
  equals,
  type Filter,
  filled,
  forEveryLogin,
  knownFilter,
  loginAttributes,
} from './protocol/filter.ts';
import type { Entry } from './protocol/messages.ts';
import type { LdapOptions } from './options.ts';
import type { Pool } from './pool.ts';
import type { Purpose } from './turns.ts';

/** A user with the name of the entry. */
export interface Person {
  readonly user: User;
  readonly dn: string;
}

/** What a login leads to. `several`: entries that cannot be distinguished, so none of them is used. */
export type Located =
  | { readonly kind: 'none' | 'several' }
  | { readonly kind: 'one'; readonly id: string; readonly person: Person };

/** What a login may be. */
type LoginFields = readonly ('username' | 'email')[];

/** Searches in one directory. All reject with a Problem if the server does not answer. */
export interface Lookups {
  /** By a folded login. */
  locate(login: string, by: LoginFields): Promise<Located>;
  /** By the id within the directory. Null searches for an id that does not exist. */
  read(id: string | null, purpose: Purpose): Promise<Person | null>;
  hasUsers(): Promise<boolean>;
  /** A DN below the base that no entry has. */
  decoyDn(): string;
}

/** What it takes. */
export interface LookupParts {
  readonly options: LdapOptions;
  readonly pool: Pool;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Entries requested: a second one is an ambiguity. */
const TWO = 2;

/** Searches with these options. */
export function createLookups({ options, pool, now }: LookupParts): Lookups {
  const { base, fields } = options;
  const logins = createLogins(options);
  const attributes = [...new Set([...attributesOf(options), ...logins.attributes])];
  const details = createDetails(options);
  const decoyDn = (): string => `cn=${randomBytes(16).toString('hex')},${base}`;

  const search = (connection: Connection, filter: Filter, login = '') =>
    connection.search({ base, scope: 'subtree', filter, values: { login }, attributes, most: TWO });
  const personOf = async (connection: Connection, entry: Entry): Promise<Person> => {
    const [login = ''] = textsOf(entry, fields.username);
    const found = await details.read(connection, { dn: entry.dn, login });
    return { user: userOf(entry, found, options, now()), dn: entry.dn };
  };
  const nothing = (connection: Connection, login: string): Promise<Details> =>
    details.read(connection, { dn: decoyDn(), login, isDecoy: true });

  return {
    decoyDn,
    async locate(login, by) {
      const filter = logins.filter(login, by);
      if (filter === null) return { kind: 'none' };
      return pool.run('sign-ins', async (connection): Promise<Located> => {
        const { entries, hasMore } = await search(connection, filter, login);
        // Servers compare more loosely than we do: without accents, or with other spaces.
        const alike = entries.filter((entry) => logins.matches(entry, login, by));
        const [entry] = alike;
        if (entry !== undefined && alike.length === 1 && !hasMore) {
          return {
            kind: 'one',
            id: idOf(entry, options),
            person: await personOf(connection, entry),
          };
        }
        await nothing(connection, login);
        return { kind: hasMore || alike.length > 1 ? 'several' : 'none' };
      });
    },
    read(id, purpose) {
      return pool.run(purpose, async (connection) => {
        const value = idValue(id ?? randomUUID(), options) ?? randomUUID();
        const filter: Filter = { kind: 'and', of: [logins.everyone, equals(fields.id, value)] };
        const { entries } = await search(connection, filter);
        const [entry, ...more] = entries;
        if (entry !== undefined && more.length === 0 && idOf(entry, options) === id) {
          return personOf(connection, entry);
        }
        await nothing(connection, '');
        return null;
      });
    },
    hasUsers: () => pool.run('sign-ins', (connection) => hasAny(connection, base, logins.everyone)),
  };
}

async function hasAny(connection: Connection, base: string, filter: Filter): Promise<boolean> {
  const search = { base, scope: 'subtree', filter, attributes: [], most: 1 } as const;
  const { entries, hasMore } = await connection.search(search);
  return hasMore || entries.length > 0;
}

function hasName(by: LoginFields): boolean {
  return by.includes('username');
}

function isOneOf(entry: Entry, attribute: string, login: string): boolean {
  return textsOf(entry, attribute).some((text) => foldName(text) === foldName(login));
}

/** How logins are searched and compared. */
function createLogins(options: Pick<LdapOptions, 'filter' | 'fields' | 'emailVerified'>) {
  const { fields, emailVerified } = options;
  const byLogin = knownFilter(options.filter);
  const everyone = forEveryLogin(byLogin);
  const compared = loginAttributes(byLogin);
  const hasEmail = (by: LoginFields): boolean =>
    by.includes('email') && emailVerified && fields.email !== '';

  return {
    /** Matches all users. */
    everyone,
    attributes: compared.map(({ attribute }) => attribute),
    /** Null: no field to search. */
    filter(login: string, by: LoginFields): Filter | null {
      const byEmail = { kind: 'and', of: [everyone, equals(fields.email, login)] } as const;
      const of = [...(hasName(by) ? [byLogin] : []), ...(hasEmail(by) ? [byEmail] : [])];
      return of.length === 0 ? null : { kind: 'or', of };
    },
    /** Whether an entry really has the login. */
    matches(entry: Entry, login: string, by: LoginFields): boolean {
      const hasLogin = compared.some(({ attribute, value }) =>
        isOneOf(entry, attribute, filled(value, { login }).toString()),
      );
      return (hasName(by) && hasLogin) || (hasEmail(by) && isOneOf(entry, fields.email, login));
    },
  };
}
