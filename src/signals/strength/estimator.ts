/**
 * Estimates passwords in a thread of its own, one at a time: what is built to take long must stop no
 * check. The thread and its 90 MB of words are there only while they are needed.
 */
import { Worker } from 'node:worker_threads';

/** What is estimated. */
export interface Job {
  readonly password: string;
  /** Worth nothing in it. */
  readonly own: readonly string[];
}

/** Estimates, one after another. */
export interface Estimator {
  /** 0 (guessed at once) to 4. Rejects when there are too many at once, when it is aborted, or the thread fails. */
  estimate(job: Job, aborted: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

interface Waiting extends Job {
  readonly settle: (outcome: number | Error) => void;
}

/** Passwords in line; the next one is turned away at once. */
const MAX_WAITING = 16;

/** `idle`: milliseconds after which a thread that has nothing to do ends. */
export function createEstimator(idle = 60_000): Estimator {
  const line: Waiting[] = [];
  let running: Waiting | null = null;
  let thread: Worker | null = null;
  let resting: NodeJS.Timeout | undefined;

  function stop(): Promise<unknown> {
    clearTimeout(resting);
    const ended = thread?.terminate() ?? Promise.resolve();
    thread = null;
    return ended;
  }
  function finish(outcome: number | Error): void {
    const done = running;
    running = null;
    done?.settle(outcome);
    next();
  }
  function start(): Worker {
    const worker = new Worker(new URL('./estimate.ts', import.meta.url), {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 },
    });
    const fail = (cause: unknown): void => {
      if (thread !== worker) return;
      thread = null;
      finish(cause instanceof Error ? cause : new Error(`the thread ended with ${String(cause)}`));
    };
    worker.on('message', (score: unknown) => {
      if (thread === worker) finish(typeof score === 'number' ? score : new Error('no score'));
    });
    worker.once('error', fail);
    worker.once('exit', fail);
    return worker;
  }
  function next(): void {
    if (running !== null) return;
    clearTimeout(resting);
    running = line.shift() ?? null;
    if (running === null) {
      thread?.unref();
      resting = setTimeout(() => void stop(), idle).unref();
      return;
    }
    thread ??= start();
    thread.ref();
    const { password, own } = running;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    thread.postMessage({ password, own });
  }

  return {
    estimate(job, aborted) {
      return new Promise((resolve, reject) => {
        if (line.length >= MAX_WAITING) return reject(new Error('too many passwords at once'));
        const waiting: Waiting = {
          ...job,
          settle(outcome) {
            aborted.removeEventListener('abort', abort);
            if (typeof outcome === 'number') resolve(outcome);
            else reject(outcome);
          },
        };
        const abort = (): void => {
          const late = new Error('it took too long');
          if (running === waiting) {
            // The only way to make it stop.
            void stop();
            return finish(late);
          }
          line.splice(line.indexOf(waiting), 1);
          waiting.settle(late);
        };
        aborted.addEventListener('abort', abort, { once: true });
        line.push(waiting);
        next();
      });
    },
    async close() {
      for (const waiting of line.splice(0)) waiting.settle(new Error('it is closed'));
      const ended = stop();
      finish(new Error('it is closed'));
      clearTimeout(resting);
      await ended;
    },
  };
}
