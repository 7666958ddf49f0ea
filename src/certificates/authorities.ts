/** The authorities that an operator lists, as PEM. They are read once, when the configuration loads. */
import { X509Certificate } from 'node:crypto';
import { issuesForClients } from './genuine.ts';

/** Most certificates in a text. */
const MAX_AUTHORITIES = 64;
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[A-Za-z0-9+/=\s]+-----END \1-----/g;

/** The certificates in these texts, as PEM each. */
export function authorityBlocks(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => text.match(BLOCK) ?? []);
}

/**
 * Returns what is wrong with a text of authorities, or null. Never quotes the text, which may be a
 * secret.
 */
export function authorityFault(text: string): string | null {
  const blocks = [...text.matchAll(BLOCK)];
  if (blocks.length === 0) {
    const isPath = /^[^\s-][^\s]{0,254}$/.test(text);
    return isPath
      ? 'expected certificates as PEM, not a path: write ${file:PATH}'
      : 'expected certificates as PEM';
  }
  if (blocks.length > MAX_AUTHORITIES) return `expected at most ${MAX_AUTHORITIES} certificates`;
  for (const [block, label] of blocks) {
    if (label !== 'CERTIFICATE') return 'expected certificates alone, and no key among them';
    const authority = read(block);
    if (authority?.ca !== true) {
      return 'one of the certificates cannot be read, or is of no authority';
    }
    if (!issuesForClients(authority)) {
      return 'an authority has a key of fewer than 2048 bits, or limits the names or uses of its certificates in a way that Doorward does not check; list another one';
    }
  }
  return null;
}

function read(block: string): X509Certificate | null {
  try {
    return new X509Certificate(block);
  } catch {
    // Named fallback: an unreadable certificate is not an authority; the caller reports the fault.
    return null;
  }
}
