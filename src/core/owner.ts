/** Whether whoever runs a stage is the person it is about: not known by a name alone, but proved. */
import type { StageContext } from './stage.ts';

/** Verified in this very run, or signed in as the subject. Unknown names are nobody's. */
export function isOwner(
  ctx: Pick<StageContext<unknown>, 'subject' | 'session' | 'proofs'>,
): ctx is typeof ctx & { readonly subject: { readonly login: string; readonly userId: string } } {
  const userId = ctx.subject?.userId ?? null;
  return userId !== null && (ctx.proofs.length > 0 || ctx.session?.userId === userId);
}
