/**
 * Passes in browsers in which the user has signed in before. A browser without the cookie counts as
 * new.
 */
import { z } from 'zod';
import { duration } from '../../schema/duration.ts';
import { DEVICE_KNOWN_FOR } from '../../core/people/account.ts';
import { failed } from '../../core/policy/comparison.ts';
import { definePolicy, type Verdict } from '../../core/policy/policy.ts';
import { Problem } from '../../core/values/problem.ts';
import { texts } from './texts.ts';
import { fieldsOf } from '../../core/values/record.ts';

const SIGNAL = 'device';

const age = duration({ most: DEVICE_KNOWN_FOR });

const config = z.strictObject({
  known_for: age
    .optional()
    .describe('Minimum time since the user’s first sign-in in this browser.'),
  within: age
    .optional()
    .describe('Maximum time since the user’s last sign-in in it. Default: 90d.'),
});

const KNOWN: Verdict = { pass: true, reason: { code: 'device/known' } };
const UNKNOWN: Verdict = { pass: false, reason: { code: 'device/unknown' } };

export const device = definePolicy({
  type: 'device',
  config,
  texts,
  needs: () => [SIGNAL],
  compile({ known_for: least = 0, within: longest = DEVICE_KNOWN_FOR }) {
    return ({ signals, user, session, credential, flow, now }) => {
      if (user === null) throw new Problem('policy/no-user', 'the user is not known yet');
      // Not "unknown", which `negate` would turn into a pass.
      if (credential !== undefined) {
        throw new Problem('policy/no-session', 'a program is bound to no browser');
      }
      const seen = timesOf(signals[SIGNAL]);
      if (seen === null) return UNKNOWN;
      // On a route, the sign-in that started the current session does not count as an earlier one.
      const isFirst = flow === null && session !== null && seen.firstAt >= session.createdAt;
      if (isFirst || now - seen.firstAt < least) {
        return failed(texts, 'device/new', { time: new Date(seen.firstAt).toISOString() });
      }
      if (now - seen.lastAt < longest) return KNOWN;
      return failed(texts, 'device/stale', { time: new Date(seen.lastAt).toISOString() });
    };
  },
});

function timesOf(signal: unknown): { readonly firstAt: number; readonly lastAt: number } | null {
  const { firstAt, lastAt } = fieldsOf(signal);
  return typeof firstAt === 'number' && typeof lastAt === 'number' ? { firstAt, lastAt } : null;
}
