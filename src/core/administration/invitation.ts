/**
 * Makes invitations. The token is returned once, for the link; only its one-way name is stored, so
 * the link cannot be shown again.
 */
import type { Flow } from '../flow/flow.ts';
import type { Accounts, Invitation } from '../people/account.ts';
import type { Clock, Random, Vault } from '../values/system.ts';

/** What an invitation offers. */
export interface InvitationOffer extends Pick<Invitation, 'flow' | 'singleUse' | 'data' | 'note'> {
  /** How long it is valid, in milliseconds. */
  readonly lasts: number;
}

/** What making one needs. */
export interface InvitationParts {
  readonly accounts: Pick<Accounts, 'createInvitation'>;
  readonly vault: Pick<Vault, 'name'>;
  readonly random: Random;
  readonly clock: Clock;
}

/** Random bytes of a token and of an ID. */
const TOKEN_BYTES = 24;
const ID_BYTES = 16;

/** Whether a flow can be opened by an invitation. */
export function takesInvitations(flow: Flow | undefined): flow is Flow {
  return flow?.stages.some(({ stage }) => stage.type === 'invitation') === true;
}

/** Stores an invitation; `token` is the secret part of its link. */
export async function createInvitation(
  { accounts, vault, random, clock }: InvitationParts,
  { lasts, ...offer }: InvitationOffer,
): Promise<{ readonly invitation: Invitation; readonly token: string }> {
  const token = random.token(TOKEN_BYTES);
  const now = clock.now();
  const invitation: Invitation = {
    ...offer,
    // A letter first: an ID that begins with a dash would be parsed as an option.
    id: `i${random.token(ID_BYTES)}`,
    tokenName: vault.name('invitation', token),
    createdAt: now,
    expiresAt: now + lasts,
    used: 0,
  };
  await accounts.createInvitation(invitation);
  return { invitation, token };
}

/** The link that opens an invitation's flow. */
export function invitationLink(origin: string, flow: string, token: string): string {
  return `${origin}/flow/${flow}?invitation=${token}`;
}

/** Whether an invitation can still be used. `now` in epoch milliseconds. */
export function invitationState(
  { singleUse, used, expiresAt }: Invitation,
  now: number,
): 'open' | 'used' | 'expired' {
  if (singleUse && used > 0) return 'used';
  return expiresAt <= now ? 'expired' : 'open';
}
