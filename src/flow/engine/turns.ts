/**
 * Lets answers to one plan take turns within this process, so that an impatient double click
 * costs one verification and finds what the first one did. Across processes the plan store's
 * compare-and-set alone decides; nothing may rely on turns for safety.
 */
import { Problem } from '../../core/values/problem.ts';

/** Answers to one plan that may wait at a time. */
const MAX_WAITING = 64;

/** Runs `work` after all earlier work under the same key, whatever became of that. */
export type Turns = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Turns of one process. Rejects with Problem `plan/busy` (503) when too many wait. */
export function takeTurns(): Turns {
  const lines = new Map<string, { waiting: number; last: Promise<unknown> }>();
  return async (key, work) => {
    const line = lines.get(key) ?? { waiting: 0, last: Promise.resolve() };
    if (line.waiting >= MAX_WAITING) {
      throw new Problem('plan/busy', 'Too many answers at once.', { status: 503, retryAfter: 1 });
    }
    lines.set(key, line);
    line.waiting += 1;
    // The one before us may fail; that is told to whoever sent it, not to us.
    const mine = line.last.then(work, work);
    line.last = mine;
    try {
      return await mine;
    } finally {
      line.waiting -= 1;
      if (line.waiting === 0) lines.delete(key);
    }
  };
}
