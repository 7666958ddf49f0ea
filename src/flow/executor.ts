/**
 * Runs plans; knows nothing of HTTP. Showing (`look`) never writes; an answer is judged by
 * the stage that stands now, and every write follows one compare-and-set.
 *
 *            ┌───────────────────────────────────────────────┐
 *            ▼                                               │
 *   gate of the stage at hand ──no──► skip ────► advance ────┤
 *            │ yes, or it erred                     ▲        │
 *            ▼                                      │        │
 *       stage.open ── pass ─────────────────────────┘        │
 *            │   └─ pass with effects, only looking ─► ask "continue"
 *            │ ask                                           │
 *            ▼                                               │
 *        (a person answers) ─► stage.submit ── pass ─► advance
 *                                   │
 *                                   └ refused ─► advance (counts it)
 *
 *   submit = look ─► answer ─► act on ─► ONE write, compare-and-set ─► effects, once
 *                                              └ lost: what the winner's plan says, no effect
 */
import type { StageBinding } from '../core/flow.ts';
import type { Json } from '../core/json.ts';
import type { Message } from '../core/message.ts';
import { advance, type Plan, type Refused } from '../core/plan.ts';
import { Problem } from '../core/problem.ts';
import type { Challenge, StageContext, Step } from '../core/stage.ts';
import type { User } from '../core/user.ts';
import { refused, understood } from './answer.ts';
import { proveNothing, stageContext } from './context.ts';
import type { FlowDeps } from './deps.ts';
import { carryOut, prepare } from './effects.ts';
import { stands } from './gate.ts';
import { handed, handOver } from './handover.ts';
import { checkStep, type Order, type Proven, refusalOf } from './lawful.ts';
import { prove } from './prove.ts';
import { type App, appOf, type Run } from './run.ts';

/** What is asked, and by which stage. */
interface Ask {
  readonly binding: StageBinding;
  readonly challenge: Challenge;
  /** Ours, before a stage that would do something without asking. */
  readonly isContinue: boolean;
}

/** Where a plan stands. `ask` is null once it has ended or left. */
export interface Standing {
  readonly plan: Plan;
  readonly ask: Ask | null;
  readonly refusal: Refused | null;
  /** The app that sent the person here. */
  readonly app: App | null;
  /** A stage sends the person there now. */
  readonly leave: string | null;
}

/** What an answer came to. */
export interface Result {
  /** As it is stored now; null when it is gone. */
  readonly plan: Plan | null;
  /** False: nothing was written by this request; show where the plan stands. */
  readonly moved: boolean;
  readonly leave: string | null;
  readonly cookies: readonly string[];
}

/** Plans larger than this are a stage's fault, in characters of JSON. */
const MAX_PLAN = 32_768;
const SKIP = { kind: 'skip' } as const;
const UNPROVED: Message = { key: 'flow.stopped.session' };
const CONTINUE: Challenge = {
  type: 'continue',
  title: { key: 'flow.continue.title' },
  lead: { key: 'flow.continue.lead' },
  fields: [],
  submit: { key: 'flow.continue.submit' },
};

interface Walk {
  readonly plan: Plan;
  readonly ask: Ask | null;
  readonly leave: string | null;
  readonly orders: readonly Order[];
}

/** Where the plan stands for whoever looks. Writes nothing and may be asked any number of times. */
export async function settle(deps: FlowDeps, plan: Plan, run: Run): Promise<Standing> {
  const { plan: seen, ask, leave } = await walk(deps, plan, run, 'look');
  const app = appOf(run.snapshot, plan.returnTo);
  return { plan: seen, ask, leave, app, refusal: plan.refusal ?? null };
}

/** Judges an answer to the stage `stageId` (null: to whichever stands); an answer to another stage moves nothing. */
export async function submit(
  deps: FlowDeps,
  plan: Plan,
  stageId: string | null,
  answer: Readonly<Record<string, Json>>,
  run: Run,
): Promise<Result> {
  const seen = await walk(deps, plan, run, 'look');
  if (seen.ask === null || (stageId !== null && seen.ask.binding.id !== stageId)) {
    return { plan: seen.plan, moved: false, leave: seen.leave, cookies: [] };
  }
  const next = seen.ask.isContinue
    ? await walk(deps, seen.plan, run, 'act')
    : await judge(deps, seen.plan, seen.ask, answer, run);
  return next.plan === seen.plan
    ? { plan: next.plan, moved: false, leave: next.leave, cookies: [] }
    : commit(deps, plan, next, run);
}

/** What somebody is told whose answer came second. */
export function afterwards(deps: FlowDeps, plan: Plan | null, run: Run): Result {
  return { plan, moved: false, leave: null, cookies: plan === null ? [] : handed(deps, plan, run) };
}

/** Goes on from stage to stage until somebody must be asked or there is nothing left. Ends: each turn moves the cursor. */
async function walk(deps: FlowDeps, from: Plan, run: Run, how: 'look' | 'act'): Promise<Walk> {
  const orders: Order[] = [];
  let plan = from;
  for (;;) {
    const binding = run.flow.stages[plan.cursor];
    if (plan.state !== 'running' || binding === undefined) {
      return { plan, ask: null, leave: null, orders };
    }
    const user = await userOf(deps, plan, run);
    if (!stands(binding, plan, run, user)) {
      plan = advance(plan, SKIP, run.flow, run.now).plan;
      continue;
    }
    const context = stageContext(binding, plan, run, user, deps.ports, proveNothing);
    const step = await binding.stage.open(context);
    if (step.kind === 'ask') {
      const ask = { binding, challenge: step.challenge, isContinue: false };
      return { plan, ask, leave: null, orders };
    }
    if (how === 'look' && step.kind === 'pass' && (step.effects ?? []).length > 0) {
      return { plan, ask: { binding, challenge: CONTINUE, isContinue: true }, leave: null, orders };
    }
    const moved = await move(deps, plan, binding, step, [], run);
    plan = moved.plan;
    orders.push(...moved.orders);
    if (moved.leave !== null) return { plan, ask: null, leave: moved.leave, orders };
  }
}

/** Puts the answer before its stage, then goes on with what follows. */
async function judge(
  deps: FlowDeps,
  plan: Plan,
  ask: Ask,
  answer: Readonly<Record<string, Json>>,
  run: Run,
): Promise<Walk> {
  const { binding } = ask;
  const proven: Proven[] = [];
  const proveHere: StageContext<unknown>['prove'] = async (method, subject, verify) => {
    const proof = await prove(deps, run, method, subject, verify);
    if (proof.result === 'right') proven.push({ method, userId: subject.userId ?? '' });
    return proof;
  };
  const user = await userOf(deps, plan, run);
  const context = stageContext(binding, plan, run, user, deps.ports, proveHere);
  const parsed = understood(binding.stage, ask.challenge, answer);
  const step =
    parsed === null ? refused(ask.challenge) : await binding.stage.submit(context, parsed.value);
  const moved = await move(deps, plan, binding, step, proven, run);
  if (step.kind !== 'pass') return { ...moved, ask: null };
  const rest = await walk(deps, moved.plan, run, 'act');
  return { ...rest, orders: [...moved.orders, ...rest.orders] };
}

/** One step of one stage, held to the rules, taken. */
async function move(
  deps: FlowDeps,
  plan: Plan,
  binding: StageBinding,
  step: Step,
  proven: readonly Proven[],
  run: Run,
): Promise<Omit<Walk, 'ask'>> {
  checkStep(binding, plan, step, proven);
  const next = advance(plan, step, run.flow, run.now);
  const { subject, proofs } = next.plan;
  const orders = next.effects.map((effect) => ({ effect, subject, proofs }));
  const user = orders.length === 0 ? null : await userOf(deps, next.plan, run);
  const code = refusalOf(orders, run.flow, user, run.visitor?.user.id ?? null);
  if (code === null) {
    return { plan: next.plan, orders, leave: step.kind === 'leave' ? step.to : null };
  }
  const stop: Step = { kind: 'stop', reason: { code }, text: UNPROVED };
  return { plan: advance(plan, stop, run.flow, run.now).plan, orders: [], leave: null };
}

/** The one write, then the effects. Whoever loses the write does nothing. */
async function commit(deps: FlowDeps, from: Plan, walked: Walk, run: Run): Promise<Result> {
  // A plan that stopped does nothing more: what was ordered on the way is not carried out.
  const orders = walked.plan.state === 'stopped' ? [] : walked.orders;
  const prepared = await prepare(deps, orders);
  const moved = { ...walked.plan, revision: from.revision + 1 };
  const plan = prepared.next === null ? moved : handOver(deps, moved, prepared.next.sealed, run);
  if (JSON.stringify(plan).length > MAX_PLAN) {
    throw new Problem('plan/too-large', 'A stage remembered more than a plan may hold.');
  }
  if (!(await deps.stores.plans.write(plan, from.revision))) {
    return afterwards(deps, await deps.stores.plans.read(from.id), run);
  }
  const cookies = await carryOut(deps, prepared, run);
  if (from.revision === 0) tell(deps, run, plan, 'started');
  if (plan.state !== 'running') {
    tell(deps, run, plan, plan.state === 'done' ? 'completed' : 'stopped');
  }
  return { plan, moved: true, leave: walked.leave, cookies };
}

/** The subject as the directory knows it now; before anybody is meant, whoever is signed in. */
async function userOf(deps: FlowDeps, plan: Plan, run: Run): Promise<User | null> {
  if (plan.subject === null) return run.visitor?.user ?? null;
  return plan.subject.userId === null ? null : deps.directories.read(plan.subject.userId);
}

function tell(
  deps: FlowDeps,
  run: Run,
  plan: Plan,
  outcome: 'started' | 'completed' | 'stopped',
): void {
  deps.events.emit({
    type: 'flow',
    flow: plan.flow,
    outcome,
    code: plan.stopped?.reason.code ?? null,
    userId: plan.subject?.userId ?? null,
    clientIp: run.facts.clientIp,
    requestId: run.requestId,
  });
}
