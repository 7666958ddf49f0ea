/** The worker thread: estimates one password at a time. Prints and stores nothing. */
import { parentPort } from 'node:worker_threads';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common';
import { dictionary as english } from '@zxcvbn-ts/language-en';
import type { Job, READY } from './thread.ts';

/**
 * Limits on the password length (in UTF-16 units) and on the spellings tried for letters like 4 and
 * @. Time grows with the square of the length and linearly with the spellings. With 128 and 100,
 * the default, a password takes up to six seconds; with these limits, half a second.
 */
const MAX_LENGTH = 64;
const MAX_SPELLINGS = 10;

const zxcvbn = new ZxcvbnFactory({
  dictionary: { ...common, ...english },
  graphs: adjacencyGraphs,
  maxLength: MAX_LENGTH,
  l33tMaxSubstitutions: MAX_SPELLINGS,
});

parentPort?.on('message', ({ password, own }: Job) => {
  const { score } = zxcvbn.check(password, [...own]);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(score);
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage('ready' satisfies typeof READY);
