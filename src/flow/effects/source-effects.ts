/** How flows link accounts at sources to users, and create users for them. */
import type { AccountChange } from '../../core/access/event.ts';
import type { Effect } from '../../core/flow/effect.ts';
import type { Directory } from '../../core/people/directory.ts';
import type { AccountKey, SourceLinks } from '../../core/sources/source-link.ts';
import { createUser, updateUser, type UserPorts } from './user-effects.ts';

/** What it needs. */
export interface SourcePorts extends UserPorts {
  readonly links: SourceLinks;
  readonly directories: UserPorts['directories'] & Pick<Directory, 'read'>;
}

type Done = (change: AccountChange, userId: string) => void;

/** Links an account to the user who has proved to be its owner, or records that a source vouched for it. */
export async function carrySource(
  ports: SourcePorts,
  effect: Extract<Effect, { kind: 'link-source' | 'use-source' }>,
  done: Done,
): Promise<void> {
  if (effect.kind === 'use-source') return useSource(ports, effect, done);
  if (await link(ports, effect)) done('source/linked', effect.userId);
}

/** Records a sign-in with an account, and what its source decides about the user. */
async function useSource(
  ports: SourcePorts,
  effect: Extract<Effect, { kind: 'use-source' }>,
  done: Done,
): Promise<void> {
  const { source, account, changes } = effect;
  const userId = effect.userId ?? (await createUser(ports, changes));
  if (effect.userId === null) done('user/created', userId);
  else if (await updateUser(ports, userId, changes)) done('user/updated', userId);
  if (await link(ports, { userId, source, account })) done('source/linked', userId);
  await ports.links.useSource(account, { source, at: ports.clock.now() });
}

/** Returns whether the account was not linked to this user before. */
async function link(
  { links, directories, clock }: SourcePorts,
  { userId, source, account }: { userId: string; source: string; account: AccountKey },
): Promise<boolean> {
  const known = await links.sourceLink(account);
  if (known?.userId === userId) return false;
  // The link of a user who no longer exists, in a directory that cannot say so.
  if (known !== null && (await directories.read(known.userId)) === null) {
    await links.unlinkSource(known.userId, account);
  }
  const { issuer, subject } = account;
  const createdAt = clock.now();
  await links.linkSource({ issuer, subject, userId, source, createdAt, lastUsedAt: null });
  return true;
}
