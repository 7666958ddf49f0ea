/** Whether whoever runs a stage is the person it is about: not known by a name alone, but proved. */
import { isRecent, type Session } from '../people/session.ts';
import type { StageContext } from './stage.ts';

/** How new a proof must be for what is grave, and for `requires: fresh`, in milliseconds. */
export const FRESH_FOR = 10 * 60_000;

/** Verified in this very run, or signed in as the subject. Unknown names are nobody's. */
export function isOwner(
  ctx: Pick<StageContext<unknown>, 'subject' | 'session' | 'proofs'>,
): ctx is typeof ctx & { readonly subject: { readonly login: string; readonly userId: string } } {
  const userId = ctx.subject?.userId ?? null;
  return userId !== null && (ctx.proofs.length > 0 || ctx.session?.userId === userId);
}

/** Whether the owner was proved within the last ten minutes, in this run or before it: by nobody else at a desk left open. */
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
