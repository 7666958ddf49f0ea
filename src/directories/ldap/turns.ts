/**
 * Turns: a bounded number of tasks at the same time, in order, with bounded queues. What sessions need
 * comes before sign-ins, so that a flood of these does not keep users out who are in.
 */
import { TimedOut } from './protocol/dial.ts';

/** Most tasks that wait in each queue. */
const MAX_WAITING = 256;

/** What a task is for, in the order of turns. */
export type Purpose = 'sessions' | 'sign-ins';

/** Turns of one kind of task. */
export interface Turns {
  /** Runs the task when it is its turn; rejects with TimedOut, or an Error if the queue is full. */
  take<T>(purpose: Purpose, task: () => Promise<T>): Promise<T>;
}

/** `most` tasks at the same time; others wait for `patience` milliseconds. */
export function createTurns(most: number, patience: number): Turns {
  const queues: Readonly<Record<Purpose, (() => void)[]>> = { sessions: [], 'sign-ins': [] };
  let busy = 0;

  async function enter(waiting: (() => void)[]): Promise<void> {
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
    async take(purpose, task) {
      await enter(queues[purpose]);
      try {
        return await task();
      } finally {
        const next = queues.sessions.shift() ?? queues['sign-ins'].shift();
        // The next task takes this one's place.
        if (next === undefined) busy -= 1;
        else next();
      }
    },
  };
}
