/**
 * Proof of work in the terms of ALTCHA (altcha.org, version 1): find the number whose SHA-256 with
 * the salt is the challenge. Salt and number follow from the plan as it stands, so that nothing is
 * remembered and no solution is good for another run.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Vault } from '../../core/values/system.ts';

/** What a browser is given. */
export interface Task {
  readonly algorithm: 'SHA-256';
  readonly challenge: string;
  readonly salt: string;
  /** Largest number to try. */
  readonly maxnumber: number;
}

const solution = z.object({ number: z.int().min(0), salt: z.string() });

/** The task of a plan as it stands: the same each time it is shown. */
export function taskOf(vault: Pick<Vault, 'sign'>, nonce: string, effort: number): Task {
  const salt = digest(`captcha ${nonce}`).slice(0, 32);
  // Keyed, so that the number cannot be told from the salt. Below 2^48, the rest favours none by much.
  const number = Number.parseInt(digest(vault.sign('captcha', salt)).slice(0, 12), 16) % effort;
  const challenge = digest(`${salt}${number}`);
  return { algorithm: 'SHA-256', challenge, salt, maxnumber: effort };
}

/** Whether this is the answer to that task, as JSON of a browser. Never throws. */
export function isSolved(task: Task, text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Named fallback: what cannot be read is no solution.
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
