/**
 * Mailed links. Opening one is inert, since mail scanners open links: it shows a page with a
 * button. Its form resumes the plan; in another browser than the plan's own only where the stage
 * that sent the link allowed it, and then this browser is the plan's from that very write on.
 */
import { isLinkToken, linkName, linkOf } from '../../core/flow/link.ts';
import { fits, type Plan } from '../../core/flow/plan.ts';
import type { Challenge } from '../../core/flow/challenge.ts';
import { isPlanId } from './arrival.ts';
import { barrier } from './barrier.ts';
import type { FlowDeps } from '../run/deps.ts';
import { settle } from '../engine/executor.ts';
import { atHand, baseOf } from '../engine/insertion.ts';
import type { Run } from '../run/run.ts';
import { refusedScene, type Scene } from './scene.ts';

const LINK: Challenge = {
  type: 'link',
  title: { key: 'flow.link.title' },
  lead: { key: 'flow.link.lead' },
  fields: [],
  submit: { key: 'flow.link.submit' },
};

/** Neither tells the plan's destination: whoever asks may not be the one it belongs to. */
export const GONE: Scene = refusedScene(410, 'link/gone', { key: 'flow.link.gone' });
const ELSEWHERE: Scene = refusedScene(403, 'link/other-browser', { key: 'flow.link.elsewhere' });

/** What a token is to a plan. */
type Standing =
  | { readonly kind: 'good'; readonly stageId: string }
  /** Good, but this is not the browser it is good in. */
  | { readonly kind: 'elsewhere' }
  /** Of no use, to the plan's own browser: it may look where its plan stands. */
  | { readonly kind: 'idle' }
  /** Expired, used, mistyped: nobody is told which. */
  | { readonly kind: 'gone' };

/** GET: the page with the button; null when the plan's own browser should just see where it stands. */
export async function lookByLink(
  deps: FlowDeps,
  run: Run,
  planId: string,
  token: string,
): Promise<Scene | null> {
  const plan = isPlanId(planId) ? await deps.stores.plans.read(planId) : null;
  const standing = standingOf(deps, run, plan, token);
  if (plan === null || standing.kind === 'gone') return GONE;
  if (standing.kind === 'elsewhere') return ELSEWHERE;
  if (standing.kind === 'idle') return null;
  const linked = byLink(plan);
  const barred = await barrier(deps, run, linked, false, false);
  if (barred !== null) return barred;
  const seen = await settle(deps, linked, run);
  if (seen.ask?.binding.id !== standing.stageId) return GONE;
  const ask = { ...seen.ask, challenge: LINK, isContinue: false };
  return { kind: 'ask', run, plan, standing: { ...seen, ask }, notice: null, link: token };
}

/** POST: the plan as this browser may run it with the token, and the stage to answer; or what to say instead. */
export function redeem(
  deps: FlowDeps,
  run: Run,
  plan: Plan | null,
  token: string,
): { readonly plan: Plan; readonly stageId: string } | Scene {
  const standing = standingOf(deps, run, plan, token);
  if (plan === null || standing.kind === 'gone') return GONE;
  if (standing.kind === 'elsewhere') return ELSEWHERE;
  if (standing.kind === 'idle') {
    const isOver = plan.state !== 'running';
    return isOver ? { kind: 'ended', run, plan } : { kind: 'moved', run, plan, byThis: false };
  }
  return { plan: { ...byLink(plan), browser: run.browser.name }, stageId: standing.stageId };
}

/** From the write on that redeems it, the run is one that a link began. */
function byLink(plan: Plan): Plan {
  return { ...plan, event: 'link' };
}

function standingOf(deps: FlowDeps, run: Run, plan: Plan | null, token: string): Standing {
  if (plan === null || plan.flow !== run.flow.name) return { kind: 'gone' };
  const isOwn = plan.browser === run.browser.name;
  const none: Standing = isOwn ? { kind: 'idle' } : { kind: 'gone' };
  const base = baseOf(plan, run.flow);
  // Everything but the browser must fit; that is what the link may change.
  if (base === null || !isLinkToken(token) || !fits(plan, run.flow, plan.browser, run.now)) {
    return none;
  }
  const binding = atHand(plan, base, deps.stages);
  if (binding?.stage.redeemsLinks !== true) return none;
  const link = linkOf(plan, binding.id);
  if (link === null || link.name !== linkName(deps.vault, plan.id, token)) return none;
  return isOwn || link.otherBrowser ? { kind: 'good', stageId: binding.id } : { kind: 'elsewhere' };
}
