/**
 * Users in a YAML file, read into memory, and again on each change. At start, a file that cannot be used is
 * an error; later it is reported as a fault and changes nothing.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { directoryName } from '../../schema/names.ts';
import type { AdapterTools, DirectoryKind } from '../../core/setup/adapters.ts';
import { groupByCost } from '../../core/people/hash-cost.ts';
import type { ChangeListener } from '../../core/people/session-store.ts';
import type { Directory } from '../../core/people/directory.ts';
import type { Passwords } from '../../core/people/password.ts';
import { asProblem, Problem } from '../../core/values/problem.ts';
import { foldName } from '../../core/people/user.ts';
import { MAX_IMPORT_FILE, parseLargeFile } from './large-file.ts';
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
    parsePeople(await readText(path), path, name, passwords);
  },
  async users({ path, name }, { passwords }) {
    return [...parsePeople(await readText(path), path, name, passwords).values()];
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
  { path, name }: { readonly path: string; readonly name: string },
  tools: Pick<AdapterTools, 'passwords' | 'events' | 'skeleton'>,
  timing: WatchTiming = WATCH_TIMING,
): Promise<FileDirectory> {
  const { passwords, events, skeleton } = tools;
  const listeners = new Set<ChangeListener>();
  const begin = await readText(path);
  let seen = digestOf(begin);
  let people = index(parsePeople(begin, path, name, passwords), passwords);
  let isOpen = true;
  let reading = Promise.resolve();

  async function refreshNow(): Promise<void> {
    if (!isOpen) return;
    try {
      const text = await readText(path);
      const digest = digestOf(text);
      if (digest === seen) return;
      seen = digest;
      const next = index(parsePeople(text, path, name, passwords), passwords);
      const before = people;
      people = next;
      for (const id of changed(before.byId, next.byId)) {
        for (const listener of listeners) listener(id);
      }
    } catch (cause) {
      // Named fallback: the users read last stay, and the fault is reported to the operator.
      const { code } = asProblem(cause);
      events.emit({ type: 'fault', code, requestId: null, cause });
    }
  }
  function readAgain(): Promise<void> {
    reading = reading.then(refreshNow);
    return reading;
  }
  const watched = watchFile(path, readAgain, timing);
  /** After a change is noticed, no lookup returns the previous content. */
  async function current(): Promise<void> {
    if (!watched.isHeardOf()) return;
    // Named fallback: if the file cannot be read in that time, the users read last count.
    await Promise.race([watched.lookedAt(), delay(PATIENCE, undefined, { ref: false })]);
  }

  return {
    name,
    async find(login, by) {
      const folded = login.length > MAX_LOGIN ? '' : foldName(login);
      if (folded === '') return null;
      await current();
      for (const field of by) {
        const found = (field === 'username' ? people.byName : people.byEmail).get(folded);
        if (found) return found.user;
      }
      return null;
    },
    async knows(login) {
      const folded = foldName(login);
      await current();
      return people.byName.has(folded) || people.byEmail.has(folded);
    },
    async findAlike(login, except = null) {
      await current();
      const folded = foldName(login);
      const alike = namesBySkeleton(people.byName, skeleton).get(skeleton(login)) ?? [];
      const other = alike.find(({ user }) => foldName(user.name) !== folded && user.id !== except);
      return other?.user.name ?? null;
    },
    async read(id) {
      await current();
      return people.byId.get(id)?.user ?? null;
    },
    async verifyPassword(id, password) {
      await current();
      const found = id === null ? undefined : people.byId.get(id);
      if (found !== undefined) return passwords.verify(found.passwordHash, password);
      // The most common kind of hash in this file; never right.
      const verdict = await passwords.verify(people.decoy, password);
      return verdict === 'busy' ? 'busy' : 'wrong';
    },
    async hashCosts() {
      await current();
      return people.costs;
    },
    async hasPassword(id) {
      await current();
      return people.byId.has(id);
    },
    isEmpty: async () => people.byId.size === 0,
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    freshFor: () => (isOpen && !watched.isHeardOf() ? Number.POSITIVE_INFINITY : 0),
    async close() {
      isOpen = false;
      watched.stop();
      await reading;
    },
    async refresh() {
      await watched.look();
      await reading;
    },
  };
}

/** The users of a file of up to 64 MiB, for `user import`. Problem `directory/file` as above. */
export async function readUsersFile(
  path: string,
  passwords: Pick<Passwords, 'isHash'>,
): Promise<readonly FileUser[]> {
  const text = await readText(path, MAX_IMPORT_FILE);
  const parse = Buffer.byteLength(text) > MAX_USERS_FILE ? parseLargeFile : parseUsersFile;
  return [...parsePeople(text, path, 'file', passwords, parse).values()];
}

/** Reads at most one byte more than is allowed, whatever the file is. */
async function readText(path: string, largest = MAX_USERS_FILE): Promise<string> {
  try {
    await using handle = await open(path, 'r');
    if (!(await handle.stat()).isFile()) throw new Error('not a file');
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(largest, Math.max(size, MAX_USERS_FILE)) + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) break;
    }
    return buffer.toString('utf8', 0, length);
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new Problem('directory/file', `The users file ${path} cannot be read: ${words}`, {
      cause,
    });
  }
}

function parsePeople(
  text: string,
  path: string,
  name: string,
  passwords: Pick<Passwords, 'isHash'>,
  parse: typeof parseLargeFile = parseUsersFile,
): ReadonlyMap<string, FileUser> {
  const parsed = parse(text, name, (hash) => passwords.isHash(hash));
  if (parsed.ok) return parsed.users;
  const faults = parsed.faults.map(
    (f) => `${path}:${f.line}:${f.column} ${f.path === '' ? '' : `${f.path}: `}${f.message}`,
  );
  throw new Problem('directory/file', `The users file cannot be used:\n${faults.join('\n')}`);
}

/** Users by every key they are looked up by. An address that several users have finds none of them. */
function index(byName: ReadonlyMap<string, FileUser>, passwords: Pick<Passwords, 'costOf'>) {
  const byId = new Map<string, FileUser>();
  const byEmail = new Map<string, FileUser | null>();
  for (const person of byName.values()) {
    byId.set(person.user.id, person);
    const email = foldName(person.user.email);
    if (email !== '') byEmail.set(email, byEmail.has(email) ? null : person);
  }
  const hashes = [...byName.values()].map(({ passwordHash }) => passwordHash);
  const costs = groupByCost(hashes, (hash) => passwords.costOf(hash));
  const decoy = costs.toSorted((a, b) => b.users - a.users)[0]?.hash ?? null;
  return { byName, byEmail, byId, costs, decoy };
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

/** Ids of users that were added, removed or changed. */
function changed(
  before: ReadonlyMap<string, FileUser>,
  after: ReadonlyMap<string, FileUser>,
): readonly string[] {
  const ids = new Set([...before.keys(), ...after.keys()]);
  return [...ids].filter((id) => asText(before.get(id)) !== asText(after.get(id)));
}

function asText(person: FileUser | undefined): string {
  return JSON.stringify(person ?? null);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
