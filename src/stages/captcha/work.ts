/**
 * Proof of work compatible with ALTCHA (altcha.org, version 1): find the number whose SHA-256 with
 * the salt equals the challenge. Salt and number are derived from the plan's nonce, so nothing is
 * stored and a solution is valid for one run only.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Vault } from '../../core/values/system.ts';

export interface Task {
  readonly algorithm: 'SHA-256';
  readonly challenge: string;
  readonly salt: string;
  readonly maxnumber: number;
}

const solution = z.object({ number: z.int().min(0), salt: z.string() });

/** Returns the task for the plan's current state: the same one each time the page is shown. */
export function taskOf(vault: Pick<Vault, 'sign'>, nonce: string, effort: number): Task {
  const salt = digest(`captcha ${nonce}`).slice(0, 32);
  // Keyed, so the number cannot be computed from the salt. The modulo bias of a 48-bit value is
  // negligible.
  const number = Number.parseInt(digest(vault.sign('captcha', salt)).slice(0, 12), 16) % effort;
  const challenge = digest(`${salt}${number}`);
  return { algorithm: 'SHA-256', challenge, salt, maxnumber: effort };
}

/** Whether the JSON sent by the browser solves the task. Never throws. */
export function isSolved(task: Task, text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Named fallback: malformed JSON is not a solution.
    return false;
  }
  const parsed = solution.safeParse(value);
  if (!parsed.success || parsed.data.number > task.maxnumber) return false;
  const { salt, number } = parsed.data;
  return salt === task.salt && digest(`${salt}${number}`) === task.challenge;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
