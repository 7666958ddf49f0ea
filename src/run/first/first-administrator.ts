/**
 * The first administrator of a gateway with a configuration of its own: one invitation while there
 * are no users. Its link goes to the terminal and nowhere else; only a one-way name is stored.
 */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  createInvitation,
  invitationLink,
  takesInvitations,
} from '../../core/administration/invitation.ts';
import type { Accounts, Invitation } from '../../core/people/account.ts';
import type { Directory } from '../../core/people/directory.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { Clock, Marks, Random, Vault } from '../../core/values/system.ts';
import { ADMIN_GROUP } from './first-run.ts';

/** The flow that it is good for. */
const FLOW = 'first-run';
/** How long it is good, in milliseconds: a day. */
const LASTS = 86_400_000;
const MOST = 1000;
const LOCK_FILE = 'first-run.lock';
/** https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/** What it takes to make one. */
export interface SetUpParts {
  readonly snapshot: Snapshot;
  /** All directories: a user in any of them counts. */
  readonly directories: readonly Pick<Directory, 'isEmpty'>[];
  readonly accounts: Pick<Accounts, 'invitations' | 'createInvitation' | 'revokeInvitation'>;
  readonly marks: Marks;
  readonly vault: Pick<Vault, 'name'>;
  readonly random: Random;
  readonly clock: Clock;
  readonly dataDir: string;
  /** Takes what is held for as long as this gateway runs. */
  readonly hold: (release: () => void) => void;
}

/** `elsewhere`: another gateway, or another process on this folder, has made it. */
export type SetUp =
  | { readonly kind: 'made'; readonly link: string }
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'needless' };

/**
 * A link for the first administrator; it replaces an earlier one of this machine. Only for a flow with
 * an invitation stage, and only while there are no users.
 */
export async function inviteFirst(parts: SetUpParts): Promise<SetUp> {
  const { snapshot, accounts, clock } = parts;
  const canInvite = takesInvitations(snapshot.flows.get(FLOW));
  if (!canInvite || !(await hasNoUsers(parts.directories))) return { kind: 'needless' };
  const lock = lockFile(join(parts.dataDir, LOCK_FILE));
  if (lock === null) return { kind: 'elsewhere' };
  parts.hold(lock);
  const earlier = (await accounts.invitations(MOST)).filter(isFirst);
  const expiresAt = clock.now() + LASTS;
  // State that several machines share: the one that asked first, and has it in its own file, invites.
  const isOurs = earlier.length > 0 || (await parts.marks.take('first-administrator', expiresAt));
  if (!isOurs) return { kind: 'elsewhere' };
  for (const { id } of earlier) await accounts.revokeInvitation(id);
  const { token } = await createInvitation(parts, {
    flow: FLOW,
    lasts: LASTS,
    singleUse: true,
    data: { first: true, groups: [ADMIN_GROUP] },
    note: 'first administrator',
  });
  return { kind: 'made', link: invitationLink(snapshot.site.origin, FLOW, token) };
}

async function hasNoUsers(directories: SetUpParts['directories']): Promise<boolean> {
  for (const directory of directories) if (!(await directory.isEmpty())) return false;
  return true;
}

function isFirst({ flow, data }: Invitation): boolean {
  return flow === FLOW && data['first'] === true;
}

/**
 * Locks a file until it is released or the process is gone, however it went; null while another
 * process has it. Node has no lock of its own, so it is one of SQLite's on an empty database.
 */
function lockFile(path: string): (() => void) | null {
  const db = new DatabaseSync(path, { timeout: 0, allowExtension: false });
  try {
    chmodSync(path, 0o600);
    db.exec('BEGIN EXCLUSIVE');
  } catch (caught) {
    db.close();
    if (caught instanceof Error && 'errcode' in caught && caught.errcode === SQLITE_BUSY)
      return null;
    throw caught;
  }
  return () => db.close();
}
