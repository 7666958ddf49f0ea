/** The users of a file as they were last read, and the events that follow when they change. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { AdapterTools } from '../../core/setup/adapters.ts';
import { groupByCost, type HashCost } from '../../core/people/hash-cost.ts';
import type { NamedUser } from '../../core/people/account.ts';
import type { SettleUsers } from '../../core/people/directory.ts';
import type { Passwords } from '../../core/people/password.ts';
import type { ChangeListener } from '../../core/people/session-store.ts';
import { foldName } from '../../core/people/user.ts';
import { asProblem, Problem } from '../../core/values/problem.ts';
import type { parseLargeFile } from './large-file.ts';
import { type FileUser, MAX_USERS_FILE, parseUsersFile } from './users-file.ts';

/** A file, and the name of its directory. */
export interface UsersFileName {
  readonly path: string;
  readonly name: string;
}

export type ContentsTools = Pick<AdapterTools, 'passwords' | 'events'>;

/** Users by every key they are looked up by. An address that several users have finds none of them. */
export interface People {
  readonly byName: ReadonlyMap<string, FileUser>;
  readonly byEmail: ReadonlyMap<string, FileUser | null>;
  readonly byId: ReadonlyMap<string, FileUser>;
  readonly costs: readonly HashCost[];
  /** A hash of the most common cost; null in an empty file. */
  readonly decoy: string | null;
}

/** The users of one file. */
export interface Contents {
  people(): People;
  /** Reads the file again. Never rejects: a fault is an event. */
  readAgain(): Promise<void>;
  /** Resolves once the last read is done. */
  read(): Promise<void>;
  /** As in Directory. */
  guardIds(settle: SettleUsers): Promise<void>;
  watch(listener: ChangeListener): () => void;
  isOpen(): boolean;
  /** Resolves once nothing is read any more. */
  close(): Promise<void>;
}

/** How long users are withheld before they are settled again, in milliseconds. */
const RETRY = 2_000;

/** Reads the file for the first time. Rejects with Problem `directory/file`. */
export async function openContents(
  file: UsersFileName,
  { passwords, events }: ContentsTools,
): Promise<Contents> {
  const changes = changeListeners();
  const begin = await readText(file.path);
  let seen = digestOf(begin);
  let people = index(parsePeople(begin, file, passwords), passwords);
  let isOpen = true;
  let reading = Promise.resolve();
  let settle: SettleUsers | null = null;

  function report(cause: unknown): void {
    events.emit({ type: 'fault', code: asProblem(cause).code, requestId: null, cause });
  }
  async function readNow(): Promise<void> {
    if (!isOpen) return;
    try {
      const text = await readText(file.path);
      const digest = digestOf(text);
      if (digest === seen) return;
      seen = digest;
      const before = people;
      const read = index(parsePeople(text, file, passwords), passwords);
      const failure = (await settle?.(namedUsers(read)).catch(failed)) ?? null;
      people = failure === null ? read : index(withheld(read, before), passwords);
      changes.announce(before, people);
      if (failure === null) return;
      report(failure.cause);
      seen = '';
      setTimeout(() => void readAgain(), RETRY).unref();
    } catch (cause) {
      // Named fallback: the users read last stay, and the fault is reported to the operator.
      report(cause);
    }
  }
  const readAgain = (): Promise<void> => (reading = reading.then(readNow));
  return {
    people: () => people,
    readAgain,
    read: () => reading,
    guardIds(given) {
      const done = reading.then(() => given(namedUsers(people)));
      reading = done.then(
        () => void (settle = given),
        () => undefined,
      );
      return done;
    },
    watch: (listener) => changes.watch(listener),
    isOpen: () => isOpen,
    close() {
      isOpen = false;
      return reading;
    },
  };
}

function changeListeners() {
  const listeners = new Set<ChangeListener>();
  return {
    announce(before: People, after: People): void {
      for (const id of changed(before.byId, after.byId)) {
        for (const listener of listeners) listener(id);
      }
    },
    watch(listener: ChangeListener): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function failed(cause: unknown): { readonly cause: unknown } {
  return { cause };
}

/** Reads at most one byte more than is allowed, whatever the file is. */
export async function readText(path: string): Promise<string> {
  try {
    await using handle = await open(path, 'r');
    if (!(await handle.stat()).isFile()) throw new Error('not a file');
    const buffer = Buffer.alloc(MAX_USERS_FILE + 1);
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

/** The users by folded name. Throws Problem `directory/file` with all faults of the text. */
export function parsePeople(
  text: string,
  { path, name }: UsersFileName,
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

function index(
  byName: ReadonlyMap<string, FileUser>,
  passwords: Pick<Passwords, 'costOf'>,
): People {
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

/** Users as they are settled. */
function namedUsers({ byId }: People): readonly NamedUser[] {
  return [...byId.values()].map(({ user, passwordHash, hasId }) => ({
    id: user.id,
    mark: digestOf(passwordHash),
    isLasting: hasId,
  }));
}

/** Users who need not be settled first: those who were there before with the same password. */
function withheld(next: People, before: People): ReadonlyMap<string, FileUser> {
  const isSame = ({ user, passwordHash }: FileUser): boolean =>
    before.byId.get(user.id)?.passwordHash === passwordHash;
  return new Map([...next.byName].filter(([, person]) => isSame(person)));
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
