/** How flows create, change and delete users, in the one writable directory. */
import type { AccountChange, EventSink } from '../../core/access/event.ts';
import type { Effect } from '../../core/flow/effect.ts';
import type { Accounts } from '../../core/people/account.ts';
import type { Directory, UserChanges, WritableDirectory } from '../../core/people/directory.ts';
import type { HeldPasswords } from './held-passwords.ts';
import type { Subject } from '../../core/people/subject.ts';
import type { Stores } from '../../core/setup/stores.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Clock } from '../../core/values/system.ts';
import type { Order } from './orders.ts';

type WriteUser = Extract<Effect, { kind: 'write-user' }>;

/** What writing users needs. */
export interface UserPorts {
  /** Where users are created and changed; null if no directory is writable. */
  readonly users: WritableDirectory | null;
  readonly directories: Pick<Directory, 'find' | 'knows' | 'passwordChanger'>;
  /** New passwords as they were typed; absent if no directory needs them so. */
  readonly heldPasswords?: Pick<HeldPasswords, 'has' | 'take'> | undefined;
  readonly accounts: Pick<Accounts, 'rememberPassword' | 'forgetUser'>;
  readonly stores: Pick<Stores, 'sessions'>;
  readonly clock: Clock;
  readonly events: EventSink;
}

/**
 * Rejects what could not be written, before anything is written. Problems: `user/read-only`,
 * `user/exists`, `user/name`, `user/name-alike`, `password/elsewhere`, `password/again`.
 */
export async function checkWrite(ports: UserPorts, order: Order): Promise<void> {
  const { effect, subject } = order;
  const onServer = serverChange(ports, order);
  if (onServer !== null) {
    if (ports.heldPasswords?.has(onServer.hash) !== true) throw again();
  } else if (effect.kind === 'delete-user') {
    owned(ports, subject);
  } else if (effect.kind === 'write-user') {
    const id = effect.mode === 'update' ? owned(ports, subject).id : null;
    if (id === null) nameOf(effect);
    await checkUser(ports, effect.changes, id);
  }
}

/**
 * Rejects if these changes would be refused to the user with this id, or (null) to a new one. The one
 * rule for names and addresses that flows write. Problems: `user/read-only`, `user/exists`,
 * `user/name`, `user/name-alike`.
 */
export async function checkUser(
  ports: Pick<UserPorts, 'users' | 'directories'>,
  changes: UserChanges,
  id: string | null,
): Promise<void> {
  const users = writable(ports);
  await checkFree(ports, changes, id);
  const { name } = changes;
  if (name !== undefined) await users.checkName?.({ ...changes, name }, id);
}

/** Changes a user of the writable directory; false if there is nothing to change, or it cannot be changed here. */
export async function updateUser(
  { users }: Pick<UserPorts, 'users'>,
  id: string,
  changes: UserChanges,
): Promise<boolean> {
  if (users === null || Object.keys(changes).length === 0) return false;
  if (!id.startsWith(`${users.name}/`)) return false;
  await users.update(id, changes);
  return true;
}

/** Creates the user, or changes the subject. Calls `done` for each change, with the user it was made to. */
export async function writeUser(
  ports: UserPorts,
  order: Order,
  effect: WriteUser,
  done: (change: AccountChange, userId: string) => void,
): Promise<void> {
  const { changes, passwordHash } = effect;
  if (effect.mode === 'create') {
    const user = { ...changes, name: nameOf(effect), ...idOf(effect) };
    const { id } = await writable(ports).create(user, passwordHash ?? null);
    if (passwordHash !== undefined) await remember(ports, id, passwordHash);
    return done('user/created', id);
  }
  const onServer = serverChange(ports, order);
  if (onServer !== null) {
    await changeOnServer(ports, onServer);
    return done('password/changed', onServer.id);
  }
  const { users, id } = owned(ports, order.subject);
  if (Object.keys(changes).length > 0) {
    await users.update(id, changes);
    done('user/updated', id);
  }
  if (passwordHash !== undefined) {
    // Recorded before it takes effect: a recorded password that was not set merely cannot be chosen.
    await remember(ports, id, passwordHash);
    await users.setPassword(id, passwordHash);
    done('password/changed', id);
  }
}

/** A password to set on a server that hashes it itself. */
interface ServerChange {
  readonly id: string;
  readonly hash: string;
  readonly change: (password: string) => Promise<void>;
}

/** Null if the order sets no password, or that of a user in the writable directory. */
function serverChange({ users, directories }: UserPorts, order: Order): ServerChange | null {
  const id = passwordOf(order);
  const { effect } = order;
  if (id === null || effect.kind !== 'write-user' || effect.passwordHash === undefined) return null;
  if (users !== null && id.startsWith(`${users.name}/`)) return null;
  if (Object.keys(effect.changes).length > 0) throw readOnly();
  const change = directories.passwordChanger?.(id) ?? null;
  if (change === null) {
    throw new Problem('password/elsewhere', 'The password is managed elsewhere.', { status: 409 });
  }
  return { id, hash: effect.passwordHash, change };
}

async function changeOnServer(ports: UserPorts, { id, hash, change }: ServerChange): Promise<void> {
  const password = ports.heldPasswords?.take(hash) ?? null;
  if (password === null) throw again();
  await change(password);
  // Recorded afterwards: the user may choose a password again that the server refused.
  await remember(ports, id, hash);
}

/** It was typed too long ago, or in another process. */
function again(): Problem {
  return new Problem('password/again', 'The new password must be typed again.', { status: 409 });
}

/**
 * Marks an address as verified. Returns false if it cannot: the address has changed, the directory
 * is not writable, or another user verified the address first.
 */
export async function verifyEmail(
  { users, events }: Pick<UserPorts, 'users' | 'events'>,
  subject: Subject | null,
  email: string,
): Promise<boolean> {
  const id = subject?.userId ?? null;
  if (users === null || id === null || !id.startsWith(`${users.name}/`)) return false;
  const user = await users.read(id);
  if (user === null || user.emailVerified || user.email !== email) return false;
  try {
    await users.update(id, { emailVerified: true });
    return true;
  } catch (cause) {
    if (!(cause instanceof Problem) || cause.code !== 'user/exists') throw cause;
    // Named fallback: the address stays unverified. The proof given through it still counts.
    events.emit({ type: 'fault', code: 'email/taken', requestId: null, cause });
    return false;
  }
}

/** Records the password so that it is not chosen again (password_reuse). */
function remember({ accounts, clock }: UserPorts, id: string, hash: string): Promise<void> {
  return accounts.rememberPassword(id, hash, clock.now());
}

/** The user whose password an order changes, or null. */
export function passwordOf({ effect, subject }: Order): string | null {
  const isChange =
    effect.kind === 'write-user' && effect.mode === 'update' && effect.passwordHash !== undefined;
  return isChange ? (subject?.userId ?? null) : null;
}

/**
 * Ends the sessions, deletes the user, then deletes the account data. In any other order, a failed
 * deletion would leave the user without their second factor.
 */
export async function deleteUser(ports: UserPorts, subject: Subject | null): Promise<void> {
  const { users, id } = owned(ports, subject);
  await ports.stores.sessions.endAll(id);
  await users.delete(id);
  await ports.accounts.forgetUser(id);
}

/** A name or address belongs to one user across all directories, so that none can sign in as another. */
async function checkFree(
  { directories }: Pick<UserPorts, 'directories'>,
  changes: UserChanges,
  id: string | null,
): Promise<void> {
  for (const login of [changes.name ?? '', changes.email ?? '']) {
    const found = login === '' ? null : await directories.find(login, ['username', 'email']);
    // A user whom sign-in does not find (an earlier user has the name) still holds the name.
    const isTaken =
      found === null
        ? login !== '' && (await directories.knows?.(login)) === true
        : found.id !== id;
    if (isTaken) {
      throw new Problem('user/exists', 'The name or address is taken.', { status: 409 });
    }
  }
}

function nameOf({ changes }: Pick<WriteUser, 'changes'>): string {
  if (changes.name !== undefined && changes.name !== '') return changes.name;
  throw new Problem('user/name', 'A new user needs a name.', { status: 400 });
}

function idOf({ id }: WriteUser): { readonly newId?: string } {
  return id === undefined ? {} : { newId: id };
}

function writable({ users }: Pick<UserPorts, 'users'>): WritableDirectory {
  if (users === null) throw readOnly();
  return users;
}

/** The subject's id, if the subject is in the writable directory. */
function owned(
  ports: UserPorts,
  subject: Subject | null,
): { readonly users: WritableDirectory; readonly id: string } {
  const users = writable(ports);
  const id = subject?.userId ?? null;
  if (id === null) throw new Problem('user/unknown', 'The user does not exist.', { status: 404 });
  if (!id.startsWith(`${users.name}/`)) throw readOnly();
  return { users, id };
}

function readOnly(): Problem {
  return new Problem('user/read-only', "The user's directory is read-only.", { status: 409 });
}
