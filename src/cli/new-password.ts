/** Reads a password that somebody chooses: asked twice on a terminal, else the first line of standard input. */
import { MAX_PASSWORD_BYTES } from '../core/ports.ts';
import { Problem } from '../core/problem.ts';
import type { Terminal } from './tools.ts';

/** Fewest characters of a new password (ASVS 5.0 6.2.1). */
const SHORTEST_PASSWORD = 8;

/** The password. Rejects with a Problem when there is none, two differ, or its length is out of bounds. */
export async function readNewPassword(terminal: Terminal): Promise<string> {
  const password = terminal.isInteractive ? await askTwice(terminal) : await terminal.firstLine();
  if (password === null || password === '') {
    throw new Problem(
      'password/none',
      'No password given: type one at the prompt, or pipe it in as the first line.',
    );
  }
  if (Array.from(password).length < SHORTEST_PASSWORD) {
    throw new Problem(
      'password/too-short',
      `The password is too short: use ${SHORTEST_PASSWORD} characters or more.`,
    );
  }
  if (Buffer.byteLength(password.normalize('NFKC')) > MAX_PASSWORD_BYTES) {
    throw new Problem(
      'password/too-long',
      `The password is too long: use ${MAX_PASSWORD_BYTES} bytes or fewer.`,
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
