/** Passwords for first users, such as `plum-otter-canvas-4172`. Shown a single time, to be changed. */
import type { Random } from '../core/values/system.ts';
import { WORDS } from './words.ts';

/** Three words of 1024 and four digits: 43 bit, behind a throttle and argon2id. */
export function generatePassphrase(random: Random): string {
  let bits = Buffer.from(random.token(8), 'base64url').readBigUInt64BE();
  const parts: string[] = [];
  for (let i = 0; i < 3; i += 1) {
    const word = WORDS[Number(bits & 1023n)];
    if (word === undefined) throw new RangeError('the list has fewer than 1024 words');
    parts.push(word);
    bits >>= 10n;
  }
  // 34 bits are left: the four digits are even to one part in a million.
  return `${parts.join('-')}-${String(bits % 10_000n).padStart(4, '0')}`;
}
