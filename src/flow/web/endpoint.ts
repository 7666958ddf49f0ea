/**
 * GET and POST of a flow, for pages and JSON alike: finds the plan, checks browser, sender and
 * revision, runs the executor and commits what it returns. A GET writes nothing; nothing here renders.
 */
import { fits, type Plan } from '../../core/flow/plan.ts';
import type { AccountReader } from '../../core/people/account.ts';
import type { Live } from '../../core/setup/snapshot.ts';
import { circleCause, cookieTest, lostCookie } from '../browser/circle-cause.ts';
import { forgetEnds, isCircle, rememberEnd } from '../browser/circles.ts';
import {
  browserCookie,
  clearedShown,
  clearedTickets,
  readBrowserCookie,
} from '../browser/cookies.ts';
import { isCsrfToken, senderOf } from '../browser/csrf.ts';
import { broughtInvitation, carriedInvitation, isInvited } from '../browser/invited.ts';
import { newcomerOf } from '../../core/sources/newcomer.ts';
import { answerOf, planOfState } from '../../core/sources/passage.ts';
import type { Sources } from '../../core/sources/source-rule.ts';
import type { SourceSession } from '../../core/sources/source-session.ts';
import { visitedStage } from '../back/visited-stage.ts';
import { carryThrough } from '../engine/carry-through.ts';
import { afterwards, type CommitPorts, type Result, resultFor } from '../engine/commit.ts';
import type { Executor } from '../engine/executor.ts';
import type { Submission } from '../engine/submission.ts';
import { takeTurns } from '../engine/turns.ts';
import type { Run } from '../run/run.ts';
import { keptForSignOut, type LeavingPorts, signOutUrl } from '../standing/sign-out-visit.ts';
import {
  type ArrivalPorts,
  browserOf,
  claimedPlan,
  type FlowRequest,
  freshPlan,
  isPlanId,
  runOf,
} from './arrival.ts';
import { barrier } from './barrier.ts';
import { sentOn } from './denied.ts';
import { farewell, onward, returnToOf } from './ending.ts';
import { sentBack } from './sent-back.ts';
import type { Posted } from './form.ts';
import { GONE, type LinkPorts, lookByLink, redeem } from './link-endpoint.ts';
import {
  errorScene,
  FOREIGN_ANSWER,
  loopScene,
  noticeOf,
  plain,
  restart,
  type Scene,
  type Shown,
  UNKNOWN_FLOW,
} from './scene.ts';
import { returnStart, waitToStart } from './start-limit.ts';

/** What both methods need. */
export interface EndpointPorts extends ArrivalPorts, CommitPorts, LeavingPorts, LinkPorts {
  readonly live: Live;
  readonly stores: CommitPorts['stores'];
  readonly vault: CommitPorts['vault'];
  readonly random: CommitPorts['random'];
  readonly clock: CommitPorts['clock'];
  readonly events: CommitPorts['events'];
  readonly accounts: CommitPorts['accounts'] & Pick<AccountReader, 'invitation'>;
  readonly executor: Executor;
  readonly sources: Sources;
}

/** The two methods of a flow. */
export interface Endpoint {
  /** GET: where the plan stands, or a fresh one. */
  look(request: FlowRequest): Promise<Shown>;
  /** POST: a submission. Rejects with a Problem if a port fails. */
  submit(request: FlowRequest, posted: Posted): Promise<Shown>;
  /** GET of the address that sources send browsers back to. `answer`: as `readAnswer` returns it. */
  back(request: FlowRequest, answer: string | null): Promise<Shown>;
}

/** A submission to a plan of this browser's own. */
interface Claim {
  readonly plan: Plan;
  /** The revision that the form was made for. */
  readonly revision: number;
  readonly stageId: string | null;
  readonly values: Submission;
}

export function createEndpoint(ports: EndpointPorts): Endpoint {
  const turns = takeTurns();
  return {
    look: (request) => look(ports, request),
    submit: (request, posted) => submit(ports, turns, request, posted),
    back: (request, answer) => back(ports, turns, request, answer),
  };
}

async function look(ports: EndpointPorts, request: FlowRequest): Promise<Shown> {
  const snapshot = ports.live.current;
  const flow = snapshot.flows.get(request.flow);
  if (flow === undefined) return plain(UNKNOWN_FLOW);
  const returnTo = returnToOf(snapshot, flow, only(request, 'rd'));
  const value = readBrowserCookie(snapshot, request.facts.header('cookie'));
  const planId = only(request, 'plan');
  const link = only(request, 'link');
  if (planId !== null && link === null && value === null) {
    return restart(ports, request, { returnTo });
  }
  const secret = value ?? ports.random.token(16);
  const browser = browserOf(ports.vault, secret);
  const run = await runOf(ports, request, { snapshot, flow, browser });
  const cookies = value === null ? [browserCookie(snapshot, secret)] : [];
  const lost = value === null ? lostCookie(run, only(request, 'tested')) : null;
  if (lost !== null) return { scene: loopScene(ports.events, run, returnTo, lost), cookies };
  if (planId !== null && link !== null) {
    const scene = await lookByLink(ports, run, planId, link);
    if (scene !== null) return unlessDenied(scene, request, cookies);
  }
  if (planId !== null) return lookAgain(ports, run, request, { planId, returnTo });
  const scene = await show(ports, run, await startedPlan(ports, run, request, returnTo), request);
  if (scene.kind === 'denied') return unlessDenied(scene, request, cookies);
  const trail = passage(run, scene, request, { returnTo, cookies: [] });
  return { scene, cookies: [...cookies, ...trail] };
}

async function submit(
  ports: EndpointPorts,
  turns: ReturnType<typeof takeTurns>,
  request: FlowRequest,
  posted: Posted,
): Promise<Shown> {
  const snapshot = ports.live.current;
  const flow = snapshot.flows.get(request.flow);
  if (flow === undefined) return plain(UNKNOWN_FLOW);
  const returnTo = returnToOf(snapshot, flow, posted.rd);
  const sender = senderOf(request.facts, snapshot.site);
  const text = { key: 'flow.refused.sender' };
  const foreign = errorScene({ status: 403, code: 'csrf/foreign', text, returnTo });
  if (sender === 'foreign' || posted.csrf === '') return plain(foreign);
  // From here on, a form that fits nothing counts as a stale one of ours if the browser confirms its origin.
  const stale = (): Shown =>
    sender === 'own' ? restart(ports, request, { returnTo }) : plain(foreign);

  const secret = readBrowserCookie(snapshot, request.facts.header('cookie'));
  if (secret === null) return sender === 'own' ? testCookies(ports, request, returnTo) : stale();
  const browser = browserOf(ports.vault, secret);
  const claimed = claimedPlan(ports.vault, browser, posted);
  if (claimed === null) return stale();
  const { id } = claimed;
  return turns(`${browser.name} ${id}`, async () => {
    const plan = (await ports.stores.plans.read(id)) ?? claimed.seed;
    const revision = posted.revision ?? plan?.revision ?? 0;
    if (!isCsrfToken(ports.vault, browser, { id, revision }, posted.csrf)) return stale();
    const run = await runOf(ports, request, { snapshot, flow, browser });
    if (posted.link !== '') return byLink(ports, run, request, { plan, revision, posted });
    if (plan === null || plan.browser !== browser.name || plan.flow !== flow.name) {
      return restart(ports, request, { returnTo, gone: true });
    }
    const { stage: stageId, answer: values } = posted;
    return submitTo(ports, run, request, { plan, revision, stageId, values });
  });
}

/** An answer of a source: a submission to the stage that sent this browser there. */
async function back(
  ports: EndpointPorts,
  turns: ReturnType<typeof takeTurns>,
  request: FlowRequest,
  text: string | null,
): Promise<Shown> {
  const snapshot = ports.live.current;
  const flow = snapshot.flows.get(request.flow);
  if (flow === undefined) return plain(UNKNOWN_FLOW);
  const state = (text === null ? null : answerOf(text))?.get('state') ?? '';
  const id = planOfState(state);
  const secret = readBrowserCookie(snapshot, request.facts.header('cookie'));
  if (text === null || id === null || secret === null) return plain(FOREIGN_ANSWER);
  const browser = browserOf(ports.vault, secret);
  return turns(`${browser.name} ${id}`, async () => {
    const plan = await ports.stores.plans.read(id);
    // The run may have gone on in the flow that creates the user of the account.
    const isOn = plan !== null && newcomerOf(plan.learned, plan.subject) !== null;
    const isHere = plan?.flow === flow.name || isOn;
    if (plan?.browser !== browser.name || !isHere) return plain(FOREIGN_ANSWER);
    const run = await runOf(ports, request, { snapshot, flow, browser });
    const stageId = visitedStage(ports, plan, state, run);
    if (stageId === null) {
      const isOver = plan.state !== 'running';
      return plain(
        isOver ? { kind: 'ended', run, plan } : { kind: 'moved', run, plan, byThis: false },
      );
    }
    const claim = { plan, revision: plan.revision, stageId, values: { back: text } };
    return submitTo(ports, run, request, claim);
  });
}

/** A fresh plan, with the invitation that the request carries. */
async function startedPlan(
  { vault, random, accounts }: EndpointPorts,
  run: Run,
  request: FlowRequest,
  returnTo: string | null,
): Promise<Plan> {
  const query = { token: only(request, 'invitation'), carried: only(request, 'invited') };
  const invitation = broughtInvitation(vault, run.browser, query);
  const plan = freshPlan(random, run, { returnTo, invitation });
  const isGood = await isInvited(accounts, invitation, run.flow.name, run.now);
  return isGood ? { ...plan, event: 'invitation' } : plan;
}

/** The scene. A visitor who is denied and sent straight on is recorded, as every redirect is. */
function unlessDenied(scene: Scene, request: FlowRequest, cookies: readonly string[] = []): Shown {
  if (scene.kind !== 'denied' || request.kind !== 'form') return { scene, cookies };
  const sent = sentOn(scene);
  const { run, returnTo } = scene;
  const trail = passage(run, sent, request, { returnTo, cookies: [] });
  return { scene: sent, cookies: [...cookies, ...trail] };
}

/** A link's form: a submission, once the token has made the plan this browser's own. */
async function byLink(
  ports: EndpointPorts,
  run: Run,
  request: FlowRequest,
  {
    plan,
    revision,
    posted,
  }: { readonly plan: Plan | null; readonly revision: number; readonly posted: Posted },
): Promise<Shown> {
  const redeemed = redeem(ports, run, plan, posted.link);
  if ('kind' in redeemed) return plain(redeemed);
  const values = { link: posted.link };
  return submitTo(ports, run, request, { ...redeemed, revision, values });
}

/** Runs a submission and shows its result. */
async function submitTo(
  ports: EndpointPorts,
  run: Run,
  request: FlowRequest,
  claim: Claim,
): Promise<Shown> {
  const kept = await keptForSignOut(ports, run);
  const result = await resultOf(ports, run, claim);
  return 'scene' in result
    ? unlessDenied(result.scene, request, result.cookies)
    : after(ports, run, { ...resultFor(request.kind, result), kept }, request);
}

/** The result of a submission to a plan of this browser's own; a scene if the plan cannot take it. */
async function resultOf(
  ports: EndpointPorts,
  run: Run,
  { plan, revision, stageId, values }: Claim,
): Promise<Shown | Result> {
  if (revision !== plan.revision) return afterwards(ports, plan, run);
  if (plan.state !== 'running') return plain({ kind: 'ended', run, plan });
  if (!fits(plan, run.flow, run.browser.name, run.now)) {
    return restartOf(ports, run, plan, 'gone');
  }
  const barred = await barrier(ports, run, { plan, isFresh: false, isAgain: false });
  if (barred !== null) return plain(barred);
  const retryAfter = plan.revision === 0 ? await waitToStart(ports, run) : 0;
  if (retryAfter > 0) {
    const text = { key: 'flow.refused.too-many' };
    const { returnTo } = plan;
    return plain(errorScene({ status: 429, code: 'throttle/start', text, returnTo, retryAfter }));
  }
  return carryThrough(ports, plan, { stageId, values }, run);
}

/** Shows a plan by its id, if it is this browser's own. */
async function lookAgain(
  ports: EndpointPorts,
  run: Run,
  request: FlowRequest,
  { planId, returnTo }: { readonly planId: string; readonly returnTo: string | null },
): Promise<Shown> {
  const plan = isPlanId(planId) ? await ports.stores.plans.read(planId) : null;
  if (plan === null || plan.browser !== run.browser.name || plan.flow !== run.flow.name) {
    return restart(ports, request, { returnTo, gone: true });
  }
  if (plan.state !== 'running') return plain({ kind: 'ended', run, plan });
  if (!fits(plan, run.flow, run.browser.name, run.now)) {
    return restartOf(ports, run, plan, 'gone');
  }
  // Shown by this page, and by no other.
  const once = run.shown?.planId === planId ? [clearedShown(run.snapshot)] : [];
  return unlessDenied(await show(ports, run, plan, request), request, once);
}

async function show(
  ports: EndpointPorts,
  run: Run,
  plan: Plan,
  request: FlowRequest,
): Promise<Scene> {
  const isFresh = plan.revision === 0;
  const isAgain = isFresh && ['same', 'other'].includes(only(request, 'as') ?? '');
  if (isFresh && !isAgain) {
    const sent = await sentBack(ports, run, plan.returnTo);
    if (sent !== null) return sent;
  }
  const barred = await barrier(ports, run, { plan, isFresh, isAgain });
  if (barred !== null) return barred;
  const bye = run.visitor === null ? farewell(run, plan) : null;
  if (bye !== null) return { kind: 'go', to: bye };
  const isOnPurpose = only(request, 'again') === '1' || request.kind === 'json';
  if (isFresh && !isOnPurpose && isCircle(run, plan.returnTo)) {
    return loopScene(ports.events, run, plan.returnTo, circleCause(run));
  }
  const settled = await ports.executor.settle(plan, run);
  if (settled.leave !== null) {
    return { kind: 'go', to: onward(run.snapshot, settled.leave, plan, ports.sources) };
  }
  if (settled.ask === null) return { kind: 'ended', run, plan: settled.plan };
  const notice = noticeOf(run, isFresh ? 'fresh' : 'stored', only(request, 'notice'));
  return { kind: 'ask', run, plan: settled.carried, settled, notice, link: null };
}

async function after(
  ports: EndpointPorts,
  run: Run,
  result: Result & { readonly kept: SourceSession | null },
  request: FlowRequest,
): Promise<Shown> {
  const { plan, cookies, kept } = result;
  if (plan === null) return restart(ports, request, { returnTo: null, gone: true });
  // Another browser redeemed the same link first: the plan is its own now.
  if (plan.browser !== run.browser.name) return plain(GONE);
  const hasSignedOut = cookies.includes(clearedTickets(run.snapshot)[0]);
  const upstream = hasSignedOut && kept !== null ? await signOutUrl(ports, run, plan, kept) : null;
  const bye = upstream ?? (hasSignedOut ? farewell(run, plan) : null);
  const scene =
    bye === null ? sceneAfter(ports, run, result, plan) : ({ kind: 'go', to: bye } as const);
  if (scene === null) return restartOf(ports, run, plan, 'stale');
  if (scene.kind === 'ended' && result.moved) await returnStart(ports, run);
  const { returnTo } = plan;
  const trail = hasSignedOut
    ? forgetEnds(run)
    : passage(run, scene, request, { returnTo, cookies });
  return { scene, cookies: [...cookies, ...trail] };
}

/** Null if the plan is neither stored nor moved: the form was for a stage that is no longer current. */
function sceneAfter(
  { sources }: Pick<EndpointPorts, 'sources'>,
  run: Run,
  result: Result,
  plan: Plan,
): Scene | null {
  const { leave } = result;
  if (leave !== null) {
    const isVisit = leave.via !== 'return-to';
    return { kind: 'go', to: onward(run.snapshot, leave, plan, sources), isVisit };
  }
  if (plan.state !== 'running') return { kind: 'ended', run, plan };
  if (result.isUnstored === true) return { kind: 'unstored', run, plan };
  const { moved: byThis, shown } = result;
  return plan.revision === 0 ? null : { kind: 'moved', run: { ...run, shown }, plan, byThis };
}

/** The cookies by which the browser remembers a redirect, so that it does not loop. */
function passage(
  run: Run,
  scene: Scene,
  request: FlowRequest,
  { returnTo, cookies }: { readonly returnTo: string | null; readonly cookies: readonly string[] },
): readonly string[] {
  // A finished run without a destination stays here; one that is sent on may be sent back.
  const isOver = scene.kind === 'ended' && scene.plan.state === 'done' && returnTo !== null;
  const isOn = isOver || (scene.kind === 'go' && scene.isVisit !== true);
  return isOn && request.kind === 'form' ? rememberEnd(run, returnTo, cookies) : [];
}

/** Starts again, and sets our cookie: a browser that follows without it would fail at every form. */
function testCookies(ports: EndpointPorts, request: FlowRequest, returnTo: string | null): Shown {
  const { live, random, clock } = ports;
  const { scene } = restart(ports, request, { returnTo, tested: cookieTest(clock.now()) });
  return { scene, cookies: [browserCookie(live.current, random.token(16))] };
}

/** Starts again with the same destination and invitation. */
function restartOf(ports: EndpointPorts, run: Run, plan: Plan, reason: 'gone' | 'stale'): Shown {
  const invited = carriedInvitation(ports.vault, run.browser, plan);
  const { returnTo } = plan;
  const request = { ...run, flow: run.flow.name };
  return restart(ports, request, { returnTo, gone: reason === 'gone', invited });
}

/** Returns the parameter's value, or null if it is missing or repeated. Parsers disagree on repeated parameters. */
function only(request: FlowRequest, name: string): string | null {
  const values = request.query(name);
  return values.length === 1 ? (values[0] ?? null) : null;
}
