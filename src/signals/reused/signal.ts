/**
 * Whether a new password is one of the user's last ones. Has a value only for proved users:
 * otherwise it could be used to guess passwords without any limit.
 */
import { z } from 'zod';
import { defineSignal, type SignalTools } from '../../core/access/signal.ts';

/** In milliseconds, for 24 hashes of 70 ms each and time in the queue. */
const DEADLINE = 5_000;
const BOUND = /^(\d{1,2}):(.+)$/;

/** Its value is true or false, of `reused:<how many>:<field>`, or null if the field is empty. */
export const reused = defineSignal({
  name: 'reused',
  config: z.strictObject({}).describe('Whether the user had this password before. No options.'),
  deadline: DEADLINE,
  open(_options, tools) {
    return Promise.resolve({
      gather({ prompt, user, session, subject }, bound, deadline) {
        const [, last, field = ''] = BOUND.exec(bound ?? '') ?? [];
        const answers = prompt ?? {};
        const password = Object.hasOwn(answers, field) ? answers[field] : undefined;
        if (password === null) return null;
        if (typeof password !== 'string') return undefined;
        // A new user has no earlier password. An unknown username must look like an unproved one.
        if (user === null && subject === null) return false;
        if (user === null || session === null) return undefined;
        return isReused(tools, { userId: user.id, last: Number(last), password, deadline });
      },
      close: () => Promise.resolve(),
    });
  },
});

interface Question {
  readonly userId: string;
  /** Number of earlier passwords to compare. */
  readonly last: number;
  readonly password: string;
  readonly deadline: AbortSignal;
}

/** Verifies one hash after another, the current one first, so sign-ins are served in between. */
async function isReused(
  { accounts, directories, passwords }: SignalTools,
  { userId, last, password, deadline }: Question,
): Promise<boolean | undefined> {
  if (directories === null) return undefined;
  const current = await directories.verifyPassword(userId, password);
  if (current !== 'wrong') return current === 'right' ? true : undefined;
  for (const hash of await accounts.passwordHashes(userId, last)) {
    // The deadline has passed: the result is no longer used.
    if (deadline.aborted) return undefined;
    const verdict = await passwords.verify(hash, password);
    if (verdict !== 'wrong') return verdict === 'right' ? true : undefined;
  }
  return false;
}
