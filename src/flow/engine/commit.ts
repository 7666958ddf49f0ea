/**
 * The one write of a step, then what it ordered, once. Whoever loses the write does nothing;
 * when an order fails, the run ends, so that nobody goes on as if it had been carried out.
 */
import type { Plan } from '../../core/flow/plan.ts';
import { asProblem, Problem } from '../../core/values/problem.ts';
import type { FlowDeps } from '../run/deps.ts';
import { carryOut, cookiesOf, prepare, type Prepared } from '../effects/effects.ts';
import { handed, handOver } from '../browser/handover.ts';
import { isEnding, isUse, type Order } from '../effects/orders.ts';
import { isFull, wordsFor } from './problem-words.ts';
import { countTaken } from '../proving/rejections.ts';
import type { Run } from '../run/run.ts';
import { forgetUsername } from '../browser/username.ts';

/** What an answer came to. */
export interface Result {
  /** As it is stored now; null when it is gone. */
  readonly plan: Plan | null;
  /** False: nothing was written by this request; show where the plan stands. */
  readonly moved: boolean;
  readonly leave: string | null;
  readonly cookies: readonly string[];
  /** What was ordered is done, and the store had no room for the plan. */
  readonly isUnstored?: true;
}

/** Where a walk came to, with what was ordered on the way. */
export interface Walked {
  readonly plan: Plan;
  readonly orders: readonly Order[];
  readonly leave: string | null;
  /** Whether a secret was found right on the way. */
  readonly isProved: boolean;
}

/** How often a right answer is put on top of wrong ones that came in between. */
const TRIES = 64;
/** Plans larger than this are a stage's fault, in characters of JSON. */
const MAX_PLAN = 32_768;

/** Writes the plan, then carries the orders out. Rejects with a Problem when one of them fails. */
export async function commit(
  deps: FlowDeps,
  from: Plan,
  walked: Walked,
  run: Run,
): Promise<Result> {
  // A plan that stopped does nothing more, but what was used on the way is used.
  const hasStopped = walked.plan.state === 'stopped';
  const orders = hasStopped ? walked.orders.filter(isUse) : walked.orders;
  const moved = walked.plan;
  const prepared = await prepare(deps, orders, moved, run).catch(async (caught: unknown) => {
    throw await countTaken(deps, caught, run);
  });
  if (orders.length > 0 && orders.every(isEnding)) return end(deps, from, walked, prepared, run);
  const lines = cookiesOf(prepared, run);
  const plan = lines.length === 0 ? moved : handOver(deps, moved, lines, run);
  if (JSON.stringify(plan).length > MAX_PLAN) {
    throw new Problem('plan/too-large', 'A stage remembered more than a plan may hold.');
  }
  const written = await write(deps, from, plan, walked.isProved ? TRIES : 1);
  if (written === null) return afterwards(deps, await deps.stores.plans.read(from.id), run);
  return carry(deps, from, { plan: written, leave: walked.leave }, prepared, run);
}

/**
 * Ends sessions first and writes the plan then: a full store takes no plan, and that must keep no
 * session alive. Ending twice does no harm, so it need not win the compare-and-set either.
 */
async function end(
  deps: FlowDeps,
  from: Plan,
  walked: Walked,
  prepared: Prepared,
  run: Run,
): Promise<Result> {
  const { plan, leave } = walked;
  const cookies = withForgotten(await carryOut(deps, prepared, run), prepared, plan, run);
  try {
    const written = await write(deps, from, plan, 1);
    if (written !== null) return concluded(deps, from, { plan: written, leave }, cookies, run);
    const other = afterwards(deps, await deps.stores.plans.read(from.id), run);
    return { ...other, cookies: [...other.cookies, ...cookies] };
  } catch (caught) {
    if (!isFull(caught)) throw caught;
    deps.events.emit({
      type: 'fault',
      code: asProblem(caught).code,
      requestId: run.requestId,
      cause: caught,
    });
    return { ...concluded(deps, from, { plan, leave }, cookies, run), isUnstored: true };
  }
}

/**
 * The compare-and-set. What was right is right once and spent now, so it is not lost to wrong
 * answers that were written first: on top of those, and of nothing else, it is tried again.
 */
async function write(deps: FlowDeps, from: Plan, plan: Plan, tries: number): Promise<Plan | null> {
  let expected = from.revision;
  for (let left = tries; left > 0; left -= 1) {
    const next = { ...plan, revision: expected + 1 };
    if (await deps.stores.plans.write(next, expected)) return next;
    const stored = left > 1 ? await deps.stores.plans.read(from.id) : null;
    if (stored === null || placeOf(stored) !== placeOf(from)) return null;
    expected = stored.revision;
  }
  return null;
}

/** All of a plan that a refused answer leaves alone. */
function placeOf(plan: Plan): string {
  const { state, cursor, inserted = [], insertions = [], subject, proofs, learned } = plan;
  return JSON.stringify([state, cursor, inserted, insertions, subject, proofs, learned]);
}

async function carry(
  deps: FlowDeps,
  from: Plan,
  { plan, leave }: { readonly plan: Plan; readonly leave: string | null },
  prepared: Prepared,
  run: Run,
): Promise<Result> {
  const cookies = await carryOut(deps, prepared, run).catch(async (caught: unknown) => {
    if (from.revision === 0) tell(deps, run, plan, 'started');
    await abandon(deps, plan, asProblem(caught), run);
    throw caught;
  });
  const all = withForgotten(cookies, prepared, plan, run);
  return concluded(deps, from, { plan, leave }, all, run);
}

function withForgotten(
  cookies: readonly string[],
  prepared: Prepared,
  plan: Plan,
  run: Run,
): readonly string[] {
  const forgotten = prepared.username === null ? forgetUsername(plan, run) : null;
  return forgotten === null ? cookies : [...cookies, forgotten];
}

function concluded(
  deps: FlowDeps,
  from: Plan,
  { plan, leave }: { readonly plan: Plan; readonly leave: string | null },
  cookies: readonly string[],
  run: Run,
): Result {
  if (from.revision === 0) tell(deps, run, plan, 'started');
  if (plan.state !== 'running') {
    tell(deps, run, plan, plan.state === 'done' ? 'completed' : 'stopped');
  }
  return { plan, moved: true, leave, cookies };
}

/** What somebody is told whose answer came second. */
export function afterwards(deps: FlowDeps, plan: Plan | null, run: Run): Result {
  return { plan, moved: false, leave: null, cookies: plan === null ? [] : handed(deps, plan, run) };
}

async function abandon(deps: FlowDeps, plan: Plan, problem: Problem, run: Run): Promise<void> {
  const { handed: _handed, ...rest } = plan;
  const stopped = { reason: { code: problem.code }, text: wordsFor(problem) };
  const ended: Plan = { ...rest, revision: plan.revision + 1, state: 'stopped', stopped };
  // Named fallback: when this write fails as well, the fault that led here is the one to tell.
  await deps.stores.plans.write(ended, plan.revision).catch(() => false);
  tell(deps, run, ended, 'stopped');
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
