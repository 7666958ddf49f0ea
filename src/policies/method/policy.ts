/**
 * Passes by how and how recently the session was proved. Reads only the session's proofs. Without a
 * session, the evaluation fails, unless the rule lets a token suffice.
 */
import { z } from 'zod';
import { duration } from '../../schema/duration.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { failed } from '../../core/policy/comparison.ts';
import { definePolicy, type Verdict } from '../../core/policy/policy.ts';
import type { Texts, Words } from '../../core/values/message.ts';
import { Problem } from '../../core/values/problem.ts';
import { isRecent } from '../../core/people/session.ts';

const config = z
  .strictObject({
    any: z
      .array(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, 'expected a method such as password'))
      .min(1)
      .max(32)
      .optional()
      .describe('Methods that count. Default: all.'),
    count: z.int().min(1).max(8).default(1).describe('Number of different methods required.'),
    within: duration().optional().describe('Maximum time since.'),
  })
  .refine((c) => c.any !== undefined || c.count > 1 || c.within !== undefined, {
    message: 'expected any with a list of methods, count, or within',
  })
  .refine((c) => c.any === undefined || c.count <= new Set(c.any).size, {
    message: 'expected count to be at most the number of methods in any',
    path: ['count'],
  });

const PROVED: Verdict = { pass: true, reason: { code: 'method/proved' } };
const BY_TOKEN: Verdict = { pass: true, reason: { code: 'method/token' } };

const texts: Texts = {
  en: {
    'reason.method': 'A stronger or more recent sign-in is required.',
    'detail.method/too-old': 'needs {needed} within {span}',
    'detail.method/needed': 'needs {needed}; has {found}',
  },
  de: {
    'reason.method': 'Eine sicherere oder neuere Anmeldung ist erforderlich.',
    'detail.method/too-old': 'erforderlich: {needed}, höchstens {span} alt',
    'detail.method/needed': 'erforderlich: {needed}; vorhanden: {found}',
  },
};

export const method = definePolicy({
  type: 'method',
  config,
  texts,
  compile({ any, count, within }) {
    const counts = any === undefined ? null : new Set(any);
    const needed = inWords(counts, count);
    return ({ session, credential, tokensSuffice, now }) => {
      if (credential !== undefined && tokensSuffice === true) return BY_TOKEN;
      if (session === null) throw new Problem('policy/no-session', 'there is no session here');
      let fresh = 0;
      let old = 0;
      for (const proof of session.proofs) {
        if (counts !== null && !counts.has(proof.method)) continue;
        if (within === undefined || isRecent(proof.at, within, now)) fresh += 1;
        else old += 1;
      }
      if (fresh >= count) return PROVED;
      if (within !== undefined && fresh + old >= count) {
        return failed(texts, 'method/too-old', { needed, span: formatDuration(within) });
      }
      const found = session.proofs.map((proof) => proof.method).join(', ');
      const code = fresh + old > 0 ? 'method/too-few' : 'method/missing';
      return failed(texts, code, { needed, found }, 'method/needed');
    };
  },
});

/** The required methods; null means all. */
function inWords(counts: ReadonlySet<string> | null, count: number): Words {
  const names = counts === null ? null : [...counts].join(', ');
  if (count === 1) return names ?? { en: 'any method', de: 'eine beliebige Methode' };
  return {
    en: `${count} of ${names ?? 'any method'}`,
    de: names === null ? `${count} beliebige Methoden` : `${count} von ${names}`,
  };
}
