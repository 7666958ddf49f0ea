/** Reads a new password: prompted twice on a terminal, else the first line of standard input. */
import { MAX_PASSWORD_BYTES } from '../../core/people/password.ts';
import { LEAST_BESIDE_FACTOR, passwordLength } from '../../core/proof/password-rule.ts';
import { Problem } from '../../core/values/problem.ts';
import type { CommandContext, Terminal } from './context.ts';

/**
 * The password. Rejects with a Problem if it is missing, mistyped, too short, too long, or one of the
 * most common ones. Flows may require more of a password than this.
 */
export async function readNewPassword({
  terminal,
  isCommonPassword,
}: Pick<CommandContext, 'terminal' | 'isCommonPassword'>): Promise<string> {
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
  const second = await terminal.ask('Repeat the password');
  if (first === second) return first;
  throw new Problem(
    'password/differs',
    'The passwords do not match; nothing was changed. Try again.',
  );
}
