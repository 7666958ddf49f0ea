/**
 * Estimates passwords in a separate thread, one at a time, so a crafted slow password cannot block
 * access checks. Only a running estimate has a time limit. Loading the 90 MB of words has none,
 * because a slow machine would otherwise start over forever.
 */
import { Worker } from 'node:worker_threads';

export interface Job {
  readonly password: string;
  /** Words that add no strength. */
  readonly own: readonly string[];
}

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

/** Times in milliseconds, injected by tests. */
export interface EstimatorTiming {
  /** Time after which an idle thread ends. */
  readonly idle?: number;
  /** Time limit of one estimate after the words are loaded. */
  readonly limit?: number;
  /** Creates the thread, which posts `ready` once and then a score for each job. */
  readonly load?: () => Worker;
}

/** Posted by the thread once its words are loaded. */
export const READY = 'ready';

/** In milliseconds; the longest estimate on an ordinary machine takes a twentieth of it. */
const LIMIT = 10_000;

/** An estimator whose thread starts with the first password, or with `warm`. */
export function createEstimator({
  idle = 60_000,
  limit = LIMIT,
  load = loadWords,
}: EstimatorTiming = {}): Estimator {
  const line: Waiting[] = [];
  let running: Waiting | null = null;
  let thread: Worker | null = null;
  let isReady = false;
  let resting: NodeJS.Timeout | undefined;
  let overrun: NodeJS.Timeout | undefined;

  function stop(): Promise<unknown> {
    clearTimeout(resting);
    clearTimeout(overrun);
    const ended = thread?.terminate() ?? Promise.resolve();
    thread = null;
    return ended;
  }
  function finish(outcome: number | Error): void {
    clearTimeout(overrun);
    const done = running;
    running = null;
    done?.settle(outcome);
    next();
  }
  function start(): Worker {
    const worker = load();
    isReady = false;
    const fail = (cause: unknown): void => {
      if (thread !== worker) return;
      thread = null;
      finish(cause instanceof Error ? cause : new Error(`the thread ended with ${String(cause)}`));
    };
    worker.on('message', (score: unknown) => {
      if (thread !== worker) return;
      if (score !== READY) return finish(typeof score === 'number' ? score : new Error('no score'));
      isReady = true;
      if (running === null) next();
      else post(running);
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
      // Let a loading thread finish, so it is ready for the next password.
      if (isReady) resting = setTimeout(() => void stop(), idle).unref();
      return;
    }
    thread ??= start();
    thread.ref();
    if (isReady) post(running);
  }
  function post({ password, own }: Job): void {
    // Ending the thread is the only way to stop an estimate.
    overrun = setTimeout(() => {
      void stop();
      finish(new Error('the estimate took too long'));
    }, limit).unref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    thread?.postMessage({ password, own });
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
          // Let a running estimate continue to its own limit, which preserves the thread for the
          // next password.
          if (running !== waiting) line.splice(line.indexOf(waiting), 1);
          else if (!isReady) {
            running = null;
            next();
          }
          waiting.settle(late);
        };
        aborted.addEventListener('abort', abort, { once: true });
        line.push(waiting);
        next();
      });
    },
    warm() {
      thread ??= start();
      if (running === null) thread.unref();
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

function loadWords(): Worker {
  return new Worker(new URL('./estimate.ts', import.meta.url), {
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 },
  });
}
