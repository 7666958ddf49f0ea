/**
 * Emailed links. Opening one changes nothing, because mail scanners open links: it shows a page with
 * a button. The button's form resumes the plan. In a browser other than the plan's own it does so only
 * where the stage that sent the link allows it, and from that write on the plan belongs to this browser.
 */
import type { Challenge } from '../../core/flow/challenge.ts';
import { isLinkToken, linkName, linkOf } from '../../core/flow/link.ts';
import type { PlanStore } from '../../core/flow/plan-store.ts';
import { fits, type Plan } from '../../core/flow/plan.ts';
import type { AnyStage } from '../../core/flow/stage.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Executor } from '../engine/executor.ts';
import { atHand, baseOf } from '../engine/insertion.ts';
import type { Run } from '../run/run.ts';
import { isPlanId } from './arrival.ts';
import { barrier, type BarrierPorts } from './barrier.ts';
import { errorScene, type Scene } from './scene.ts';

/** What links need. */
export interface LinkPorts extends BarrierPorts {
  readonly stores: { readonly plans: PlanStore };
  readonly executor: Pick<Executor, 'settle'>;
  readonly vault: BarrierPorts['vault'] & Pick<Vault, 'name'>;
  readonly stages: readonly AnyStage[];
}

const LINK: Challenge = {
  type: 'link',
  title: { key: 'flow.link.title' },
  lead: { key: 'flow.link.lead' },
  fields: [],
  submit: { key: 'flow.link.submit' },
};

/** Neither contains the plan's destination, which may belong to another user. */
export const GONE: Scene = errorScene({
  status: 410,
  code: 'link/gone',
  text: { key: 'flow.link.gone' },
});
const ELSEWHERE: Scene = errorScene({
  status: 403,
  code: 'link/other-browser',
  text: { key: 'flow.link.elsewhere' },
});

/** What a token is worth to a plan. */
type LinkState =
  | { readonly kind: 'good'; readonly stageId: string }
  /** Good, but not in this browser. */
  | { readonly kind: 'elsewhere' }
  /** Worthless, but in the plan's own browser, which may see where its plan stands. */
  | { readonly kind: 'idle' }
  /** Expired, used or mistyped; the page does not reveal which. */
  | { readonly kind: 'gone' };

/** GET: the page with the button, or null if the plan's own browser should see where the plan stands. */
export async function lookByLink(
  ports: LinkPorts,
  run: Run,
  planId: string,
  token: string,
): Promise<Scene | null> {
  const plan = isPlanId(planId) ? await ports.stores.plans.read(planId) : null;
  const linkState = linkStateOf(ports, run, plan, token);
  if (plan === null || linkState.kind === 'gone') return GONE;
  if (linkState.kind === 'elsewhere') return ELSEWHERE;
  if (linkState.kind === 'idle') return null;
  const linked = byLink(plan);
  const barred = await barrier(ports, run, { plan: linked, isFresh: false, isAgain: false });
  if (barred !== null) return barred;
  const seen = await ports.executor.settle(linked, run);
  if (seen.ask?.binding.id !== linkState.stageId) return GONE;
  const ask = { ...seen.ask, challenge: LINK, isContinue: false };
  return { kind: 'ask', run, plan, settled: { ...seen, ask }, notice: null, link: token };
}

/** POST: the plan as this browser may run it with the token and the stage to submit to; otherwise a scene. */
export function redeem(
  ports: Pick<LinkPorts, 'vault' | 'stages'>,
  run: Run,
  plan: Plan | null,
  token: string,
): { readonly plan: Plan; readonly stageId: string } | Scene {
  const linkState = linkStateOf(ports, run, plan, token);
  if (plan === null || linkState.kind === 'gone') return GONE;
  if (linkState.kind === 'elsewhere') return ELSEWHERE;
  if (linkState.kind === 'idle') {
    const isOver = plan.state !== 'running';
    return isOver ? { kind: 'ended', run, plan } : { kind: 'moved', run, plan, byThis: false };
  }
  return { plan: { ...byLink(plan), browser: run.browser.name }, stageId: linkState.stageId };
}

/** From the write that redeems it, policies see a run that a link started. */
function byLink(plan: Plan): Plan {
  return { ...plan, event: 'link' };
}

function linkStateOf(
  { vault, stages }: Pick<LinkPorts, 'vault' | 'stages'>,
  run: Run,
  plan: Plan | null,
  token: string,
): LinkState {
  if (plan === null || plan.flow !== run.flow.name) return { kind: 'gone' };
  const isOwn = plan.browser === run.browser.name;
  const none: LinkState = isOwn ? { kind: 'idle' } : { kind: 'gone' };
  const base = baseOf(plan, run.flow);
  // Everything but the browser must fit, since the link may change the browser.
  if (base === null || !isLinkToken(token) || !fits(plan, run.flow, plan.browser, run.now)) {
    return none;
  }
  const binding = atHand(plan, base, stages);
  if (binding?.stage.redeemsLinks !== true) return none;
  const link = linkOf(plan, binding.id);
  if (link === null || link.name !== linkName(vault, plan.id, token)) return none;
  return isOwn || link.otherBrowser ? { kind: 'good', stageId: binding.id } : { kind: 'elsewhere' };
}
