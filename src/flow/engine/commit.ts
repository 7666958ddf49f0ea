/**
 * The one write of a submission, then its orders, once. A request that loses the write does nothing.
 * If an order fails, the run ends, so that it cannot continue as if the order had succeeded.
 */
import type { EventSink } from '../../core/access/event.ts';
import type { PlanStore } from '../../core/flow/plan-store.ts';
import type { Plan } from '../../core/flow/plan.ts';
import type { Leave } from '../../core/flow/stage.ts';
import type { Stores } from '../../core/setup/stores.ts';
import { KEPT_KEY } from '../../core/sources/source-session.ts';
import { asProblem, isFull, Problem } from '../../core/values/problem.ts';
import { handed, handOver } from '../browser/double-submits.ts';
import { forgetUsername } from '../browser/username.ts';
import {
  carryOut,
  cookiesOf,
  type EffectPorts,
  prepare,
  type Prepared,
  type Showing,
} from '../effects/effects.ts';
import { isEnding, isUse } from '../effects/orders.ts';
import { countTaken } from '../proving/rejections.ts';
import type { Run } from '../run/run.ts';
import type { Walked } from './executor.ts';
import { wordsFor } from './problem-words.ts';

/** What committing needs. */
export interface CommitPorts extends EffectPorts {
  readonly stores: EffectPorts['stores'] & Pick<Stores, 'plans'>;
}

/** The result of a submission. */
export interface Result {
  /** The plan as it is stored now; null if it is gone. */
  readonly plan: Plan | null;
  /** Whether this request wrote; if not, show where the plan stands. */
  readonly moved: boolean;
  readonly leave: Leave | null;
  readonly cookies: readonly string[];
  /** What the next page shows once; left out: nothing. */
  readonly shown?: Showing;
  /** The orders were carried out, but the store had no room for the plan. */
  readonly isUnstored?: true;
}

/** A submission to commit: the plan it was made to, where it led, and its orders, prepared. */
interface Commit {
  readonly from: Plan;
  readonly plan: Plan;
  readonly leave: Leave | null;
  readonly prepared: Prepared;
  readonly run: Run;
}

/** How often a proof is written again on top of wrong submissions that came in between. */
const TRIES = 64;
/** A larger plan is a bug in a stage; in characters of JSON. */
const MAX_PLAN = 32_768;

/** Writes the plan, then carries the orders out. Rejects with a Problem if one of them fails. */
export async function commit(
  ports: CommitPorts,
  from: Plan,
  walked: Walked,
  run: Run,
): Promise<Result> {
  const { plan: moved, leave } = walked;
  // A plan that stopped does nothing more, but a secret used on the way stays used.
  const orders = moved.state === 'stopped' ? walked.orders.filter(isUse) : walked.orders;
  const prepared = await prepare(ports, orders, moved, run).catch(async (caught: unknown) => {
    await countTaken(ports.stores.throttle, caught, run);
    throw caught;
  });
  // From here on, the session alone keeps the tokens of a source.
  const learned = { ...moved.learned, [KEPT_KEY]: null };
  const bare = prepared.kept === null ? moved : { ...moved, learned };
  const all: Commit = { from, plan: bare, leave, prepared, run };
  if (orders.length > 0 && orders.every(isEnding)) return end(ports, all);
  const lines = cookiesOf(prepared, run);
  const plan = lines.length === 0 ? bare : handOver(ports, bare, lines, run);
  if (JSON.stringify(plan).length > MAX_PLAN) {
    throw new Problem('plan/too-large', 'A stage stored more than a plan may hold.');
  }
  const { plans } = ports.stores;
  const written = await write(plans, from, plan, walked.isProved ? TRIES : 1);
  if (written === null) return afterwards(ports, await plans.read(from.id), run);
  return carry(ports, { ...all, plan: written });
}

/**
 * Ends sessions first and writes the plan afterwards: a full store takes no plan, and that must not
 * keep a session alive. Ending twice is harmless, so it need not win the compare-and-set either.
 */
async function end(ports: CommitPorts, all: Commit): Promise<Result> {
  const { from, plan, prepared, run } = all;
  const { plans } = ports.stores;
  const cookies = withForgotten(await carryOut(ports, prepared, run), all);
  try {
    const written = await write(plans, from, plan, 1);
    if (written !== null) return concluded(ports, { ...all, plan: written }, cookies);
    const other = afterwards(ports, await plans.read(from.id), run);
    return { ...other, cookies: [...other.cookies, ...cookies] };
  } catch (caught) {
    if (!isFull(caught)) throw caught;
    const { code } = asProblem(caught);
    ports.events.emit({ type: 'fault', code, requestId: run.requestId, cause: caught });
    return { ...concluded(ports, all, cookies), isUnstored: true };
  }
}

/**
 * The compare-and-set. A proof counts once and is spent now, so wrong submissions that were written
 * first must not lose it: it is tried again on top of those, and of nothing else.
 */
async function write(
  plans: PlanStore,
  from: Plan,
  plan: Plan,
  tries: number,
): Promise<Plan | null> {
  let expected = from.revision;
  for (let left = tries; left > 0; left -= 1) {
    const next = { ...plan, revision: expected + 1 };
    if (await plans.write(next, expected)) return next;
    const stored = left > 1 ? await plans.read(from.id) : null;
    if (stored === null || progressOf(stored) !== progressOf(from)) return null;
    expected = stored.revision;
  }
  return null;
}

/** Everything in a plan that a rejected submission leaves unchanged. */
function progressOf(plan: Plan): string {
  const { state, cursor, inserted = [], insertions = [], subject, proofs, learned } = plan;
  return JSON.stringify([state, cursor, inserted, insertions, subject, proofs, learned]);
}

async function carry(ports: CommitPorts, all: Commit): Promise<Result> {
  const { from, plan, prepared, run } = all;
  const cookies = await carryOut(ports, prepared, run).catch(async (caught: unknown) => {
    if (from.revision === 0) emit(ports, run, plan, 'started');
    await abandon(ports, plan, asProblem(caught), run);
    throw caught;
  });
  return concluded(ports, all, withForgotten(cookies, all));
}

function withForgotten(
  cookies: readonly string[],
  { prepared, plan, run }: Commit,
): readonly string[] {
  const forgotten = prepared.username === null ? forgetUsername(plan, run) : null;
  return forgotten === null ? cookies : [...cookies, forgotten];
}

function concluded(
  ports: CommitPorts,
  { from, plan, leave, run, prepared }: Commit,
  cookies: readonly string[],
): Result {
  if (from.revision === 0 || plan.flow !== from.flow) emit(ports, run, plan, 'started');
  if (plan.state !== 'running') {
    emit(ports, run, plan, plan.state === 'done' ? 'completed' : 'stopped');
  }
  const shown = prepared.shown === null ? {} : { shown: prepared.shown };
  return { plan, moved: true, leave, cookies, ...shown };
}

/** The result for a submission that came second. */
export function afterwards(ports: Pick<CommitPorts, 'vault'>, plan: Plan | null, run: Run): Result {
  const cookies = plan === null ? [] : handed(ports, plan, run);
  return { plan, moved: false, leave: null, cookies };
}

/** A script gets the next challenge at once, with what is shown once: that needs no cookie. */
export function resultFor(kind: 'form' | 'json', result: Result): Result {
  const { shown, cookies } = result;
  return kind === 'form' || shown === undefined
    ? result
    : { ...result, cookies: cookies.filter((line) => line !== shown.line) };
}

async function abandon(ports: CommitPorts, plan: Plan, problem: Problem, run: Run): Promise<void> {
  const { handed: _handed, ...rest } = plan;
  const stopped = { reason: { code: problem.code }, text: wordsFor(problem) };
  const ended: Plan = { ...rest, revision: plan.revision + 1, state: 'stopped', stopped };
  // Named fallback: if this write fails as well, the first fault is the one to report.
  await ports.stores.plans.write(ended, plan.revision).catch(() => false);
  emit(ports, run, ended, 'stopped');
}

function emit(
  { events }: { readonly events: EventSink },
  run: Run,
  plan: Plan,
  outcome: 'started' | 'completed' | 'stopped',
): void {
  events.emit({
    type: 'flow',
    flow: plan.flow,
    outcome,
    code: plan.stopped?.reason.code ?? null,
    userId: plan.subject?.userId ?? null,
    clientIp: run.facts.clientIp,
    requestId: run.requestId,
  });
}
