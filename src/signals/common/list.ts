/**
 * The 100,000 commonest passwords, as sorted four-byte beginnings of their SHA-256. Made of the public
 * "10 million passwords" list as SecLists (MIT) has it, each in its folded form. A password that is not
 * on the list is taken for one that is once in 40,000 times; its owner chooses another.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folded } from '../../core/proof/own-words.ts';

const FILE = join(import.meta.dirname, 'passwords.bin');
/** Bytes of each hash that are kept. */
const WIDTH = 4;

let loading: Promise<Buffer> | null = null;

/** Whether a password, whatever its capitals, is among the commonest. The list is read when first asked. */
export async function isCommon(password: string): Promise<boolean> {
  loading ??= readFile(FILE);
  const list = await loading.catch((cause: unknown) => {
    // The next password tries to read it again.
    loading = null;
    throw cause;
  });
  return holds(list, createHash('sha256').update(folded(password), 'utf8').digest().readUInt32BE());
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
