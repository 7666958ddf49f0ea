/**
 * The 100,000 most common passwords, as the sorted first four bytes of their SHA-256. Derived from
 * the public "10 million passwords" list in SecLists (MIT), each in its folded form. About one in
 * 40,000 other passwords is mistaken for a common one; its owner has to choose another.
 */
import { createHash } from 'node:crypto';
import { folded } from '../../core/proof/own-words.ts';
import { readShipped } from '../../shipped/shipped.ts';

/** Bytes stored of each hash. */
const WIDTH = 4;

let common: Buffer | null = null;

/** Whether a password is among the most common, ignoring case. The list is read on first use. */
export function isCommon(password: string): boolean {
  common ??= readShipped('signals/common', 'passwords.bin');
  return holds(
    common,
    createHash('sha256').update(folded(password), 'utf8').digest().readUInt32BE(),
  );
}

function holds(list: Buffer, wanted: number): boolean {
  let low = 0;
  let high = list.length / WIDTH;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = list.readUInt32BE(middle * WIDTH);
    if (found === wanted) return true;
    if (found < wanted) low = middle + 1;
    else high = middle;
  }
  return false;
}
