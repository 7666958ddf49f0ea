/** Tokens of alice for programs, and proof that their app sees none. */
import { expect, it } from 'vitest';
import { tokenIdOf } from '../../src/core/people/token.ts';
import type { Line } from '../support/line.ts';
import { basic } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import type { Door } from './door.ts';

const FAULTS = ['wrong', 'expired', 'revoked'] as const;

/** What can be wrong with a token. */
type Fault = (typeof FAULTS)[number];

/** One token that is valid, and others by what is wrong with them. */
export interface Tokens {
  readonly valid: string;
  readonly dead: Readonly<Record<Fault, string>>;
}

/** Creates them. `url` is a page that accepts `basic`. */
export async function createTokens({ world, succeed }: Door, url: string): Promise<Tokens> {
  const created = async (...options: string[]): Promise<string> => {
    const line = ['token', 'create', 'alice', '--name', 'test', ...options];
    const { code, out, err } = await world.gateway.run(line);
    if (code !== 0) throw new Error(err);
    return out.trim();
  };
  const isRefused = async (token: string): Promise<boolean> => {
    const status = ['-s', '-o', '/dev/null', '-w', '%{http_code}'];
    return (await succeed('curl', [...status, '-u', `alice:${token}`, url])) === '401';
  };
  const valid = await created();
  const [expired, revoked] = [await created('--expires', '1s'), await created()];
  await until('it is in memory', async () => !(await isRefused(revoked)));
  await world.gateway.run(['token', 'revoke', tokenIdOf(revoked) ?? '']);
  await until('it has expired', () => isRefused(expired));
  return { valid, dead: { wrong: `${valid.slice(0, -1)}_`, expired, revoked } };
}

/** What a program did with a token. */
interface Attempt {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Registers tests of a program that is refused with each dead token, with these words, while its app
 * receives nothing.
 */
export function refusesDeadTokens(
  parts: () => { readonly tokens: Tokens; readonly line: Line },
  words: RegExp,
  attempt: (token: string) => Promise<Attempt>,
): void {
  it.each(FAULTS)('is refused with a token that is %s', async (fault) => {
    const { tokens, line } = parts();
    const before = line.sent().length;
    const { code, output } = await attempt(tokens.dead[fault]);
    expect(code).not.toBe(0);
    expect(output).toMatch(words);
    expect(line.sent().slice(before)).toBe('');
  });
}

/** Fails if the app received a token in any form, or nothing at all. */
export function expectNoToken(line: Line, { valid }: Tokens): void {
  expect(line.sent()).toContain('HTTP/1.1\r\n');
  expect(line.sent()).not.toContain(valid);
  expect(line.sent()).not.toContain(basic('alice', valid));
  expect(line.sent()).not.toMatch(/^authorization:/im);
}
