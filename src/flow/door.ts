/**
 * Both doors of a flow, pages and JSON, behind one: finds the plan, makes sure of browser,
 * sender and revision, runs the executor. A GET writes nothing; nothing here renders.
 */
import type { RequestFacts } from '../core/facts.ts';
import type { Flow } from '../core/flow.ts';
import { createPlan, fits, type Plan } from '../core/plan.ts';
import { checkReturnTo } from '../core/return-to.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { addressBlock } from './address.ts';
import { browserCookie, readBrowserCookie } from './cookies.ts';
import { isCsrfToken, senderOf } from './csrf.ts';
import { DEFAULT_RULES, type FlowDeps } from './deps.ts';
import { entryOf } from './entry.ts';
import { afterwards, type Result, settle, submit } from './executor.ts';
import type { Posted } from './form.ts';
import type { Browser, Run } from './run.ts';
import { refusedScene, type Scene, type Told } from './scene.ts';
import { openSeed } from './seed.ts';
import type { Turns } from './turns.ts';
import { signInUrl } from './urls.ts';

/** A request to a flow, as far as both doors have it in common. */
export interface Knock {
  readonly flow: string;
  readonly facts: RequestFacts;
  readonly requestId: string;
  /** Values of a query parameter, all of them. */
  readonly query: (name: string) => readonly string[];
}

const ID = /^[A-Za-z0-9_-]{1,64}$/;
const UNKNOWN = { key: 'flow.refused.unknown' } as const;

/** GET: where the plan stands, or a fresh one. */
export async function look(deps: FlowDeps, knock: Knock): Promise<Told> {
  const snapshot = deps.live.current;
  const flow = snapshot.flows.get(knock.flow);
  if (flow === undefined) return plain(refusedScene(404, 'flow/unknown', UNKNOWN));
  const returnTo = checkReturnTo(only(knock.query('rd')), snapshot.site, snapshot.table);
  const value = readBrowserCookie(snapshot, knock.facts.header('cookie'));
  const planId = only(knock.query('plan'));
  if (planId !== null) {
    if (value === null) return restart(deps, knock, returnTo);
    const run = await runOf(deps, snapshot, flow, knock, browserOf(deps, value));
    return lookAgain(deps, run, planId, knock, returnTo);
  }
  const secret = value ?? deps.random.token(16);
  const run = await runOf(deps, snapshot, flow, knock, browserOf(deps, secret));
  const cookies = value === null ? [browserCookie(snapshot, secret)] : [];
  const plan = freshPlan(deps, run, returnTo);
  const another = only(knock.query('as')) === 'other';
  return { scene: await show(deps, run, plan, knock, another), cookies };
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
    if (plan === null || plan.browser !== browser.name || plan.flow !== flow.name) {
      return restart(deps, knock, lost, true);
    }
    const run = await runOf(deps, snapshot, flow, knock, browser);
    const result = await answerTo(deps, run, plan, revision, posted);
    return 'scene' in result ? result : after(deps, run, result, knock);
  });
}

/** The answer to a plan that is this browser's own. */
async function answerTo(
  deps: FlowDeps,
  run: Run,
  plan: Plan,
  revision: number,
  posted: Posted,
): Promise<Told | Result> {
  if (revision !== plan.revision) return afterwards(deps, plan, run);
  if (plan.state !== 'running') return plain({ kind: 'ended', run, plan });
  if (!fits(plan, run.flow, run.browser.name, run.now)) {
    return restart(deps, { ...run, flow: run.flow.name }, plan.returnTo, true);
  }
  const barred = barrier(run, plan, false, false);
  if (barred !== null) return plain(barred);
  const wait = plan.revision === 0 ? await waitToStart(deps, run) : 0;
  if (wait > 0) {
    const words = { key: 'flow.refused.too-many' };
    return plain(refusedScene(429, 'throttle/start', words, plan.returnTo, wait));
  }
  return submit(deps, plan, posted.stage, posted.answer, run);
}

/** A plan by its id: this browser's own and no other's. */
async function lookAgain(
  deps: FlowDeps,
  run: Run,
  planId: string,
  knock: Knock,
  returnTo: string | null,
): Promise<Told> {
  const plan = ID.test(planId) ? await deps.stores.plans.read(planId) : null;
  if (plan === null || plan.browser !== run.browser.name || plan.flow !== run.flow.name) {
    return restart(deps, knock, returnTo, true);
  }
  if (plan.state !== 'running') return plain({ kind: 'ended', run, plan });
  if (!fits(plan, run.flow, run.browser.name, run.now))
    return restart(deps, knock, plan.returnTo, true);
  return plain(await show(deps, run, plan, knock, false));
}

async function show(
  deps: FlowDeps,
  run: Run,
  plan: Plan,
  knock: Knock,
  another: boolean,
): Promise<Scene> {
  const barred = barrier(run, plan, plan.revision === 0, another);
  if (barred !== null) return barred;
  const standing = await settle(deps, plan, run);
  if (standing.leave !== null) return leaving(run, standing.leave);
  if (standing.ask === null) return { kind: 'ended', run, plan: standing.plan };
  const notice = only(knock.query('notice'));
  const isKnown = notice === 'stale' || notice === 'restarted';
  const message = isKnown ? { key: `flow.notice.${notice}` } : null;
  return { kind: 'ask', run, plan, standing, notice: message };
}

async function after(deps: FlowDeps, run: Run, result: Result, knock: Knock): Promise<Told> {
  const { plan, cookies } = result;
  if (plan === null) return restart(deps, knock, null, true);
  if (result.leave !== null) return { scene: leaving(run, result.leave), cookies };
  if (plan.state !== 'running') {
    // Who came through is no flood: an office behind one address may sign in all morning.
    if (result.moved) await deps.stores.throttle.release(startKey(run), 'one');
    return { scene: { kind: 'ended', run, plan }, cookies };
  }
  // Not stored and not moved: the form was for a stage that no longer stands.
  if (plan.revision === 0) return restart(deps, knock, plan.returnTo);
  return { scene: { kind: 'moved', run, plan, byThis: result.moved }, cookies };
}

/** What bars the visitor from this plan, or null. */
function barrier(run: Run, plan: Plan, isFresh: boolean, another: boolean): Scene | null {
  const entry = entryOf(run, plan, isFresh, another);
  const { returnTo } = plan;
  switch (entry.kind) {
    case 'ok':
      return null;
    case 'signed-in':
      return { ...entry, returnTo };
    case 'changed':
      return { kind: 'restart', returnTo, gone: true };
    case 'refused':
      return refusedScene(403, entry.reasons[0]?.code ?? 'flow/refused', entry.text, returnTo);
    case 'sign-in': {
      const url = signInUrl(run.snapshot, run.flow, returnTo);
      return url === null
        ? refusedScene(403, 'session/none', { key: 'flow.refused.no-sign-in' }, returnTo)
        : { kind: 'sign-in', url };
    }
  }
}

/** Only to our own: stages that leave for an outside provider will say so when they come. */
function leaving(run: Run, to: string): Scene {
  const checked = checkReturnTo(to, run.snapshot.site, run.snapshot.table);
  return { kind: 'go', to: checked ?? `${run.snapshot.site.origin}/` };
}

function browserOf(deps: FlowDeps, secret: string): Browser {
  return { secret, name: deps.vault.name('browser', secret) };
}

async function runOf(
  deps: FlowDeps,
  snapshot: Snapshot,
  flow: Flow,
  knock: Knock,
  browser: Browser,
): Promise<Run> {
  const cookies = knock.facts.header('cookie');
  return {
    snapshot,
    flow,
    facts: knock.facts,
    requestId: knock.requestId,
    browser,
    visitor: await deps.visitors.find(cookies),
    ticket: await deps.visitors.ticket(cookies),
    now: deps.clock.now(),
  };
}

/** Flows for somebody signed in are about them: they need not say who they are. */
function freshPlan(deps: FlowDeps, run: Run, returnTo: string | null): Plan {
  const { flow, now, visitor } = run;
  const id = deps.random.token(16);
  const plan = createPlan(flow, { id, browser: run.browser.name, returnTo, now });
  const isBound = flow.requires === 'session' || flow.requires === 'fresh';
  if (!isBound || visitor === null) return plan;
  return { ...plan, subject: { login: visitor.user.name, userId: visitor.user.id } };
}

/** The plan a form speaks of: sealed in it, or by its id; null when it speaks of none or of two. */
function claimedPlan(
  deps: FlowDeps,
  browser: Browser,
  posted: Posted,
): { readonly id: string; readonly seed: Plan | null } | null {
  if (posted.seed === '') return ID.test(posted.plan) ? { id: posted.plan, seed: null } : null;
  if (posted.plan !== '') return null;
  const seed = openSeed(deps.vault, browser, posted.seed);
  return seed === null ? null : { id: seed.id, seed };
}

/** Seconds to wait before this address may store another plan, or 0. */
async function waitToStart(deps: FlowDeps, run: Run): Promise<number> {
  const rule = (deps.rules ?? DEFAULT_RULES).start;
  const taken = await deps.stores.throttle.take(startKey(run), rule, run.now);
  return taken.allowed ? 0 : Math.max(1, Math.ceil((taken.retryAt - run.now) / 1000));
}

function startKey(run: Run): string {
  return `start:${addressBlock(run.facts.clientIp)}`;
}

function restart(
  deps: FlowDeps,
  knock: Omit<Knock, 'query'>,
  returnTo: string | null,
  gone = false,
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
  return plain({ kind: 'restart', returnTo, gone });
}

function plain(scene: Scene): Told {
  return { scene, cookies: [] };
}

/** The one value of a parameter; two are none, since two readers could choose differently. */
function only(values: readonly string[]): string | null {
  return values.length === 1 ? (values[0] ?? null) : null;
}
