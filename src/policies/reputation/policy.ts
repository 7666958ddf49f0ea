/**
 * Passes if recent sign-in attempts went well enough. Unknown scores count as neither good nor bad.
 */
import { z } from 'zod';
import { failed } from '../../core/policy/comparison.ts';
import { definePolicy, type Verdict } from '../../core/policy/policy.ts';
import { Problem } from '../../core/values/problem.ts';
import { SCORE_BOUNDS } from '../../core/people/score.ts';
import { texts } from './texts.ts';
import { fieldsOf } from '../../core/values/record.ts';

const SIGNAL = 'reputation';

const config = z.strictObject({
  above: z
    .int()
    .min(SCORE_BOUNDS.least)
    .max(SCORE_BOUNDS.most - 1)
    .describe('Passes with more points than this. Everyone starts at 0.'),
  of: z
    .enum(['address', 'account', 'both'])
    .prefault('both')
    .describe(
      'Whose points count. With both, each must have enough, the account as soon as it is known.',
    ),
});

const GOOD: Verdict = { pass: true, reason: { code: 'reputation/good' } };

export const reputation = definePolicy({
  type: 'reputation',
  config,
  texts,
  needs: () => [SIGNAL],
  compile({ above, of }) {
    return ({ signals }) => {
      const { address, account } = scoresOf(signals[SIGNAL]);
      if (of !== 'account') {
        if (address === null) {
          throw new Problem('policy/no-address', 'the address of the client cannot be read');
        }
        if (address <= above) return bad('address', address, above);
      }
      if (of === 'account' && account === null) {
        throw new Problem('policy/no-account', 'no user is named yet');
      }
      if (of !== 'address' && account !== null && account <= above) {
        return bad('account', account, above);
      }
      return GOOD;
    };
  },
});

/**
 * Returns the signal's two scores; a malformed score is null, which does not pass where a score is
 * required.
 */
function scoresOf(signal: unknown): Record<'address' | 'account', number | null> {
  const { address, account } = fieldsOf(signal);
  return {
    address: typeof address === 'number' ? address : null,
    account: typeof account === 'number' ? account : null,
  };
}

function bad(whose: 'address' | 'account', score: number, above: number): Verdict {
  return failed(texts, `reputation/${whose}`, { score, above });
}
