/** Turns: a bounded number of tasks at the same time, in order, with a bounded queue. */
import { TimedOut } from './protocol/dial.ts';

/** Most tasks that wait. */
const MAX_WAITING = 256;

/** Turns of one kind of task. */
export interface Turns {
  /** Runs the task when it is its turn; rejects with TimedOut, or an Error if the queue is full. */
  take<T>(task: () => Promise<T>): Promise<T>;
}

/** `most` tasks at the same time; others wait for `patience` milliseconds. */
export function createTurns(most: number, patience: number): Turns {
  const waiting: (() => void)[] = [];
  let busy = 0;

  async function enter(): Promise<void> {
    if (busy < most) {
      busy += 1;
      return;
    }
    if (waiting.length >= MAX_WAITING) throw new Error('too many requests at the same time');
    const turn = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(turn.resolve), 1);
      turn.reject(new TimedOut());
    }, patience);
    waiting.push(turn.resolve);
    try {
      await turn.promise;
    } finally {
      clearTimeout(timer);
    }
  }
  return {
    async take(task) {
      await enter();
      try {
        return await task();
      } finally {
        const next = waiting.shift();
        // The next task takes this one's place.
        if (next === undefined) busy -= 1;
        else next();
      }
    },
  };
}
