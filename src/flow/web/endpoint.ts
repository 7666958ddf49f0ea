/**
 * Both doors of a flow, pages and JSON, behind one: finds the plan, makes sure of browser,
 * sender and revision, runs the executor. A GET writes nothing; nothing here renders.
 */
import type { Message } from '../../core/values/message.ts';
import { fits, type Plan } from '../../core/flow/plan.ts';
import { checkReturnTo } from '../../core/access/return-to.ts';
import { browserOf, claimedPlan, freshPlan, isPlanId, type Knock, runOf } from './arrival.ts';
import { barrier } from './barrier.ts';
import { forgetEnds, isCircle, rememberEnd } from '../browser/circles.ts';
import { afterwards, type Result } from '../engine/commit.ts';
import { browserCookie, clearedTicket, readBrowserCookie } from '../browser/cookies.ts';
import { isCsrfToken, senderOf } from '../browser/csrf.ts';
import { sentOn } from './denied.ts';
import { DEFAULT_RULES, type FlowDeps } from '../run/deps.ts';
import { onward } from './ending.ts';
import { settle, submit } from '../engine/executor.ts';
import type { Posted } from './form.ts';
import { broughtInvitation, carriedInvitation, isInvited } from '../browser/invited.ts';
import { GONE, lookByLink, redeem } from './link-endpoint.ts';
import { isFull } from '../engine/problem-words.ts';
import type { Run } from '../run/run.ts';
import { refusedScene, type Scene, type Told } from './scene.ts';
import { type Counter, countersOf, releaseAll, takeAll } from '../proving/tries.ts';
import type { Turns } from '../engine/turns.ts';

const UNKNOWN = { key: 'flow.refused.unknown' } as const;

/** GET: where the plan stands, or a fresh one. */
export async function look(deps: FlowDeps, knock: Knock): Promise<Told> {
  const snapshot = deps.live.current;
  const flow = snapshot.flows.get(knock.flow);
  if (flow === undefined) return plain(refusedScene(404, 'flow/unknown', UNKNOWN));
  const returnTo = checkReturnTo(only(knock, 'rd'), snapshot.site, snapshot.table);
  const value = readBrowserCookie(snapshot, knock.facts.header('cookie'));
  const planId = only(knock, 'plan');
  const link = only(knock, 'link');
  if (planId !== null && link === null && value === null) return restart(deps, knock, returnTo);
  const secret = value ?? deps.random.token(16);
  const run = await runOf(deps, snapshot, flow, knock, browserOf(deps, secret));
  const cookies = value === null ? [browserCookie(snapshot, secret)] : [];
  if (planId !== null && link !== null) {
    const scene = await lookByLink(deps, run, planId, link);
    if (scene !== null) return unlessDenied(scene, knock, cookies);
  }
  if (planId !== null) return lookAgain(deps, run, planId, knock, returnTo);
  const brought = { token: only(knock, 'invitation'), carried: only(knock, 'invited') };
  const invitation = broughtInvitation(deps.vault, run.browser, brought);
  const fresh = freshPlan(deps, run, returnTo, invitation);
  const isGood = await isInvited(deps.accounts, invitation, run.flow.name, run.now);
  const plan: Plan = isGood ? { ...fresh, event: 'invitation' } : fresh;
  const scene = await show(deps, run, plan, knock);
  if (scene.kind === 'denied') return unlessDenied(scene, knock, cookies);
  return { scene, cookies: [...cookies, ...passage(run, scene, returnTo, knock, [])] };
}

/** The scene; whoever is not admitted and goes straight on is remembered, as all are who are sent on. */
function unlessDenied(scene: Scene, knock: Knock, cookies: readonly string[] = []): Told {
  if (scene.kind !== 'denied' || knock.kind !== 'form') return { scene, cookies };
  const sent = sentOn(scene);
  return {
    scene: sent,
    cookies: [...cookies, ...passage(scene.run, sent, scene.returnTo, knock, [])],
  };
}

/** POST: an answer. Rejects with a Problem when a port fails. */
export async function answer(
  deps: FlowDeps,
  turns: Turns,
  knock: Knock,
  posted: Posted,
): Promise<Told> {
  const snapshot = deps.live.current;
  const flow = snapshot.flows.get(knock.flow);
  if (flow === undefined) return plain(refusedScene(404, 'flow/unknown', UNKNOWN));
  const lost = checkReturnTo(posted.rd, snapshot.site, snapshot.table);
  const sender = senderOf(knock.facts, snapshot.site);
  const foreign = refusedScene(403, 'csrf/foreign', { key: 'flow.refused.sender' }, lost);
  if (sender === 'foreign' || posted.csrf === '') return plain(foreign);
  // From here on a form that fits nothing is taken for a stale one of ours, if the browser vouches for it.
  const stale = (): Told => (sender === 'own' ? restart(deps, knock, lost) : plain(foreign));

  const value = readBrowserCookie(snapshot, knock.facts.header('cookie'));
  if (value === null) return stale();
  const browser = browserOf(deps, value);
  const claimed = claimedPlan(deps, browser, posted);
  if (claimed === null) return stale();
  return turns(`${browser.name} ${claimed.id}`, async () => {
    const plan = (await deps.stores.plans.read(claimed.id)) ?? claimed.seed;
    const revision = posted.revision ?? plan?.revision ?? 0;
    const isOurs = isCsrfToken(deps.vault, browser, claimed.id, revision, posted.csrf);
    if (!isOurs) return stale();
    const run = await runOf(deps, snapshot, flow, knock, browser);
    if (posted.link !== '') return byLink(deps, run, plan, revision, posted, knock);
    if (plan === null || plan.browser !== browser.name || plan.flow !== flow.name) {
      return restart(deps, knock, lost, true);
    }
    const result = await answerTo(deps, run, plan, revision, posted.stage, posted.answer);
    return 'scene' in result
      ? unlessDenied(result.scene, knock, result.cookies)
      : after(deps, run, result, knock);
  });
}

/** A link's form: the same as an answer, once the token has made the plan this browser's own. */
async function byLink(
  deps: FlowDeps,
  run: Run,
  plan: Plan | null,
  revision: number,
  posted: Posted,
  knock: Knock,
): Promise<Told> {
  const redeemed = redeem(deps, run, plan, posted.link);
  if ('kind' in redeemed) return plain(redeemed);
  const token = { link: posted.link };
  const result = await answerTo(deps, run, redeemed.plan, revision, redeemed.stageId, token);
  return 'scene' in result
    ? unlessDenied(result.scene, knock, result.cookies)
    : after(deps, run, result, knock);
}

/** The answer to a plan that is this browser's own. */
async function answerTo(
  deps: FlowDeps,
  run: Run,
  plan: Plan,
  revision: number,
  stage: string | null,
  answered: Posted['answer'],
): Promise<Told | Result> {
  if (revision !== plan.revision) return afterwards(deps, plan, run);
  if (plan.state !== 'running') return plain({ kind: 'ended', run, plan });
  if (!fits(plan, run.flow, run.browser.name, run.now)) {
    return restartOf(deps, run, plan, true);
  }
  const barred = await barrier(deps, run, plan, false, false);
  if (barred !== null) return plain(barred);
  const wait = plan.revision === 0 ? await waitToStart(deps, run) : 0;
  if (wait > 0) {
    const words = { key: 'flow.refused.too-many' };
    return plain(refusedScene(429, 'throttle/start', words, plan.returnTo, wait));
  }
  return submit(deps, plan, stage, answered, run);
}

/** A plan by its id: this browser's own and no other's. */
async function lookAgain(
  deps: FlowDeps,
  run: Run,
  planId: string,
  knock: Knock,
  returnTo: string | null,
): Promise<Told> {
  const plan = isPlanId(planId) ? await deps.stores.plans.read(planId) : null;
  if (plan === null || plan.browser !== run.browser.name || plan.flow !== run.flow.name) {
    return restart(deps, knock, returnTo, true);
  }
  if (plan.state !== 'running') return plain({ kind: 'ended', run, plan });
  if (!fits(plan, run.flow, run.browser.name, run.now)) return restartOf(deps, run, plan, true);
  return unlessDenied(await show(deps, run, plan, knock), knock);
}

async function show(deps: FlowDeps, run: Run, plan: Plan, knock: Knock): Promise<Scene> {
  const isFresh = plan.revision === 0;
  const isAgain = isFresh && ['same', 'other'].includes(only(knock, 'as') ?? '');
  const barred = await barrier(deps, run, plan, isFresh, isAgain);
  if (barred !== null) return barred;
  const isOnPurpose = only(knock, 'again') === '1' || knock.kind === 'json';
  if (isFresh && !isOnPurpose && isCircle(run, plan.returnTo)) {
    return { kind: 'circle', run, returnTo: plan.returnTo };
  }
  const standing = await settle(deps, plan, run);
  if (standing.leave !== null)
    return { kind: 'go', to: onward(run.snapshot, standing.leave, plan) };
  if (standing.ask === null) return { kind: 'ended', run, plan: standing.plan };
  const notice = noticeOf(run, isFresh, only(knock, 'notice'));
  return { kind: 'ask', run, plan: standing.carried, standing, notice, link: null };
}

/** Why somebody is here who did not mean to be. */
function noticeOf(run: Run, isFresh: boolean, notice: string | null): Message | null {
  const told: readonly (string | null)[] = ['stale', 'restarted', 'unsent', 'full'];
  if (told.includes(notice)) return { key: `flow.notice.${notice}` };
  if (isFresh && run.absence === 'session/two-cookies') return { key: 'flow.notice.two-cookies' };
  const isMoved = isFresh && run.elsewhere !== null && run.flow.designation === 'authentication';
  return isMoved ? { key: 'flow.notice.elsewhere' } : null;
}

async function after(deps: FlowDeps, run: Run, result: Result, knock: Knock): Promise<Told> {
  const { plan } = result;
  if (plan === null) return restart(deps, knock, null, true);
  // Another browser was first with the same link: the run is its own now.
  if (plan.browser !== run.browser.name) return plain(GONE);
  const scene = sceneAfter(run, result, plan);
  if (scene === null) return restartOf(deps, run, plan);
  // A completed run does not count against the limit; an office may share one address.
  if (scene.kind === 'ended' && result.moved) {
    // Named fallback: the run is over either way; a counter that stays ends by itself.
    await releaseAll(deps.stores.throttle, startCounters(deps, run)).catch(() => undefined);
  }
  const hasLeft = result.cookies.includes(clearedTicket(run.snapshot));
  const trail = hasLeft
    ? forgetEnds(run)
    : passage(run, scene, plan.returnTo, knock, result.cookies);
  return { scene, cookies: [...result.cookies, ...trail] };
}

/** Null: not stored and not moved, so that the form was for a stage that no longer stands. */
function sceneAfter(run: Run, result: Result, plan: Plan): Scene | null {
  if (result.leave !== null) return { kind: 'go', to: onward(run.snapshot, result.leave, plan) };
  if (plan.state !== 'running') return { kind: 'ended', run, plan };
  if (result.isUnstored === true) return { kind: 'unstored', run, plan };
  return plan.revision === 0 ? null : { kind: 'moved', run, plan, byThis: result.moved };
}

/** What the browser is to remember of a way that led on at once, lest it lead in circles. */
function passage(
  run: Run,
  scene: Scene,
  returnTo: string | null,
  knock: Knock,
  cookies: readonly string[],
): readonly string[] {
  // Who is done and has nowhere to go stays here; who is sent on may be sent back.
  const isOver = scene.kind === 'ended' && scene.plan.state === 'done' && returnTo !== null;
  const isOn = isOver || scene.kind === 'go';
  return isOn && knock.kind === 'form' ? rememberEnd(run, returnTo, cookies) : [];
}

/** Seconds to wait before this address may store another plan, or 0. */
async function waitToStart(deps: FlowDeps, run: Run): Promise<number> {
  const retryAt = await takeAll(deps.stores.throttle, startCounters(deps, run), run.now).catch(
    (caught: unknown) => {
      // Signing out works on a full store, which keeps no plan that this counter could bound.
      if (run.flow.designation !== 'invalidation' || !isFull(caught)) throw caught;
      return null;
    },
  );
  return retryAt === null ? 0 : Math.max(1, Math.ceil((retryAt - run.now) / 1000));
}

function startCounters(deps: FlowDeps, run: Run): readonly Counter[] {
  return countersOf('start', run.facts.clientIp, (deps.rules ?? DEFAULT_RULES).start);
}

/** What the run began with goes along: its destination, and an invitation. */
function restartOf(deps: FlowDeps, run: Run, plan: Plan, gone = false): Told {
  const invited = carriedInvitation(deps.vault, run.browser, plan);
  return restart(deps, { ...run, flow: run.flow.name }, plan.returnTo, gone, invited);
}

function restart(
  deps: FlowDeps,
  knock: Pick<Knock, 'flow' | 'facts' | 'requestId'>,
  returnTo: string | null,
  gone = false,
  invited: string | null = null,
): Told {
  deps.events.emit({
    type: 'flow',
    flow: knock.flow,
    outcome: 'restarted',
    code: gone ? 'plan/gone' : 'plan/stale',
    userId: null,
    clientIp: knock.facts.clientIp,
    requestId: knock.requestId,
  });
  return plain({ kind: 'restart', returnTo, gone, invited });
}

function plain(scene: Scene): Told {
  return { scene, cookies: [] };
}

/** The one value of a parameter; two are none, since two readers could choose differently. */
function only(knock: Knock, name: string): string | null {
  const values = knock.query(name);
  return values.length === 1 ? (values[0] ?? null) : null;
}
