/** A file with the certificate of an authority, for connections to servers of the operator. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Problem } from '../core/values/problem.ts';

/** Largest file, in characters. */
const MAX_CA = 1024 * 1024;

/** The certificates as PEM. Rejects with a Problem of this code, and the reason in its words. */
export async function readAuthority(path: string, code: string): Promise<string> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.length > MAX_CA) throw new Error('too large');
    // Node ignores text that is no certificate, and would then trust nothing.
    void new X509Certificate(text);
    return text;
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new Problem(code, `The file ${path} is no certificate in PEM: ${words}`, { cause });
  }
}
