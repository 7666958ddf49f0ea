/**
 * Answers that were refused for what they say (no such shape, a name that is taken) are counted by
 * address, so that no list of names can be tried out. Wrong secrets are counted in prove.ts.
 */
import type { ThrottleRule } from '../../core/values/system.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Step } from '../../core/flow/stage.ts';
import type { FlowDeps } from '../run/deps.ts';
import type { Run } from '../run/run.ts';
import { countersOf, takeAll } from './tries.ts';

/** Enough for a class that enrols behind one address, typing errors included. */
const RULE: ThrottleRule = { free: 100, wait: 5_000, longest: 5 * 60_000, window: 10 * 60_000 };

/** Refusals that say that a user exists. */
const TAKEN: ReadonlySet<string> = new Set(['user/exists', 'user/name-alike']);

type Deps = Pick<FlowDeps, 'stores'>;

/** Counts a step that refuses what an answer says; rejects with Problem `throttle/answers` (429) in its place. */
export async function countRefused(deps: Deps, step: Step, run: Run): Promise<void> {
  const code = step.kind === 'ask' ? (step.reason?.code ?? '') : '';
  if (code.startsWith('answer/')) await count(deps, run);
}

/** The fault to tell: itself, or `throttle/answers` where somebody has tried out too many names. */
export async function countTaken(deps: Deps, caught: unknown, run: Run): Promise<unknown> {
  if (caught instanceof Problem && TAKEN.has(caught.code)) await count(deps, run);
  return caught;
}

async function count({ stores }: Deps, run: Run): Promise<void> {
  const counters = countersOf('answers', run.facts.clientIp, RULE);
  const retryAt = await takeAll(stores.throttle, counters, run.now);
  if (retryAt === null) return;
  const retryAfter = Math.max(1, Math.ceil((retryAt - run.now) / 1000));
  throw new Problem('throttle/answers', 'Too many answers that could not be taken.', {
    status: 429,
    retryAfter,
  });
}
