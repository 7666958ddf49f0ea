/**
 * The thread that estimates passwords, one at a time. It loads 90 MB of words when it starts, ends
 * when it has been idle, and is ended if an estimate takes too long.
 */
import type { Worker } from 'node:worker_threads';

/** A password and the words that add no strength to it. */
export interface Job {
  readonly password: string;
  readonly own: readonly string[];
}

/** Times in milliseconds. */
export interface ThreadOptions {
  /** Time after which an idle thread ends. */
  readonly idle: number;
  /** Time limit of one estimate after the words are loaded. */
  readonly limit: number;
  /** Creates the thread, which posts `ready` once and then a score for each job. */
  readonly load: () => Worker;
}

export interface Thread {
  /** Starts the thread if it does not run; returns at once. */
  start(): void;
  /** Estimates a password. `done` receives the score, or an error. One job at a time. */
  run(job: Job): void;
  /** Withdraws the job. Returns false if its estimate has already begun. */
  withdraw(): boolean;
  /** Lets the process end, and the thread too after the idle time. */
  rest(): void;
  stop(): Promise<unknown>;
}

/** Posted by the thread once its words are loaded. */
export const READY = 'ready';

/** A thread that starts with the first job, or with `start`. */
// oxlint-disable-next-line max-lines-per-function -- one state machine; each part would need all of its state
export function createThread(
  { idle, limit, load }: ThreadOptions,
  done: (outcome: number | Error) => void,
): Thread {
  let worker: Worker | null = null;
  let isReady = false;
  let job: Job | null = null;
  let resting: NodeJS.Timeout | undefined;
  let overrun: NodeJS.Timeout | undefined;

  function finish(outcome: number | Error): void {
    clearTimeout(overrun);
    job = null;
    done(outcome);
  }
  function receive(score: unknown): void {
    if (score !== READY) return finish(typeof score === 'number' ? score : new Error('no score'));
    isReady = true;
    if (job === null) rest();
    else post(job);
  }
  function start(): Worker {
    const started = load();
    isReady = false;
    const fail = (cause: unknown): void => {
      if (worker !== started) return;
      worker = null;
      finish(cause instanceof Error ? cause : new Error(`the thread ended with ${String(cause)}`));
    };
    started.on('message', (score: unknown) => {
      if (worker === started) receive(score);
    });
    started.once('error', fail);
    started.once('exit', fail);
    return started;
  }
  function post({ password, own }: Job): void {
    // Ending the thread is the only way to stop an estimate.
    overrun = setTimeout(() => {
      void stop();
      finish(new Error('the estimate took too long'));
    }, limit).unref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker?.postMessage({ password, own });
  }
  function rest(): void {
    clearTimeout(resting);
    worker?.unref();
    // Let a loading thread finish, so it is ready for the next password.
    if (isReady) resting = setTimeout(() => void stop(), idle).unref();
  }
  function stop(): Promise<unknown> {
    clearTimeout(resting);
    clearTimeout(overrun);
    const ended = worker?.terminate() ?? Promise.resolve();
    worker = null;
    return ended;
  }

  return {
    start() {
      worker ??= start();
      if (job === null) worker.unref();
    },
    run(next) {
      clearTimeout(resting);
      job = next;
      worker ??= start();
      worker.ref();
      if (isReady) post(next);
    },
    withdraw() {
      if (isReady) return false;
      job = null;
      return true;
    },
    rest,
    stop,
  };
}
