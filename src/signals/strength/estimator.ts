/**
 * Estimates passwords in a separate thread, one at a time, so a crafted slow password cannot block
 * access checks. Only a running estimate has a time limit. Loading the words has none, because a
 * slow machine would otherwise start over forever.
 */
import { Worker } from 'node:worker_threads';
import { createThread, type Job, type ThreadOptions } from './thread.ts';

/** Estimates passwords one after another. */
export interface Estimator {
  /**
   * Returns a score from 0 (guessed at once) to 4. Rejects if the queue is full, on abort, or if
   * the thread fails.
   */
  estimate(job: Job, aborted: AbortSignal): Promise<number>;
  /** Starts loading the words before the first password; returns at once. */
  warm(): void;
  close(): Promise<void>;
}

interface Waiting extends Job {
  readonly settle: (outcome: number | Error) => void;
}

/** Maximum number of queued passwords; further ones are rejected at once. */
const MAX_WAITING = 16;

/** In milliseconds; the longest estimate on an ordinary machine takes a twentieth of it. */
const LIMIT = 10_000;

/** An estimator whose thread starts with the first password, or with `warm`. Tests inject options. */
export function createEstimator({
  idle = 60_000,
  limit = LIMIT,
  load = loadWords,
}: Partial<ThreadOptions> = {}): Estimator {
  const line: Waiting[] = [];
  let running: Waiting | null = null;
  const thread = createThread({ idle, limit, load }, finish);

  function finish(outcome: number | Error): void {
    const done = running;
    running = null;
    done?.settle(outcome);
    next();
  }
  function next(): void {
    if (running !== null) return;
    running = line.shift() ?? null;
    if (running === null) thread.rest();
    else thread.run(running);
  }
  function abort(waiting: Waiting): void {
    // Let a running estimate continue to its own limit, which preserves the thread for the next
    // password.
    if (running !== waiting) line.splice(line.indexOf(waiting), 1);
    else if (thread.withdraw()) {
      running = null;
      next();
    }
    waiting.settle(new Error('it took too long'));
  }

  return {
    estimate(job, aborted) {
      return new Promise((resolve, reject) => {
        if (line.length >= MAX_WAITING) return reject(new Error('too many passwords at once'));
        const waiting: Waiting = {
          ...job,
          settle(outcome) {
            aborted.removeEventListener('abort', onAbort);
            if (typeof outcome === 'number') resolve(outcome);
            else reject(outcome);
          },
        };
        const onAbort = (): void => abort(waiting);
        aborted.addEventListener('abort', onAbort, { once: true });
        line.push(waiting);
        next();
      });
    },
    warm() {
      thread.start();
    },
    async close() {
      for (const waiting of line.splice(0)) waiting.settle(new Error('it is closed'));
      finish(new Error('it is closed'));
      await thread.stop();
    },
  };
}

function loadWords(): Worker {
  return new Worker(new URL('./estimate.ts', import.meta.url), {
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 },
  });
}
