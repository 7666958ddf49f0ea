/**
 * The first administrator of a gateway with a configuration of its own: one invitation while there
 * are no users. Its link goes to the terminal and nowhere else; only a one-way name is stored.
 */
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
  /** Locks out other gateways until it is released; null while one of them has the lock. */
  readonly lock: () => Promise<(() => void) | null>;
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
  const release = await parts.lock();
  if (release === null) return { kind: 'elsewhere' };
  parts.hold(release);
  const earlier = (await accounts.invitations(MOST)).filter(isFirst);
  const expiresAt = clock.now() + LASTS;
  // State that several machines share: the one that asked first, and has it in its own database, invites.
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
