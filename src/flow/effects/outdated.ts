/**
 * Proofs that no longer count because all sessions of their user were ended after they were given, or because
 * they came by mail to an address that is no longer the user's.
 * Without this check, a run that began with a stolen password would outlive the new password.
 */
import type { Plan } from '../../core/flow/plan.ts';
import type { AccountReader } from '../../core/people/account.ts';
import type { User } from '../../core/people/user.ts';
import type { Proven } from '../proving/proven.ts';
import type { Run } from '../run/run.ts';
import { isAboutUser, type Order } from './orders.ts';
import { passwordOf } from './user-effects.ts';

/** A request that sets a password ends the user's sessions within this time, in milliseconds. */
const OWN = 60_000;

/** The plan with the `sessions_valid_from` that applied when its first proof was given. */
export function withProven(plan: Plan, proven: readonly Proven[]): Plan {
  const [first] = proven;
  const isFirst = plan.validFrom === undefined || plan.proofs.length === 1;
  const isNew = first !== undefined && plan.proofs.length > 0 && isFirst;
  const mailedTo = plan.mailedTo ?? proven.find((one) => one.mailedTo !== null)?.mailedTo;
  return {
    ...plan,
    ...(isNew ? { validFrom: first.validFrom } : {}),
    ...(typeof mailedTo === 'string' ? { mailedTo } : {}),
  };
}

/** Whether the method proves access to a mailbox. */
export function isMailed(method: string): boolean {
  return method === 'email_link' || method === 'email_code';
}

/**
 * Whether these orders rest on a mailed link or code, and the user has another address by now: the owner of
 * the former mailbox must not go on with the account.
 */
export function isReaddressed(plan: Plan, orders: readonly Order[], user: User | null): boolean {
  const isOther = user !== null && user.id === plan.subject?.userId && user.email !== plan.mailedTo;
  const isBound = plan.mailedTo !== undefined && plan.proofs.length > 0;
  return isBound && isOther && orders.some(({ effect }) => isAboutUser(effect));
}

/** The plan after its orders: when the run itself sets a new password or address, its proofs still count. */
export function withOrdered(plan: Plan, orders: readonly Order[], now: number): Plan {
  const isOwn = orders.some((order) => passwordOf(order) !== null);
  const { mailedTo: _former, ...rest } = plan;
  const kept = orders.some(changesAddress) ? rest : plan;
  return isOwn ? { ...kept, validFrom: now + OWN } : kept;
}

function changesAddress({ effect }: Order): boolean {
  return effect.kind === 'write-user' && effect.changes.email !== undefined;
}

/**
 * Whether these orders rest on outdated proofs. The bound must have moved since the first proof: a
 * clock that was set back makes new proofs older than an old bound, and they still count.
 */
export async function areOutdated(
  accounts: Pick<AccountReader, 'sessionsValidFrom'>,
  orders: readonly Order[],
  plan: Plan,
  run: Run,
): Promise<boolean> {
  const userId = plan.subject?.userId ?? null;
  if (userId === null || plan.proofs.length === 0 || run.visitor?.user.id === userId) return false;
  if (!orders.some(({ effect }) => isAboutUser(effect))) return false;
  const validFrom = await accounts.sessionsValidFrom(userId);
  return validFrom > (plan.validFrom ?? 0) && plan.proofs.some(({ at }) => at < validFrom);
}
