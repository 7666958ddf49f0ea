/**
 * Limits how many rejected submissions an address may send, so that a list of names cannot be tried
 * out. This covers rejected content (a wrong shape, a taken name); prove.ts counts wrong secrets.
 */
import type { Throttle, ThrottleRule } from '../../core/values/system.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Step } from '../../core/flow/stage.ts';
import type { Run } from '../run/run.ts';
import { countersOf, takeAll } from './tries.ts';

/** Enough for a class that enrols from one address, typing errors included. */
const RULE: ThrottleRule = { free: 100, wait: 5_000, longest: 5 * 60_000, window: 10 * 60_000 };

/** Codes of problems that reveal that a user exists. */
const TAKEN: ReadonlySet<string> = new Set(['user/exists', 'user/name-alike']);

/** Counts a step that rejects a submission's content. Throws Problem `throttle/answers` (429) over the limit. */
export async function countRejected(throttle: Throttle, step: Step, run: Run): Promise<void> {
  const code = step.kind === 'ask' ? (step.reason?.code ?? '') : '';
  if (code.startsWith('answer/')) await count(throttle, run);
}

/** Counts a fault that reveals a taken name. Throws Problem `throttle/answers` (429) over the limit. */
export async function countTaken(throttle: Throttle, caught: unknown, run: Run): Promise<void> {
  if (caught instanceof Problem && TAKEN.has(caught.code)) await count(throttle, run);
}

async function count(throttle: Throttle, run: Run): Promise<void> {
  const counters = countersOf('answers', run.facts.clientIp, RULE);
  const retryAt = await takeAll(throttle, counters, run.now);
  if (retryAt === null) return;
  const retryAfter = Math.max(1, Math.ceil((retryAt - run.now) / 1000));
  throw new Problem('throttle/answers', 'Too many rejected submissions from this address.', {
    status: 429,
    retryAfter,
  });
}
