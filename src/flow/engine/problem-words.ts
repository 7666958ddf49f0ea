/** Faults that people can do something about, in words; every other is told as one of ours or as an unreadable answer. */
import type { Message } from '../../core/values/message.ts';
import { Problem } from '../../core/values/problem.ts';

const TOLD: ReadonlySet<string> = new Set([
  'accounts/unavailable',
  'authenticator/exists',
  'authenticator/gone',
  'authenticator/too-many',
  'invitation/late',
  'invitation/spent',
  'mail/unavailable',
  'user/exists',
  'user/name',
  'user/name-alike',
  'user/read-only',
  'user/unknown',
]);

/** Whether a store or its disk has no room left. */
export function isFull(problem: unknown): boolean {
  return problem instanceof Problem && problem.code.endsWith('/full');
}

/** What a page says about a fault. */
export function wordsFor(problem: Problem): Message {
  if (TOLD.has(problem.code)) return { key: `flow.problem.${problem.code}` };
  if (isFull(problem)) return { key: 'flow.problem.full' };
  if (problem.status >= 500) return { key: 'flow.fault' };
  if (problem.status === 429) return { key: 'flow.refused.too-many' };
  return { key: problem.status === 405 ? 'flow.refused.method' : 'flow.refused.body' };
}
