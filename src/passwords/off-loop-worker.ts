/** Body of the worker thread: verifies one bcrypt or SHA-crypt hash and ends. Prints nothing. */
import { parentPort, workerData } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';
import type { OffLoopJob } from './off-loop.ts';
import { verifyShaCrypt } from './sha-crypt.ts';

const { hash, password }: OffLoopJob = workerData;
const isRight = hash.startsWith('$2')
  ? compareSync(password, hash)
  : verifyShaCrypt(hash, password);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(isRight);
