/** Reads a password that somebody chooses: asked twice on a terminal, else the first line of standard input. */
import { MAX_PASSWORD_BYTES } from '../../core/people/password.ts';
import { Problem } from '../../core/values/problem.ts';
import { LEAST_BESIDE_FACTOR, passwordLength } from '../../core/proof/password-rule.ts';
import type { Terminal, Tools } from './tools.ts';

/**
 * The password. Rejects with a Problem when there is none, two differ, its length is out of bounds, or
 * it is one of the commonest. Flows may ask more of a password than an operator who sets a first one.
 */
export async function readNewPassword({
  terminal,
  isCommonPassword,
}: Pick<Tools, 'terminal' | 'isCommonPassword'>): Promise<string> {
  const password = terminal.isInteractive ? await askTwice(terminal) : await terminal.firstLine();
  if (password === null || password === '') {
    throw new Problem(
      'password/none',
      'No password given: type one at the prompt, or pipe it in as the first line.',
    );
  }
  if (passwordLength(password) < LEAST_BESIDE_FACTOR) {
    throw new Problem(
      'password/too-short',
      `The password is too short: use ${LEAST_BESIDE_FACTOR} characters or more.`,
    );
  }
  if (Buffer.byteLength(password.normalize('NFKC')) > MAX_PASSWORD_BYTES) {
    throw new Problem(
      'password/too-long',
      `The password is too long: use ${MAX_PASSWORD_BYTES} bytes or fewer.`,
    );
  }
  if (await isCommonPassword(password)) {
    throw new Problem(
      'password/common',
      'The password is one of the 100,000 most common ones, which attackers try first: choose another one.',
    );
  }
  return password;
}

async function askTwice(terminal: Terminal): Promise<string> {
  const first = await terminal.ask('New password');
  const second = await terminal.ask('The same again');
  if (first === second) return first;
  throw new Problem(
    'password/differs',
    'The two passwords differ; nothing was changed. Try again.',
  );
}
