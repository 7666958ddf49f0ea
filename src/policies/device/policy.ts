/** Passes in browsers that have signed this person in before. A browser without its cookie never has. */
import { z } from 'zod';
import { DEVICE_KNOWN_FOR } from '../../core/people/account.ts';
import { DURATION_PATTERN, parseDuration } from '../../core/values/duration.ts';
import { definePolicy, type Verdict } from '../../core/access/policy.ts';
import { Problem } from '../../core/values/problem.ts';

const SIGNAL = 'device';

const duration = z
  .string()
  .regex(DURATION_PATTERN, 'expected a duration such as 90s, 15m, 12h or 30d')
  .refine((text) => (parseDuration(text) ?? Infinity) <= DEVICE_KNOWN_FOR, {
    message: 'expected at most 90d: devices are forgotten after that',
  });

const config = z.strictObject({
  known_for: duration.optional().describe('How long ago it first signed this person in, at least.'),
  within: duration.optional().describe('How long ago it last did so, at most; 90d when left out.'),
});

const KNOWN: Verdict = { pass: true, reason: { code: 'device/known' } };
const UNKNOWN: Verdict = { pass: false, reason: { code: 'device/unknown' } };

export const device = definePolicy({
  type: 'device',
  config,
  needs: () => [SIGNAL],
  compile({ known_for: knownFor, within }) {
    const least = knownFor === undefined ? 0 : read(knownFor);
    const longest = within === undefined ? DEVICE_KNOWN_FOR : read(within);
    return ({ signals, user, session, flow, now }) => {
      if (user === null) throw new Problem('policy/no-user', 'nobody is known here yet');
      const seen = timesOf(signals[SIGNAL]);
      if (seen === null) return UNKNOWN;
      // On a route the sign-in by which somebody came is not one before.
      const isFirst = flow === null && session !== null && seen.firstAt >= session.createdAt;
      if (isFirst || now - seen.firstAt < least) {
        const detail = `known since ${new Date(seen.firstAt).toISOString()}`;
        return { pass: false, reason: { code: 'device/new', detail } };
      }
      if (now - seen.lastAt < longest) return KNOWN;
      const detail = `last used ${new Date(seen.lastAt).toISOString()}`;
      return { pass: false, reason: { code: 'device/stale', detail } };
    };
  },
});

function read(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new Problem('policy/duration', `${text} is no duration`);
  return ms;
}

function timesOf(signal: unknown): { readonly firstAt: number; readonly lastAt: number } | null {
  const { firstAt, lastAt } = (signal ?? {}) as Record<string, unknown>;
  return typeof firstAt === 'number' && typeof lastAt === 'number' ? { firstAt, lastAt } : null;
}
