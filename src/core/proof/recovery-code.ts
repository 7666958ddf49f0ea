/**
 * Recovery codes: sixteen letters of 80 bits, so that their one-way names tell nothing. Made here,
 * named here, and read as people type them. Pure.
 */
import { nfkc } from '../values/normal-form.ts';
import type { Random, Vault } from '../values/system.ts';

/** Crockford's base 32: no letter that looks like a digit. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const RANDOM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const LENGTH = 16;

/** A fresh code: `K7QD-2M4X-9RTE-HB03`. */
export function makeRecoveryCode(random: Random): string {
  // Twelve bytes are sixteen letters of six bits; five of each are used.
  const letters = Array.from(
    random.token((LENGTH * 3) / 4),
    (letter) => ALPHABET[RANDOM.indexOf(letter) & 31] ?? '0',
  );
  return letters.join('').replace(/.{4}(?=.)/g, '$&-');
}

/** The one-way name of a code of this user: what is stored, and looked up; null for what is no code. */
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
