/** How flows create and revoke the tokens of the user who runs them. */
import type { Effect } from '../../core/flow/effect.ts';
import type { Accounts } from '../../core/people/account.ts';
import { notifyOwner, type OwnerEmailPorts } from '../proving/owner-email.ts';
import type { Run } from '../run/run.ts';

/** What creating and revoking tokens needs. */
export interface TokenPorts extends OwnerEmailPorts {
  readonly accounts: Pick<Accounts, 'createToken' | 'revokeToken' | 'token'>;
}

type TokenEffect = Extract<Effect, { kind: 'create-token' | 'revoke-token' }>;

/** Carries one out, with its event. The owner gets an email about a new token. */
export async function carryToken(ports: TokenPorts, effect: TokenEffect, run: Run): Promise<void> {
  if (effect.kind === 'create-token') {
    const { token, most } = effect;
    await ports.accounts.createToken(token, most);
    emit(ports, run, { change: 'token/created', userId: token.userId, tokenId: token.id });
    return notifyOwner(ports, { userId: token.userId, template: 'token-created' }, run);
  }
  const { userId, id } = effect;
  const token = await ports.accounts.token(id);
  // The id comes from a form: a token of another user counts as one that is gone.
  if (token?.userId !== userId || !(await ports.accounts.revokeToken(id))) return;
  emit(ports, run, { change: 'token/revoked', userId, tokenId: id });
}

function emit(
  { events }: TokenPorts,
  { facts, requestId, flow }: Run,
  about: {
    readonly change: 'token/created' | 'token/revoked';
    readonly userId: string;
    readonly tokenId: string;
  },
): void {
  const origin = { flow: flow.name, clientIp: facts.clientIp, requestId };
  events.emit({ type: 'account', ...about, ...origin });
}
