/** Always passes or always refuses, for testing how rules combine. Not for protecting apps. */
import { z } from 'zod';
import { definePolicy, type Verdict } from '../../core/policy/policy.ts';

const config = z.strictObject({
  pass: z.boolean().describe('Whether the policy passes.'),
  reason: z.string().min(1).max(200).optional().describe('Note that appears as the detail.'),
});

export const dummy = definePolicy({
  type: 'dummy',
  withoutUser: true,
  config,
  texts: {
    en: {
      'reason.dummy': 'A test rule denied access.',
    },
    de: {
      'reason.dummy': 'Eine Testregel hat den Zugriff verweigert.',
    },
  },
  compile({ pass, reason }) {
    const code = pass ? 'dummy/passed' : 'dummy/refused';
    const verdict: Verdict = {
      pass,
      reason: reason === undefined ? { code } : { code, detail: reason },
    };
    return () => verdict;
  },
});
