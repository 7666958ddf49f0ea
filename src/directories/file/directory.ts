/**
 * Users in a YAML file, read into memory, and again on each change. At start, a file that cannot be used is
 * an error; later it is reported as a fault and changes nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { directoryName } from '../../schema/names.ts';
import type { AdapterTools, DirectoryKind } from '../../core/setup/adapters.ts';
import type { Directory } from '../../core/people/directory.ts';
import { foldName } from '../../core/people/user.ts';
import { parseLargeFile } from './large-file.ts';
import {
  type ContentsTools,
  openContents,
  parsePeople,
  type People,
  readText,
  type UsersFileName,
} from './contents.ts';
import { type FileUser, MAX_USERS_FILE, parseUsersFile } from './users-file.ts';
import { WATCH_TIMING, type WatchTiming, watchFile } from './watching.ts';

const config = z.strictObject({
  path: z.string().min(1).max(4096).describe('The users file.'),
  name: directoryName
    .default('file')
    .describe('Prefix of its users’ ids. Required if there are two files.'),
});

/** `{ type: file, path: config/users.yaml }`. */
export const file: DirectoryKind<z.infer<typeof config>> = {
  type: 'file',
  config,
  open: (options, tools) => openFileDirectory(options, tools),
  async inspect({ path, name }, { passwords }) {
    parsePeople(await readText(path), { path, name }, passwords);
  },
  async users({ path, name }, { passwords }) {
    return [...parsePeople(await readText(path), { path, name }, passwords).values()];
  },
};

/** Longest name or address that is looked up. */
const MAX_LOGIN = 254;
/** How long a lookup waits for a file that has just changed to be read, in milliseconds. */
const PATIENCE = 1_000;

/** A directory that can be made to look at its file. */
export interface FileDirectory extends Directory {
  /** Reads the file if it has changed. Never rejects: a fault is an event. */
  refresh(): Promise<void>;
}

/** Opens the file. Rejects with Problem `directory/file`, which lists every fault with its line. */
export async function openFileDirectory(
  from: UsersFileName,
  tools: ContentsTools & Pick<AdapterTools, 'skeleton'>,
  timing: WatchTiming = WATCH_TIMING,
): Promise<FileDirectory> {
  const contents = await openContents(from, tools);
  const watched = watchFile(from.path, () => contents.readAgain(), timing);
  /** After a change is noticed, no lookup returns the previous content. */
  async function current(): Promise<People> {
    if (watched.isHeardOf()) {
      // Named fallback: if the file cannot be read in that time, the users read last count.
      await Promise.race([watched.lookedAt(), delay(PATIENCE, undefined, { ref: false })]);
    }
    return contents.people();
  }

  return {
    name: from.name,
    ...lookups(current, tools),
    isEmpty: async () => contents.people().byId.size === 0,
    guardIds: (settle) => contents.guardIds(settle),
    watch: (listener) => contents.watch(listener),
    freshFor: () => (contents.isOpen() && !watched.isHeardOf() ? Number.POSITIVE_INFINITY : 0),
    async close() {
      const closed = contents.close();
      watched.stop();
      await closed;
    },
    async refresh() {
      await watched.look();
      await contents.read();
    },
  };
}

function lookups(
  current: () => Promise<People>,
  { passwords, skeleton }: Pick<AdapterTools, 'passwords' | 'skeleton'>,
) {
  return {
    async find(login, by) {
      const folded = login.length > MAX_LOGIN ? '' : foldName(login);
      if (folded === '') return null;
      const people = await current();
      for (const field of by) {
        const found = (field === 'username' ? people.byName : people.byEmail).get(folded);
        if (found) return found.user;
      }
      return null;
    },
    async knows(login) {
      const folded = foldName(login);
      const { byName, byEmail } = await current();
      return byName.has(folded) || byEmail.has(folded);
    },
    async findAlike(login, except = null) {
      const { byName } = await current();
      const folded = foldName(login);
      const alike = namesBySkeleton(byName, skeleton).get(skeleton(login)) ?? [];
      const other = alike.find(({ user }) => foldName(user.name) !== folded && user.id !== except);
      return other?.user.name ?? null;
    },
    read: async (id) => (await current()).byId.get(id)?.user ?? null,
    async verifyPassword(id, password) {
      const people = await current();
      const found = id === null ? undefined : people.byId.get(id);
      if (found !== undefined) return passwords.verify(found.passwordHash, password);
      // The most common kind of hash in this file; never right.
      const verdict = await passwords.verify(people.decoy, password);
      return verdict === 'busy' ? 'busy' : 'wrong';
    },
    hashCosts: async () => (await current()).costs,
    hasPassword: async (id) => (await current()).byId.has(id),
  } satisfies Partial<Directory>;
}

/** The users of a text of up to 64 MiB, for `user import`. Problem `directory/file` as above. */
export function parseExportedUsers(
  { path, text }: { readonly path: string; readonly text: string },
  isHash: (text: string) => boolean,
): readonly FileUser[] {
  const parse = Buffer.byteLength(text) > MAX_USERS_FILE ? parseLargeFile : parseUsersFile;
  return [...parsePeople(text, { path, name: 'file' }, { isHash }, parse).values()];
}

/** Computed when the first new name is compared with those of this file, once per version of it. */
const bySkeleton = new WeakMap<object, ReadonlyMap<string, readonly FileUser[]>>();

function namesBySkeleton(
  byName: ReadonlyMap<string, FileUser>,
  skeleton: (name: string) => string,
): ReadonlyMap<string, readonly FileUser[]> {
  const known = bySkeleton.get(byName);
  if (known !== undefined) return known;
  const grouped = Map.groupBy(byName.values(), ({ user }) => skeleton(user.name));
  bySkeleton.set(byName, grouped);
  return grouped;
}
