/** What pages say about faults. Faults that users can act on have words of their own. */
import type { Message } from '../../core/values/message.ts';
import { isFull, type Problem } from '../../core/values/problem.ts';

const EXPLAINED: ReadonlySet<string> = new Set([
  'accounts/unavailable',
  'authenticator/exists',
  'authenticator/gone',
  'authenticator/too-many',
  'invitation/late',
  'invitation/spent',
  'mail/unavailable',
  'password/again',
  'password/elsewhere',
  'password/recent',
  'password/refused',
  'password/short',
  'password/used',
  'password/weak',
  'source/linked',
  'source/withdrawn',
  'token/too-many',
  'user/exists',
  'user/name',
  'user/name-alike',
  'user/read-only',
  'user/unknown',
]);

/** What a page says about a fault. */
export function wordsFor(problem: Problem): Message {
  if (EXPLAINED.has(problem.code)) return { key: `flow.problem.${problem.code}` };
  if (isFull(problem)) return { key: 'flow.problem.full' };
  if (problem.status >= 500) return { key: 'flow.fault' };
  if (problem.status === 429) return { key: 'flow.refused.too-many' };
  return { key: problem.status === 405 ? 'flow.refused.method' : 'flow.refused.body' };
}
