/**
 * Runs submissions to one plan one after another within this process, so that a double click costs
 * one verification and finds the result of the first. Across processes only the plan store's
 * compare-and-set decides; safety must not rely on turns.
 */
import { Problem } from '../../core/values/problem.ts';

/** Submissions to one plan that may wait at a time. */
const MAX_WAITING = 64;

/** Runs `work` after all earlier work under the same key, whether that succeeded or failed. */
export type Turns = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** The turns of one process. Rejects with Problem `plan/busy` (503) if too many wait. */
export function takeTurns(): Turns {
  const queues = new Map<string, { waiting: number; last: Promise<unknown> }>();
  return async (key, work) => {
    const queue = queues.get(key) ?? { waiting: 0, last: Promise.resolve() };
    if (queue.waiting >= MAX_WAITING) {
      throw new Problem('plan/busy', 'Too many submissions at once.', {
        status: 503,
        retryAfter: 1,
      });
    }
    queues.set(key, queue);
    queue.waiting += 1;
    // A failure of the work before is reported to its own sender.
    const mine = queue.last.then(work, work);
    queue.last = mine;
    try {
      return await mine;
    } finally {
      queue.waiting -= 1;
      if (queue.waiting === 0) queues.delete(key);
    }
  };
}
