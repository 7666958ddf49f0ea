/**
 * Estimates passwords in a thread of its own, one at a time: input that is built to take long must
 * stop no check. Loading its 90 MB of words is never interrupted, or a slow machine would load for
 * ever; only an estimate that runs has a limit.
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
  /** Loads the words ahead of the first password; returns at once. */
  warm(): void;
  close(): Promise<void>;
}

interface Waiting extends Job {
  readonly settle: (outcome: number | Error) => void;
}

/** Passwords in line; the next one is turned away at once. */
const MAX_WAITING = 16;

/** Milliseconds; all injected by tests. */
export interface EstimatorTiming {
  /** After this time a thread that has nothing to do ends. */
  readonly idle?: number;
  /** Longest time one estimate may run once its words are loaded. */
  readonly limit?: number;
  /** Makes the thread: it posts `ready` once, then a score for each job. */
  readonly load?: () => Worker;
}

/** Posted by the thread once its words are loaded. */
export const READY = 'ready';

/** A twentieth of it is the longest estimate on an ordinary machine. */
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
      // A thread that still loads goes on: the next password finds it ready.
      if (isReady) resting = setTimeout(() => void stop(), idle).unref();
      return;
    }
    thread ??= start();
    thread.ref();
    if (isReady) post(running);
  }
  function post({ password, own }: Job): void {
    // The only way to make an estimate stop.
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
          // One that runs goes on to its own limit: the thread is kept for the next password.
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
