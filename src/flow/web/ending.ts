/** Where a plan leads when it ends. The return-to is checked again here, because routes may have changed. */
import type { Leave } from '../../core/flow/stage.ts';
import type { Plan } from '../../core/flow/plan.ts';
import { checkReturnTo } from '../../core/access/return-to.ts';
import { checkSignOutTo, isListed } from '../../core/access/sign-out-target.ts';
import type { Flow } from '../../core/flow/flow.ts';
import { handoverUrl } from '../../core/access/handover-request.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { Sources } from '../../core/sources/source-rule.ts';
import { Problem } from '../../core/values/problem.ts';
import { isHandedOver } from '../../core/setup/ticket-cookie.ts';
import type { Run } from '../run/run.ts';

/**
 * Where a finished plan sends the browser: its destination, or the portal's front page. A host that the
 * portal's cookies do not reach first fetches the session, unless the user has just signed out.
 */
export function destination(
  { snapshot, flow }: Pick<Run, 'snapshot' | 'flow'>,
  plan: Pick<Plan, 'returnTo'>,
): string {
  const to = returnToOf(snapshot, flow, plan.returnTo) ?? `${snapshot.site.origin}/`;
  return isSignOut(flow) ? to : wayTo(snapshot, to);
}

/** The checked return-to of a request to this flow. Sign-outs can lead to addresses that the operator lists. */
export function returnToOf(
  snapshot: Snapshot,
  flow: Flow,
  raw: string | null | undefined,
): string | null {
  if (isSignOut(flow)) return checkSignOutTo(raw, snapshot);
  return checkReturnTo(raw, snapshot.site, snapshot.table);
}

/**
 * The listed address to which users go as soon as they are signed out, without further pages of the flow;
 * null for every other destination.
 */
export function farewell(
  { snapshot, flow }: Pick<Run, 'snapshot' | 'flow'>,
  { returnTo }: Pick<Plan, 'returnTo'>,
): string | null {
  return isSignOut(flow) && isListed(returnTo, snapshot.signOutTo) ? returnTo : null;
}

function isSignOut({ designation }: Flow): boolean {
  return designation === 'invalidation';
}

/** The URL, or the handover that leads to it. */
function wayTo(snapshot: Snapshot, url: string): string {
  const { origin, hostname } = new URL(url);
  const isReached = origin === snapshot.site.origin || !isHandedOver(snapshot, hostname);
  return isReached ? url : handoverUrl(url);
}

/**
 * Where a stage that leaves sends the user: a URL of the portal, of a route or of a source. A URL of another
 * flow gets this plan's destination, unless it names one itself.
 */
export function onward(
  snapshot: Snapshot,
  { to, via }: Leave,
  plan: Pick<Plan, 'returnTo'>,
  sources: Sources,
): string {
  if (via !== 'return-to') return toSource(sources, via.source, to);
  const checked = whereTo(snapshot, to);
  const back = checkReturnTo(plan.returnTo, snapshot.site, snapshot.table);
  const url = new URL(checked);
  const isFlow = url.origin === snapshot.site.origin && url.pathname.startsWith('/flow/');
  if (!isFlow) return wayTo(snapshot, checked);
  if (back === null || url.searchParams.has('rd')) return checked;
  url.searchParams.set('rd', back);
  return url.href;
}

/** A URL of the portal or of a route, re-serialized; otherwise the portal's front page. */
export function whereTo(snapshot: Snapshot, url: string | null): string {
  return checkReturnTo(url, snapshot.site, snapshot.table) ?? `${snapshot.site.origin}/`;
}

/** A URL of the source, re-serialized. Its discovery document decides the rest of it, but never the origin. */
function toSource(sources: Sources, name: string, to: string): string {
  const url = URL.parse(to);
  const origins = sources.find(name)?.source.origins ?? [];
  if (url !== null && origins.includes(url.origin)) return url.href;
  throw new Problem('source/origin', `The source ${name} leads to an origin that is not its own.`);
}
