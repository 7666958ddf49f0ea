/**
 * Verifies hashes whose only implementation is JavaScript in a thread of its own, one thread a
 * password: checks keep their event loop, and the password's memory dies with the thread.
 */
import { Worker } from 'node:worker_threads';
import { Problem } from '../core/values/problem.ts';

/** Longest run in milliseconds; the caps on costs end far below on any machine in use. */
const TIMEOUT = 30_000;

/** What the thread verifies. */
export interface OffLoopJob {
  readonly hash: string;
  readonly password: string;
}

/** Whether the password gives a bcrypt or SHA-crypt hash. Rejects with Problem `passwords/failed`. */
export function verifyOffLoop(hash: string, password: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./off-loop-worker.ts', import.meta.url), {
      workerData: { hash, password } satisfies OffLoopJob,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 },
    });
    const fail = (cause: unknown): void => {
      reject(new Problem('passwords/failed', 'The password could not be verified.', { cause }));
    };
    const timer = setTimeout(() => {
      fail(new Error('timeout'));
      void worker.terminate();
    }, TIMEOUT);
    worker.once('message', (answer: unknown) => resolve(answer === true));
    worker.once('error', fail);
    worker.once('exit', (code) => {
      clearTimeout(timer);
      // Settled already unless the thread ended without an answer.
      fail(new Error(`thread ended with ${code}`));
    });
  });
}
