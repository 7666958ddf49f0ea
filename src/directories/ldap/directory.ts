/**
 * Users of an LDAP server. A user is served for `fresh_for` after a read; from then on the server must
 * answer, or the user is refused with 503. Passwords are verified by the server alone.
 */
import type { AdapterTools, DirectoryKind } from '../../core/setup/adapters.ts';
import type { Directory } from '../../core/people/directory.ts';
import type { PasswordVerdict } from '../../core/people/password.ts';
import type { ChangeListener } from '../../core/people/session-store.ts';
import { foldName, type User } from '../../core/people/user.ts';
import { causeOf } from '../../core/values/network-cause.ts';
import { asProblem, Problem } from '../../core/values/problem.ts';
import { readAuthority } from '../../outside/authority.ts';
import { createBinding, sendable, type VerifyByBind } from './binding.ts';
import { type Connection, Refused } from './protocol/connection.ts';
import { createFresh, type Fresh } from './fresh.ts';
import { createLookups, type Located, type Lookups, type Person } from './lookups.ts';
import { type LdapOptions, ldapOptions } from './options.ts';
import { type ChangePassword, createPasswordChange } from './password-change.ts';
import { createPool, type Pool } from './pool.ts';
import { createServers, SERVER_TIMING, type ServerTiming } from './servers.ts';

/** `{ type: ldap, preset: openldap, url: ldaps://ldap.example.com, … }`. */
export const ldap: DirectoryKind<LdapOptions> = {
  type: 'ldap',
  config: ldapOptions,
  open: (options, tools) => openLdapDirectory(options, tools),
  inspect: async ({ ca }) => void (await readCa(ca)),
  async reach(options, tools) {
    const { pool, lookups } = await join(options, tools, SERVER_TIMING);
    try {
      return (await lookups.hasUsers()) ? null : 'no user is found with base and filter';
    } catch (caught) {
      // Named fallback: the advice of `check`.
      return wordsOf(caught);
    } finally {
      pool.close();
    }
  },
};

/** Longest login that is looked up. */
const MAX_LOGIN = 254;
/** Users and logins in memory. */
const CAPACITY = 20_000;

/** What an LDAP directory uses. */
export type LdapTools = Pick<AdapterTools, 'clock' | 'events'>;

/** A directory that can be made to ask its server. */
export interface LdapDirectory extends Directory {
  /** Reads all users in memory again. */
  refresh(): Promise<void>;
}

/** What verifying by a bind needs; `ownId`: the id within the directory. */
interface BinderParts {
  readonly lookups: Lookups;
  readonly verify: VerifyByBind;
  readonly users: Fresh<Person | null>;
  readonly ownId: (id: string | null) => string | null;
}

/** Binds as the entry that `dnOf` names, or as one that does not exist. */
function binderOf({ lookups, verify, users, ownId }: BinderParts) {
  return async (
    id: string | null,
    password: string,
    dnOf: (person: Person | null) => string | null,
  ): Promise<PasswordVerdict> => {
    const text = sendable(password);
    if (text === null) return 'wrong';
    const own = ownId(id);
    // Read again: the entry may have been moved, and its name given to another user.
    const at = monotonic();
    const person = await lookups.read(own, 'sign-ins');
    if (own !== null) users.put(own, person, at);
    const dn = dnOf(person);
    const verdict = await verify(dn ?? lookups.decoyDn(), text);
    return dn === null && verdict !== 'busy' ? 'wrong' : verdict;
  };
}

/** Connects to nothing yet, so that the gateway starts while the server is down. */
export async function openLdapDirectory(
  options: LdapOptions,
  tools: LdapTools,
  timing: ServerTiming = SERVER_TIMING,
): Promise<LdapDirectory> {
  const { pool, lookups, verify, change } = await join(options, tools, timing);
  const { name, freshFor } = options;
  const memory = createMemory(options, lookups, tools);
  const { users, logins, listeners } = memory;
  let isClosed = false;
  /** The id within this directory. */
  const ownId = (id: string | null): string | null =>
    id !== null && id.startsWith(`${name}/`) ? id.slice(name.length + 1) : null;

  const bindAs = binderOf({ lookups, verify, users, ownId });

  return {
    name,
    async find(login, by) {
      const located = await memory.locate(login, by);
      return located.kind === 'one' ? ((await users.read(located.id))?.user ?? null) : null;
    },
    async knows(login) {
      return (await memory.locate(login, ['username', 'email'])).kind !== 'none';
    },
    async read(id) {
      const own = ownId(id);
      return own === null ? null : ((await users.read(own))?.user ?? null);
    },
    verifyPassword: (id, password) => bindAs(id, password, (person) => person?.dn ?? null),
    // The server counts a wrong bind against the entry.
    feignPassword: (id, password) => bindAs(id, password, () => null),
    ...passwordChanges(users, ownId, change),
    isEmpty: () => memory.isEmpty(),
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    // A visitor in the gate's memory is as old as the user read here, and then this time at most.
    freshFor: () => (isClosed ? 0 : freshFor / 6),
    async close() {
      isClosed = true;
      for (const values of [users, logins]) values.clear();
      pool.close();
    },
    async refresh() {
      logins.clear();
      memory.forgetUsers();
      await Promise.all(users.keys().map((id) => users.reload(id)));
    },
  };
}

/** Nothing if passwords are changed elsewhere: with null for `change`. */
function passwordChanges(
  users: Fresh<Person | null>,
  ownId: (id: string) => string | null,
  change: ChangePassword | null,
): Pick<Directory, 'passwordChanger'> {
  if (change === null) return {};
  const changeOf = async (id: string, password: string): Promise<void> => {
    const text = sendable(password);
    const person = await users.reload(id);
    if (person === null)
      throw new Problem('user/unknown', 'There is no such user.', { status: 404 });
    if (text === null) {
      throw new Problem('password/refused', 'This password cannot be sent.', { status: 409 });
    }
    await change(person.dn, text);
    // When it was set is part of new sessions.
    await users.reload(id);
  };
  return {
    passwordChanger(id) {
      const own = ownId(id);
      return own === null ? null : (password) => changeOf(own, password);
    },
  };
}

/** What has been read, and may be used for a while. */
function createMemory(options: LdapOptions, lookups: Lookups, { events }: LdapTools) {
  const { name, freshFor } = options;
  const shared = {
    timing: { refreshAfter: freshFor / 2, maxAge: (freshFor / 6) * 5 },
    capacity: CAPACITY,
    now: monotonic,
  };
  const listeners = new Set<ChangeListener>();
  const users: Fresh<Person | null> = createFresh({
    ...shared,
    load: (id) => lookups.read(id, 'sessions'),
    onChange(id, before, after) {
      if (textOf(before) === textOf(after)) return;
      for (const listener of listeners) listener(`${name}/${id}`);
    },
  });
  const logins: Fresh<Located> = createFresh({
    ...shared,
    async load(key) {
      const at = monotonic();
      const [by = '', login = ''] = splitKey(key);
      const located = await lookups.locate(
        login,
        FIELDS.filter((field) => by.includes(field)),
      );
      if (located.kind === 'one') users.put(located.id, located.person, at);
      if (located.kind === 'several') reportSeveral(login);
      return located;
    },
  });
  let hasUsers = false;
  function reportSeveral(login: string): void {
    const words = `The directory ${name} has several entries for the login ${login}: none is used.`;
    const cause = new Problem('directory/several', words);
    events.emit({ type: 'fault', code: 'directory/several', requestId: null, cause });
  }
  return {
    users,
    logins,
    listeners,
    async locate(login: string, by: readonly ('username' | 'email')[]): Promise<Located> {
      const folded = login.length > MAX_LOGIN ? '' : foldName(login);
      if (folded === '' || folded.length > MAX_LOGIN || !folded.isWellFormed()) return NONE;
      return logins.read(`${FIELDS.filter((field) => by.includes(field)).join('+')} ${folded}`);
    },
    async isEmpty(): Promise<boolean> {
      try {
        // Asked until there is one: readiness depends on this, and must not on the server.
        hasUsers ||= await lookups.hasUsers();
        return !hasUsers;
      } catch {
        // Named fallback: while the server is away, no first administrator is invited.
        return false;
      }
    },
    forgetUsers(): void {
      hasUsers = false;
    },
  };
}

function monotonic(): number {
  return performance.now();
}

const NONE: Located = { kind: 'none' };
const FIELDS = ['username', 'email'] as const;

function splitKey(key: string): readonly string[] {
  const space = key.indexOf(' ');
  return [key.slice(0, space), key.slice(space + 1)];
}

/** What listeners must know of; servers may list groups in any order. */
function textOf(person: Person | null): string {
  const user: User | null = person?.user ?? null;
  return JSON.stringify(user === null ? null : { ...user, groups: user.groups.toSorted() });
}

/** The parts of a directory. Problem `directory/ca`. */
async function join(options: LdapOptions, { clock, events }: LdapTools, timing: ServerTiming) {
  const ca = await readCa(options.ca);
  const servers = createServers({ options, ca, events, timing });
  const pool: Pool = createPool({ servers, prepare: bindSearcher(options), options });
  const lookups = createLookups({ options, pool, now: () => clock.now() });
  const { name, write } = options;
  const change =
    write === null
      ? null
      : createPasswordChange({ name, servers, prepare: bindSearcher(options), operation: write });
  return { pool, lookups, verify: createBinding({ name, servers }), change };
}

/** Binds as the account that searches. */
function bindSearcher({ bind }: Pick<LdapOptions, 'bind'>) {
  return async (connection: Connection): Promise<void> => {
    if (bind === null) return;
    const result = await connection.bind(bind.dn, bind.password);
    if (result.code !== 0) throw new Refused('the bind of bind_dn failed', result);
  };
}

async function readCa(path: string | null): Promise<string | null> {
  return path === null ? null : readAuthority(path, 'directory/ca');
}

/** Why the server cannot be used. */
function wordsOf(caught: unknown): string {
  const { cause, message } = asProblem(caught);
  const found = causeOf(cause);
  return found === null ? message : `the server cannot be used: ${found.word}: ${found.message}`;
}
