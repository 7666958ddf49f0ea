/** Users as flows create, change and delete them, in the one directory that can be written. */

import type { Effect } from '../../core/flow/effect.ts';
import type { AccountChange } from '../../core/access/event.ts';
import type { Subject } from '../../core/people/subject.ts';
import type { UserChanges, WritableDirectory } from '../../core/people/directory.ts';
import { Problem } from '../../core/values/problem.ts';
import type { FlowDeps } from '../run/deps.ts';
import type { Order } from './orders.ts';

type WriteUser = Extract<Effect, { kind: 'write-user' }>;
type UserDeps = Pick<FlowDeps, 'users' | 'directories' | 'accounts' | 'stores' | 'clock'>;

/** Refuses, before anything is written, what could not be: Problems `user/read-only`, `user/exists`, `user/name`, `user/name-alike`. */
export async function checkWrite(deps: UserDeps, { effect, subject }: Order): Promise<void> {
  if (effect.kind === 'delete-user') {
    owned(deps, subject);
  } else if (effect.kind === 'write-user') {
    const id = effect.mode === 'update' ? owned(deps, subject).id : null;
    if (id === null) nameOf(effect);
    const users = writable(deps);
    const { name } = effect.changes;
    await checkFree(deps, effect.changes, id);
    if (name !== undefined) await users.checkName?.({ ...effect.changes, name }, id);
  }
}

/** Creates the user, or changes the subject; tells `done` of each thing written, and of whom. */
export async function writeUser(
  deps: UserDeps,
  order: Order,
  effect: WriteUser,
  done: (change: AccountChange, userId: string) => void,
): Promise<void> {
  const { changes, passwordHash } = effect;
  if (effect.mode === 'create') {
    const user = { ...changes, name: nameOf(effect) };
    const { id } = await writable(deps).create(user, passwordHash ?? null);
    if (passwordHash !== undefined) await remember(deps, id, passwordHash);
    return done('user/created', id);
  }
  const { users, id } = owned(deps, order.subject);
  if (Object.keys(changes).length > 0) {
    await users.update(id, changes);
    done('user/updated', id);
  }
  if (passwordHash !== undefined) {
    // Before it counts: one that was kept and not set is merely not to be chosen.
    await remember(deps, id, passwordHash);
    await users.setPassword(id, passwordHash);
    done('password/changed', id);
  }
}

/**
 * Marks an address as verified; false where that is not to be: the address has changed, the directory
 * cannot be written, or the address belongs to another user, who verified it first.
 */
export async function verifyEmail(
  deps: Pick<FlowDeps, 'users' | 'events'>,
  subject: Subject | null,
  email: string,
): Promise<boolean> {
  const { users, events } = deps;
  const id = subject?.userId ?? null;
  if (users === null || id === null || !id.startsWith(`${users.name}/`)) return false;
  const user = await users.read(id);
  if (user === null || user.emailVerified || user.email !== email) return false;
  try {
    await users.update(id, { emailVerified: true });
    return true;
  } catch (cause) {
    if (!(cause instanceof Problem) || cause.code !== 'user/exists') throw cause;
    // Named fallback: the address stays unverified. The proof that it took stands all the same.
    events.emit({ type: 'fault', code: 'email/taken', requestId: null, cause });
    return false;
  }
}

/** So that it is not chosen again (password_reuse). */
function remember({ accounts, clock }: UserDeps, id: string, hash: string): Promise<void> {
  return accounts.rememberPassword(id, hash, clock.now());
}

/** Whose password an order changes, or null. */
export function passwordOf({ effect, subject }: Order): string | null {
  const isChange =
    effect.kind === 'write-user' && effect.mode === 'update' && effect.passwordHash !== undefined;
  return isChange ? (subject?.userId ?? null) : null;
}

/**
 * Ends the sessions, deletes the user, then forgets what was kept beside it: were that gone first
 * and the deletion failed, somebody would be left without the second factor they had.
 */
export async function deleteUser(deps: UserDeps, subject: Subject | null): Promise<void> {
  const { users, id } = owned(deps, subject);
  await deps.stores.sessions.endAll(id);
  await users.delete(id);
  await deps.accounts.forgetUser(id);
}

/** A name or address is one person's, in whichever directory: nobody may sign in under another's. */
async function checkFree(deps: UserDeps, changes: UserChanges, id: string | null): Promise<void> {
  for (const login of [changes.name ?? '', changes.email ?? '']) {
    const found = login === '' ? null : await deps.directories.find(login, ['username', 'email']);
    // A user whom no sign-in finds (refused for an earlier namesake) has the name all the same.
    const isTaken =
      found === null
        ? login !== '' && (await deps.directories.knows?.(login)) === true
        : found.id !== id;
    if (isTaken) {
      throw new Problem('user/exists', 'The name or address is taken.', { status: 409 });
    }
  }
}

function nameOf({ changes }: WriteUser): string {
  if (changes.name !== undefined && changes.name !== '') return changes.name;
  throw new Problem('user/name', 'A new user needs a name.', { status: 400 });
}

function writable({ users }: UserDeps): WritableDirectory {
  if (users === null) throw readOnly();
  return users;
}

/** The subject, if it lives in the directory that can be written. */
function owned(
  deps: UserDeps,
  subject: Subject | null,
): { readonly users: WritableDirectory; readonly id: string } {
  const users = writable(deps);
  const id = subject?.userId ?? null;
  if (id === null) throw new Problem('user/unknown', 'There is no such user.', { status: 404 });
  if (!id.startsWith(`${users.name}/`)) throw readOnly();
  return { users, id };
}

function readOnly(): Problem {
  return new Problem('user/read-only', 'The directory of this user cannot be written.', {
    status: 409,
  });
}
