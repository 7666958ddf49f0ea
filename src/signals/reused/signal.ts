/**
 * Whether a password that is typed is one of this person's last ones. Says so only to somebody who has
 * proved who they are: to anybody else it would be a way to guess past every limit.
 */
import { z } from 'zod';
import { defineSignal, type SignalTools } from '../../core/access/signal.ts';

/** In milliseconds: 24 hashes of 70 each, and others in line. */
const DEADLINE = 5_000;
const BOUND = /^(\d{1,2}):(.+)$/;

/** Its value is true or false, of `reused:<how many>:<field>`, or null where none was typed. */
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
        // Somebody new has had none. A name that nobody has looks like one that is not proved.
        if (user === null && subject === null) return false;
        if (user === null || session === null) return undefined;
        return isReused(tools, user.id, Number(last), password, deadline);
      },
      close: () => Promise.resolve(),
    });
  },
});

/** One after another, the current one first, so that sign-ins find a place in between. */
async function isReused(
  { accounts, directories, passwords }: SignalTools,
  userId: string,
  last: number,
  password: string,
  deadline: AbortSignal,
): Promise<boolean | undefined> {
  if (directories === null) return undefined;
  const current = await directories.verifyPassword(userId, password);
  if (current !== 'wrong') return current === 'right' ? true : undefined;
  for (const hash of await accounts.passwordHashes(userId, last)) {
    // Nobody waits for the answer any more.
    if (deadline.aborted) return undefined;
    const verdict = await passwords.verify(hash, password);
    if (verdict !== 'wrong') return verdict === 'right' ? true : undefined;
  }
  return false;
}
