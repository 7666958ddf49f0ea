/** How flows link accounts at sources to users, and create users for them. */
import type { AccountChange } from '../../core/access/event.ts';
import type { Effect, LinkedAccount } from '../../core/flow/effect.ts';
import type { Directory } from '../../core/people/directory.ts';
import type { SourceLink, SourceLinks } from '../../core/sources/source-link.ts';
import { Problem } from '../../core/values/problem.ts';
import { updateUser, type UserPorts } from './user-effects.ts';

/** What it needs. */
export interface SourcePorts extends UserPorts {
  readonly links: SourceLinks;
  readonly directories: UserPorts['directories'] & Pick<Directory, 'read'>;
}

type Done = (change: AccountChange, userId: string) => void;

/**
 * For this long, in milliseconds, a link without a user may be that of a user who is being created; an
 * older one is a remnant.
 */
const CREATION = 60_000;

/** Links an account to the user who has proved to be its owner, or records that a source vouched for it. */
export async function carrySource(
  ports: SourcePorts,
  effect: Extract<Effect, { kind: 'link-source' | 'use-source' }>,
  done: Done,
): Promise<void> {
  const { userId, source, account } = effect;
  if (effect.kind === 'use-source' && (await updateUser(ports, userId, effect.changes))) {
    done('user/updated', userId);
  }
  if (await link(ports, userId, { ...account, source })) done('source/linked', userId);
  if (effect.kind === 'link-source') return;
  await ports.links.useSource(account, { source, at: ports.clock.now() });
}

/** Rejects a new user whose account belongs to a user by now: `source/linked`. Writes nothing. */
export async function checkAccount(
  ports: Pick<SourcePorts, 'links' | 'directories' | 'clock'>,
  effect: Effect,
): Promise<void> {
  if (effect.kind !== 'write-user' || effect.account === undefined) return;
  const known = await ports.links.sourceLink(effect.account);
  if (known !== null && !(await isRemnant(ports, known))) throw linked();
}

/**
 * Creates a user with an account at a source. The link comes first: of two runs with the same account, only
 * one can store it, so that only one creates a user. Without the user, the link is removed again.
 */
export async function createLinked(
  ports: SourcePorts,
  { id = '', account }: { readonly id?: string; readonly account: LinkedAccount },
  { create, done }: { readonly create: () => Promise<void>; readonly done: Done },
): Promise<void> {
  if (!(await link(ports, id, account))) throw linked();
  try {
    await create();
  } catch (caught) {
    await ports.links.unlinkSource(id, account);
    throw caught;
  }
  done('source/linked', id);
  await ports.links.useSource(account, { source: account.source, at: ports.clock.now() });
}

/** Returns whether the account was not linked to this user before. */
async function link(
  ports: Pick<SourcePorts, 'links' | 'directories' | 'clock'>,
  userId: string,
  { issuer, subject, source }: LinkedAccount,
): Promise<boolean> {
  const { links, clock } = ports;
  const known = await links.sourceLink({ issuer, subject });
  if (known?.userId === userId) return false;
  if (known !== null && (await isRemnant(ports, known))) {
    await links.unlinkSource(known.userId, known);
  }
  const createdAt = clock.now();
  await links.linkSource({ issuer, subject, userId, source, createdAt, lastUsedAt: null });
  return true;
}

/** Whether it is the link of a user who no longer exists, in a directory that cannot say so. */
async function isRemnant(
  { directories, clock }: Pick<SourcePorts, 'directories' | 'clock'>,
  { userId, createdAt }: SourceLink,
): Promise<boolean> {
  if (Math.abs(clock.now() - createdAt) < CREATION) return false;
  return (await directories.read(userId)) === null;
}

function linked(): Problem {
  return new Problem('source/linked', 'The account belongs to a user.', { status: 409 });
}
