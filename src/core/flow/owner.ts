/** Whether the user who runs a stage is its subject: proved, not just named. */
import { isRecent, type Session } from '../people/session.ts';
import type { StageContext } from './stage.ts';

/** Maximum age of a proof for sensitive effects and for `requires: fresh`, in milliseconds. */
export const FRESH_FOR = 10 * 60_000;

/** Verified in this very run, or signed in as the subject. False for unknown names. */
export function isOwner(
  ctx: Pick<StageContext<unknown>, 'subject' | 'session' | 'proofs'>,
): ctx is typeof ctx & { readonly subject: { readonly login: string; readonly userId: string } } {
  const userId = ctx.subject?.userId ?? null;
  return userId !== null && (ctx.proofs.length > 0 || ctx.session?.userId === userId);
}

/** Whether the owner was proved within the last ten minutes, in this run or before it, so that an unattended device is not enough. */
export function isFreshOwner(
  ctx: Pick<StageContext<unknown>, 'subject' | 'session' | 'proofs' | 'now'>,
): boolean {
  if (!isOwner(ctx)) return false;
  const before = ctx.session?.userId === ctx.subject.userId ? ctx.session.proofs : [];
  return [...ctx.proofs, ...before].some((proof) => isRecent(proof.at, FRESH_FOR, ctx.now));
}

/** Whether the session contains a proof from the last ten minutes. */
export function isFreshlyProved({ proofs }: Pick<Session, 'proofs'>, now: number): boolean {
  return proofs.some((proof) => isRecent(proof.at, FRESH_FOR, now));
}
