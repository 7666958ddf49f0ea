/**
 * Recovery codes: sixteen characters with 80 bits, so that their one-way names reveal nothing. Makes
 * codes, names them, and reads them as users type them. Pure.
 */
import { nfkc } from '../values/normal-form.ts';
import type { Random, Vault } from '../values/system.ts';

/** Crockford's base 32: no letter looks like a digit. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const RANDOM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const LENGTH = 16;

/** A new code: `K7QD-2M4X-9RTE-HB03`. */
export function makeRecoveryCode(random: Random): string {
  // Twelve bytes are sixteen characters of six bits; five bits of each are used.
  const letters = Array.from(
    random.token((LENGTH * 3) / 4),
    (letter) => ALPHABET[RANDOM.indexOf(letter) & 31] ?? '0',
  );
  return letters.join('').replace(/.{4}(?=.)/g, '$&-');
}

/** The one-way name of this user's code, for storage and lookup; null if the text is not a code. */
export function recoveryCodeName(
  vault: Pick<Vault, 'name'>,
  userId: string,
  typed: string,
): string | null {
  const code = nfkc(typed)
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  const isCode = /^[0-9A-HJKMNP-TV-Z]{16}$/.test(code);
  return isCode ? vault.name('recovery-code', `${userId}|${code}`) : null;
}
