/** Where a plan's end leads. The return-to is checked here a second time: routes may have changed since. */
import type { Plan } from '../../core/flow/plan.ts';
import { checkReturnTo } from '../../core/access/return-to.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';

/** The destination of a finished plan; the portal's front page when it has none. */
export function destination(snapshot: Snapshot, plan: Pick<Plan, 'returnTo'>): string {
  return whereTo(snapshot, plan.returnTo);
}

/**
 * Where a stage that sends people on leads: one of our own URLs. On the way to another flow the
 * destination goes along, unless the URL names one itself.
 */
export function onward(snapshot: Snapshot, to: string, plan: Pick<Plan, 'returnTo'>): string {
  const checked = whereTo(snapshot, to);
  const back = checkReturnTo(plan.returnTo, snapshot.site, snapshot.table);
  const url = new URL(checked);
  const isFlow = url.origin === snapshot.site.origin && url.pathname.startsWith('/flow/');
  if (!isFlow || back === null || url.searchParams.has('rd')) return checked;
  url.searchParams.set('rd', back);
  return url.href;
}

/** An URL of ours re-serialised, or the portal's front page. */
export function whereTo(snapshot: Snapshot, url: string | null): string {
  return checkReturnTo(url, snapshot.site, snapshot.table) ?? `${snapshot.site.origin}/`;
}
