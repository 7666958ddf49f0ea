/**
 * Runs plans; knows nothing of HTTP. Looking at a plan (`settle`) never writes, and `submit` only
 * returns what the endpoint commits (see commit.ts).
 *
 *            ┌───────────────────────────────────────────────┐
 *            ▼                                               │
 *   policies of the current stage ──no──► skip ──► advance ──┤
 *            │ yes, or one failed                   ▲        │
 *            ▼                                      │        │
 *       stage.open ── pass, insert ─────────────────┘        │
 *            │   └─ has effects, only looking ─► ask "continue"
 *            │ ask                                           │
 *            ▼                                               │
 *      (the user submits) ─► stage.submit ── pass ─► advance ┤
 *                                  │                         │
 *                                  └ rejected ─► advance ────┘
 *                                              (counts it)
 *
 *   endpoint = submit: look ─► parse ─► act ─► commit: ONE write, compare-and-set ─► effects, once
 *                                                        └ lost: where the stored plan is, no effect
 */
import type { SignalSource } from '../../core/access/signal.ts';
import type { Challenge } from '../../core/flow/challenge.ts';
import type { Flow, StageBinding } from '../../core/flow/flow.ts';
import { createdBy, signUpOf } from '../../core/flow/sign-up.ts';
import { advance, type Plan, type RejectedSubmission } from '../../core/flow/plan.ts';
import type { AnyStage, Leave, StageContext, StagePorts, Step } from '../../core/flow/stage.ts';
import type { AccountReader } from '../../core/people/account.ts';
import type { User } from '../../core/people/user.ts';
import type { Message } from '../../core/values/message.ts';
import { Problem } from '../../core/values/problem.ts';
import {
  addsAccess,
  type Order,
  type OrderRejection,
  ordersOf,
  rejectionOf,
} from '../effects/orders.ts';
import {
  areOutdated,
  isMailed,
  isReaddressed,
  withOrdered,
  withProven,
} from '../effects/outdated.ts';
import { provedBefore } from '../proving/factor-bound.ts';
import { type ProofPorts, prove, reportVisit } from '../proving/prove.ts';
import type { Proven } from '../proving/proven.ts';
import { countRejected } from '../proving/rejections.ts';
import { type App, appOf, type Run } from '../run/run.ts';
import { isEnabling, onlyLooking, type Reached, stageContext } from './context.ts';
import { admitAccount, evaluateSubmission, stands, warmPolicies } from './policy-check.ts';
import { atHand, baseOf, UNFIT } from './insertion.ts';
import { checkOpened, checkStep, checkWants } from './lawful.ts';
import { parseSubmission, rejected, type Submission } from './submission.ts';

/** What running stages needs. */
export interface ExecutorPorts extends ProofPorts {
  readonly accounts: ProofPorts['accounts'] &
    Pick<AccountReader, 'authenticators' | 'sessionsValidFrom'>;
  /** Outside data for policies that need it. */
  readonly signals: SignalSource;
  /** All stage types, for stages that insert others. */
  readonly stages: readonly AnyStage[];
  /** The ports that stages may name. */
  readonly ports: StagePorts;
}

/** A challenge and the stage it comes from. */
interface Ask {
  readonly binding: StageBinding;
  readonly challenge: Challenge;
  /** Whether it is the engine's own, in front of a stage with effects that needs no submission. */
  readonly isContinue: boolean;
}

/** Where a plan stands. `ask` is null once it has ended or left. */
export interface Settled {
  readonly plan: Plan;
  readonly ask: Ask | null;
  readonly rejection: RejectedSubmission | null;
  /** The app that sent the user here. */
  readonly app: App | null;
  /** Where a stage sends the user now, or null. */
  readonly leave: Leave | null;
  /** The plan that an unsaved page carries: as it was, with what the challenge must remember. */
  readonly carried: Plan;
}

/** Where a submission led, with what was ordered on the way. */
export interface Walked {
  readonly plan: Plan;
  readonly orders: readonly Order[];
  readonly leave: Leave | null;
  /** Whether a secret was proved on the way. */
  readonly isProved: boolean;
  /** Whether the stage expects an empty submission once the orders are carried out. */
  readonly isAgain: boolean;
}

/** What a submission leads to. */
type Submitted =
  /** Nothing to commit; the plan stands here. */
  | { readonly kind: 'unmoved'; readonly plan: Plan; readonly leave: Leave | null }
  /** To be committed. */
  | { readonly kind: 'moved'; readonly walked: Walked };

/** Runs the stages of plans. */
export interface Executor {
  /** Where the plan stands. Writes nothing and may be called any number of times. */
  settle(plan: Plan, run: Run): Promise<Settled>;
  /**
   * Gives a submission to the stage `stageId` (null: to the current one). A submission to any other
   * stage moves nothing.
   */
  submit(
    plan: Plan,
    submitted: { readonly stageId: string | null; readonly values: Submission },
    run: Run,
  ): Promise<Submitted>;
}

type Learned = Plan['learned'];

interface Walk extends Walked {
  readonly ask: Ask | null;
  /** What the challenge must remember. */
  readonly remembered: Learned;
}

const NOTHING: Learned = {};
const QUIET = { remembered: NOTHING, isProved: false, isAgain: false };
const SKIP = { kind: 'skip' } as const;
const CONTINUE: Challenge = {
  type: 'continue',
  title: { key: 'flow.continue.title' },
  lead: { key: 'flow.continue.lead' },
  fields: [],
  submit: { key: 'flow.continue.submit' },
};

export function createExecutor(ports: ExecutorPorts): Executor {
  return {
    async settle(plan, run) {
      const { plan: seen, ask, leave, remembered } = await walk(ports, plan, run, { how: 'look' });
      const app = appOf(run.snapshot, plan.returnTo);
      const carried =
        remembered === NOTHING ? plan : { ...plan, learned: { ...plan.learned, ...remembered } };
      return { plan: seen, ask, leave, app, rejection: plan.refusal ?? null, carried };
    },
    async submit(plan, { stageId, values }, run) {
      const { plan: seen, ask, leave } = await walk(ports, plan, run, { how: 'look' });
      if (ask === null || (stageId !== null && ask.binding.id !== stageId)) {
        return { kind: 'unmoved', plan: seen, leave };
      }
      const walked = ask.isContinue
        ? await walk(ports, seen, run, { how: 'act' })
        : await submitTo(ports, ask, values, { plan: seen, run });
      return walked.plan === seen && walked.orders.length === 0
        ? { kind: 'unmoved', plan: seen, leave: walked.leave }
        : { kind: 'moved', walked };
    },
  };
}

/**
 * Goes from stage to stage until one asks, leaves, or the plan ends. It terminates: each turn moves
 * the cursor, or inserts a stage, at most once each.
 */
async function walk(
  ports: ExecutorPorts,
  from: Plan,
  run: Run,
  { how, before = [] }: { readonly how: 'look' | 'act'; readonly before?: readonly Order[] },
): Promise<Walk> {
  const orders: Order[] = [...before];
  let plan = from;
  const ended = { ask: null, leave: null, orders, ...QUIET };
  for (;;) {
    const base = baseOf(plan, run.flow);
    if (base === null) return { ...ended, plan };
    const user = await userOf(ports, plan, run, orders);
    const isIn = await stands(ports, { binding: base, plan, run, user });
    const binding = isIn ? atHand(plan, base, ports.stages) : base;
    if (!isIn || binding === null) {
      plan = advance(plan, isIn ? UNFIT : SKIP, run.flow, run.now).plan;
      continue;
    }
    checkWants(binding, plan, run);
    const reached = { binding, plan, run, user };
    const step = await binding.stage.open(stageContext(reached, ports.ports, onlyLooking));
    checkOpened(binding, step);
    if (how === 'look' && isDoing(step, plan)) {
      return { ...ended, plan, ask: { binding, challenge: CONTINUE, isContinue: true } };
    }
    const moved = await move(ports, reached, asOpened(step), { proven: [], before: orders });
    plan = moved.plan;
    orders.push(...moved.orders);
    if (step.kind === 'ask') {
      warmPolicies(ports, binding);
      const ask = { binding, challenge: step.challenge, isContinue: false };
      return { ...ended, plan, ask, remembered: step.learned ?? NOTHING };
    }
    if (moved.leave !== null) return { ...ended, plan, leave: moved.leave };
  }
}

/**
 * Whether a step does or stores something that merely looking must not. What a challenge must
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

/** Only submissions are rejected, never the opening of a page. */
function asOpened(step: Step): Step {
  if (step.kind !== 'ask' || step.reason === undefined) return step;
  const { reason: _reason, ...question } = step;
  return question;
}

/** Gives the submission to its stage, then continues with the stages that follow. */
async function submitTo(
  ports: ExecutorPorts,
  { binding, challenge }: Ask,
  values: Submission,
  { plan, run }: Pick<Reached, 'plan' | 'run'>,
): Promise<Walk> {
  const proven: Proven[] = [];
  const user = await userOf(ports, plan, run, []);
  const reached = { binding, plan, run, user };
  const context = stageContext(reached, ports.ports, {
    prove: proverOf(ports, reached, proven),
    evaluate: (prompted) => evaluateSubmission(ports, reached, prompted),
    admit: (rule, profile) => admitAccount(ports, reached, rule, profile),
    report: (about, result) => reportVisit(ports, run, about, result),
  });
  const parsed = parseSubmission(binding, challenge, values);
  const step =
    parsed === null
      ? rejected(challenge)
      : await ports.hashingFor(run.facts.clientIp, run.visitor?.user.id ?? null, () =>
          binding.stage.submit(context, parsed.value),
        );
  await countRejected(ports.stores.throttle, step, run);
  // A different challenge, on request: the earlier rejection no longer applies.
  const isOther = step.kind === 'ask' && step.reason === undefined;
  const from = isOther ? { ...plan, refusal: null } : plan;
  const moved = await move(ports, { ...reached, plan: from }, step, { proven, before: [] });
  if (moved.leave !== null) return { ...moved, ...QUIET, ask: null };
  if (step.kind === 'again' || step.kind === 'enter') {
    const isAgain = step.kind === 'again';
    return { ...moved, ...QUIET, ask: null, isProved: proven.length > 0, isAgain };
  }
  // After a rejection, too: the next challenge is put by this submission and not by a later look.
  const rest = await walk(ports, moved.plan, run, { how: 'act', before: moved.orders });
  return { ...rest, isProved: proven.length > 0 };
}

/** `ctx.prove` of a stage; adds each success to `proven`. */
function proverOf(
  ports: ExecutorPorts,
  { binding, plan, run, user }: Reached,
  proven: Proven[],
): StageContext<unknown>['prove'] {
  return async (method, subject, verify, about) => {
    const userId = subject.userId ?? '';
    const isSetUpHere = binding.stage.setsUp === true;
    const before = provedBefore(plan, run, subject);
    // Read first, to notice a password that changes meanwhile. Also read for unknown names.
    const validFrom = await ports.accounts.sessionsValidFrom(userId);
    const isHeld = isEnabling(binding) && signUpOf(plan.learned, subject) !== null;
    const isSignUp = isHeld || about?.isNew === true;
    const attempt = { method, subject, verify, about, isSetUp: isSetUpHere, isSignUp, before };
    const proof = await prove(ports, run, attempt);
    const mailedTo = isMailed(method) && user?.id === userId ? user.email : null;
    if (proof.result === 'right') proven.push({ method, userId, validFrom, mailedTo });
    return proof;
  };
}

/** Takes one step of one stage, after checking it. */
async function move(
  ports: ExecutorPorts,
  { binding, plan, run }: Pick<Reached, 'binding' | 'plan' | 'run'>,
  step: Step,
  { proven, before }: { readonly proven: readonly Proven[]; readonly before: readonly Order[] },
): Promise<Pick<Walk, 'plan' | 'orders' | 'leave'>> {
  checkStep(binding, plan, step, proven);
  const flow = step.kind === 'enter' ? enteredFlow(step, run) : run.flow;
  const { plan: advanced, effects } = advance(plan, step, flow, run.now);
  const next = withProven(advanced, proven);
  const orders = ordersOf(effects, plan, next);
  const user = orders.length === 0 ? null : await userOf(ports, next, run, before);
  const owned =
    user !== null && orders.some(addsAccess) ? await ports.accounts.authenticators(user.id) : [];
  const isOutdated =
    isReaddressed(next, orders, user) || (await areOutdated(ports.accounts, orders, next, run));
  const code = isOutdated ? 'session/outdated' : rejectionOf(orders, run, user, owned);
  if (code === null) {
    const moved = withOrdered(next, orders, run.now);
    return {
      plan: moved,
      orders,
      leave: step.kind === 'leave' ? { to: step.to, via: step.via } : null,
    };
  }
  const stop: Step = { kind: 'stop', reason: { code }, text: textOf(code) };
  return { plan: advance(plan, stop, run.flow, run.now).plan, orders: [], leave: null };
}

/** The flow in which the run goes on; the configuration names no other. */
function enteredFlow({ flow }: Extract<Step, { kind: 'enter' }>, { snapshot }: Run): Flow {
  const found = snapshot.flows.get(flow);
  if (found?.requires === 'source') return found;
  throw new Problem('stage/unlawful', `A stage entered ${flow}, which does not require a source.`);
}

function textOf(code: OrderRejection): Message {
  if (code === 'session/stale') return { key: 'flow.stopped.stale' };
  return { key: code === 'session/factor' ? 'flow.stopped.factor' : 'flow.stopped.session' };
}

/**
 * The subject as the directory knows it now, or as an earlier order of this submission is about to
 * create it; before a subject is identified, the visitor.
 */
async function userOf(
  { directories }: Pick<ExecutorPorts, 'directories'>,
  plan: Plan,
  run: Run,
  orders: readonly Order[],
): Promise<User | null> {
  if (plan.subject === null) return run.visitor?.user ?? null;
  const effects = orders.map(({ effect }) => effect);
  const created = createdBy(effects, run.now);
  if (created !== null && created.id === plan.subject.userId) return created;
  // The lookup also runs for unknown names (no directory knows an empty id), so that they take as long.
  return directories.read(plan.subject.userId ?? '');
}
