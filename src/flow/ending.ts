/** Where a plan's end leads. The return-to is checked here a second time: routes may have changed since. */
import type { Plan } from '../core/plan.ts';
import { checkReturnTo } from '../core/return-to.ts';
import type { Snapshot } from '../core/snapshot.ts';

/** The destination of a finished plan; the portal's front page when it has none. */
export function destination(snapshot: Snapshot, plan: Pick<Plan, 'returnTo'>): string {
  return whereTo(snapshot, plan.returnTo);
}

/** An URL of ours re-serialised, or the portal's front page. */
export function whereTo(snapshot: Snapshot, url: string | null): string {
  return checkReturnTo(url, snapshot.site, snapshot.table) ?? `${snapshot.site.origin}/`;
}
