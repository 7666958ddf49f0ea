/**
 * Runs plans; knows nothing of HTTP. Showing (`look`) never writes; an answer is judged by
 * the stage that stands now, and every write follows one compare-and-set.
 *
 *            ┌───────────────────────────────────────────────┐
 *            ▼                                               │
 *   gate of the stage at hand ──no──► skip ────► advance ────┤
 *            │ yes, or it erred                     ▲        │
 *            ▼                                      │        │
 *       stage.open ── pass, insert ─────────────────┘        │
 *            │   └─ would do something, only looking ─► ask "continue"
 *            │ ask                                           │
 *            ▼                                               │
 *        (a person answers) ─► stage.submit ── pass ─► advance
 *                                   │                        │
 *                                   └ refused ─► advance ────┘
 *                                                (counts it)
 *
 *   submit = look ─► answer ─► act on ─► ONE write, compare-and-set ─► effects, once
 *                                              └ lost: what the winner's plan says, no effect
 */
import type { StageBinding } from '../../core/flow/flow.ts';
import type { Json } from '../../core/values/json.ts';
import type { Message } from '../../core/values/message.ts';
import { advance, type Plan, type Refused } from '../../core/flow/plan.ts';
import type { Challenge } from '../../core/flow/challenge.ts';
import type { StageContext, Step } from '../../core/flow/stage.ts';
import type { User } from '../../core/people/user.ts';
import { refused, understood } from './submission.ts';
import { commit, type Result } from './commit.ts';
import { onlyLooking, stageContext } from './context.ts';
import type { FlowDeps } from '../run/deps.ts';
import { provedBefore } from '../proving/factor-bound.ts';
import { judgeAnswers, stands, warmJudges } from './gate.ts';
import { atHand, baseOf, UNFIT } from './insertion.ts';
import { checkPlace, checkStep } from './lawful.ts';
import type { Proven } from '../proving/proven.ts';
import { isSetUp, type Order, type OrderRefusal, ordersOf, refusalOf } from '../effects/orders.ts';
import { areOutdated, withOrdered, withProven } from '../effects/outdated.ts';
import { prove } from '../proving/prove.ts';
import { countRefused } from '../proving/rejections.ts';
import { type App, appOf, type Run } from '../run/run.ts';

/** What is asked, and by which stage. */
interface Ask {
  readonly binding: StageBinding;
  readonly challenge: Challenge;
  /** Ours, before a stage that would do something without being asked. */
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
  /** What a page that is not stored yet carries: the plan as it was, with what the question is to remember. */
  readonly carried: Plan;
}

type Learned = Plan['learned'];

interface Walk {
  readonly plan: Plan;
  readonly ask: Ask | null;
  readonly leave: string | null;
  readonly orders: readonly Order[];
  /** What the question that is asked is to remember. */
  readonly asked: Learned;
  readonly isProved: boolean;
}

const NOTHING: Learned = {};
const SKIP = { kind: 'skip' } as const;
const CONTINUE: Challenge = {
  type: 'continue',
  title: { key: 'flow.continue.title' },
  lead: { key: 'flow.continue.lead' },
  fields: [],
  submit: { key: 'flow.continue.submit' },
};

/** Where the plan stands for whoever looks. Writes nothing and may be asked any number of times. */
export async function settle(deps: FlowDeps, plan: Plan, run: Run): Promise<Standing> {
  const { plan: seen, ask, leave, asked } = await walk(deps, plan, run, 'look');
  const app = appOf(run.snapshot, plan.returnTo);
  const carried = asked === NOTHING ? plan : { ...plan, learned: { ...plan.learned, ...asked } };
  return { plan: seen, ask, leave, app, refusal: plan.refusal ?? null, carried };
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
  return next.plan === seen.plan && next.orders.length === 0
    ? { plan: next.plan, moved: false, leave: next.leave, cookies: [] }
    : commit(deps, plan, next, run);
}

/** Goes on from stage to stage until somebody must be asked or there is nothing left. Ends: each turn moves the cursor, or puts a stage in, once. */
async function walk(deps: FlowDeps, from: Plan, run: Run, how: 'look' | 'act'): Promise<Walk> {
  const orders: Order[] = [];
  let plan = from;
  for (;;) {
    const base = baseOf(plan, run.flow);
    if (base === null)
      return { plan, ask: null, leave: null, orders, asked: NOTHING, isProved: false };
    const user = await userOf(deps, plan, run);
    const isIn = await stands(deps, base, plan, run, user);
    const binding = isIn ? atHand(plan, base, deps.stages) : base;
    if (!isIn || binding === null) {
      plan = advance(plan, isIn ? UNFIT : SKIP, run.flow, run.now).plan;
      continue;
    }
    checkPlace(binding, plan, run, binding !== base);
    const context = stageContext(binding, plan, run, user, deps.ports, onlyLooking);
    const step = await binding.stage.open(context);
    if (how === 'look' && isDoing(step, plan)) {
      const ask = { binding, challenge: CONTINUE, isContinue: true };
      return { plan, ask, leave: null, orders, asked: NOTHING, isProved: false };
    }
    const moved = await move(deps, plan, binding, asOpened(step), [], run);
    plan = moved.plan;
    orders.push(...moved.orders);
    if (step.kind === 'ask') {
      warmJudges(deps, binding);
      const ask = { binding, challenge: step.challenge, isContinue: false };
      return { plan, ask, leave: null, orders, asked: step.learned ?? NOTHING, isProved: false };
    }
    if (moved.leave !== null)
      return { ...moved, orders, ask: null, asked: NOTHING, isProved: false };
  }
}

/**
 * Whether a step does or keeps something that a mere look must not. What a question is to
 * remember travels with the page as long as the plan itself does.
 */
function isDoing(step: Step, plan: Plan): boolean {
  if (step.kind === 'leave') return isNews(step.learned ?? NOTHING, plan.learned);
  if (step.kind !== 'pass' && step.kind !== 'ask') return false;
  if ((step.effects ?? []).length > 0) return true;
  return step.kind === 'ask' && plan.revision > 0 && isNews(step.learned ?? NOTHING, plan.learned);
}

function isNews(learned: Learned, known: Learned): boolean {
  const text = JSON.stringify;
  return Object.entries(learned).some(([key, value]) => text(value) !== text(known[key]));
}

/** Only answers are refused, never the opening of a page. */
function asOpened(step: Step): Step {
  if (step.kind !== 'ask' || step.reason === undefined) return step;
  const { reason: _reason, ...question } = step;
  return question;
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
    const userId = subject.userId ?? '';
    const place = {
      isSetUp: binding.stage.setsUp === true,
      before: provedBefore(plan, run, subject),
    };
    // Read first, so that a password that changes meanwhile is noticed. For unknown names as well.
    const validFrom = await deps.accounts.sessionsValidFrom(userId);
    const proof = await prove(deps, run, method, subject, verify, place);
    if (proof.result === 'right') proven.push({ method, userId, validFrom });
    return proof;
  };
  const user = await userOf(deps, plan, run);
  const context = stageContext(binding, plan, run, user, deps.ports, {
    prove: proveHere,
    judge: (answers) => judgeAnswers(deps, binding, plan, run, user, answers),
  });
  const parsed = understood(binding, ask.challenge, answer);
  const step =
    parsed === null
      ? refused(ask.challenge)
      : await deps.hashingFor(run.facts.clientIp, run.visitor?.user.id ?? null, () =>
          binding.stage.submit(context, parsed.value),
        );
  await countRefused(deps, step, run);
  // Another question, asked for: what was refused before it is no news any more.
  const isOther = step.kind === 'ask' && step.reason === undefined;
  const from = isOther ? { ...plan, refusal: null } : plan;
  const moved = await move(deps, from, binding, step, proven, run);
  if (moved.leave !== null) return { ...moved, ask: null, asked: NOTHING, isProved: false };
  // A refused answer, too, goes on to the question that stands then, so that it is put by this
  // very answer and not by a look.
  const rest = await walk(deps, moved.plan, run, 'act');
  return { ...rest, orders: [...moved.orders, ...rest.orders], isProved: proven.length > 0 };
}

/** One step of one stage, held to the rules, taken. */
async function move(
  deps: FlowDeps,
  plan: Plan,
  binding: StageBinding,
  step: Step,
  proven: readonly Proven[],
  run: Run,
): Promise<Pick<Walk, 'plan' | 'orders' | 'leave'>> {
  checkStep(binding, plan, step, proven);
  const { plan: advanced, effects } = advance(plan, step, run.flow, run.now);
  const next = withProven(advanced, proven);
  const orders = ordersOf(effects, plan, next);
  const user = orders.length === 0 ? null : await userOf(deps, next, run);
  const owned =
    user !== null && orders.some(isSetUp) ? await deps.accounts.authenticators(user.id) : [];
  const isOutdated = await areOutdated(deps, orders, next, run);
  const code = isOutdated ? 'session/outdated' : refusalOf(orders, run, user, owned);
  if (code === null) {
    const moved = withOrdered(next, orders, run.now);
    return { plan: moved, orders, leave: step.kind === 'leave' ? step.to : null };
  }
  const stop: Step = { kind: 'stop', reason: { code }, text: textOf(code) };
  return { plan: advance(plan, stop, run.flow, run.now).plan, orders: [], leave: null };
}

function textOf(code: OrderRefusal): Message {
  if (code === 'session/stale') return { key: 'flow.stopped.stale' };
  return { key: code === 'session/factor' ? 'flow.stopped.factor' : 'flow.stopped.session' };
}

/** The subject as the directory knows it now; before anybody is meant, whoever is signed in. */
async function userOf(deps: FlowDeps, plan: Plan, run: Run): Promise<User | null> {
  if (plan.subject === null) return run.visitor?.user ?? null;
  // Asked for a name nobody has as well: no directory knows an empty id, and it takes its time.
  return deps.directories.read(plan.subject.userId ?? '');
}
