/** Body of the thread: estimates one password after another. Prints nothing, keeps nothing. */
import { parentPort } from 'node:worker_threads';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common';
import { dictionary as english } from '@zxcvbn-ts/language-en';
import type { Job, READY } from './estimator.ts';

/**
 * What is looked at, in UTF-16 units, and spellings tried for letters such as 4 and @: the time grows with the
 * square of one and with the other. With 128 and 100, as it comes, a password takes up to six seconds; so half a one.
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
