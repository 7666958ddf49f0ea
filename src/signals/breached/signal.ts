/**
 * How often a new password was seen in breaches, according to a local list or a service that learns
 * only five digits of its hash. Password and full hash are never logged or sent.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { defineSignal } from '../../core/access/signal.ts';
import type { Breaches } from './breaches.ts';
import { openList } from './list-file.ts';

/** In milliseconds. */
const DEADLINE = 2_000;
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
const EXAMPLES =
  'expected { range: https://api.pwnedpasswords.com/range/ } to ask a service, or { path: FILE } for a list of your own';

const config = z
  .strictObject({
    range: z
      .string()
      .max(2048)
      .refine(isService, 'expected an https URL that ends with a slash, without credentials')
      .optional()
      .describe('Service to query, in the form of https://api.pwnedpasswords.com/range/.'),
    path: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('File with lines `HASH:COUNT` (SHA-1), sorted by hash and searched on disk.'),
  })
  .refine(({ range, path }) => (range === undefined) !== (path === undefined), EXAMPLES)
  .describe('Where to look up breached passwords.');

/** Its value is a count for the field named after the colon, or null if it is empty. */
export const breached = defineSignal({
  name: 'breached',
  config,
  deadline: DEADLINE,
  async inspect({ path }) {
    if (path !== undefined) await (await openList(path)).close();
  },
  async open({ range, path }) {
    const breaches = range === undefined ? await openList(path ?? '') : await openService(range);
    return {
      gather({ prompt }, bound, deadline) {
        const field = bound ?? '';
        const answers = prompt ?? {};
        const password = Object.hasOwn(answers, field) ? answers[field] : undefined;
        if (password === null) return null;
        if (typeof password !== 'string') return undefined;
        return breaches.count(hashOf(password), deadline);
      },
      close: () => breaches.close(),
    };
  },
});

/** Loads the HTTP client only when a service is queried, so commands never load it. */
async function openService(range: string): Promise<Breaches> {
  const { openRange } = await import('./range.ts');
  return openRange(range);
}

/** Returns the SHA-1 of the password, normalized as for permanent hashing. */
function hashOf(password: string): string {
  // The lists use SHA-1; security does not depend on its strength.
  return createHash('sha1').update(password.normalize('NFKC'), 'utf8').digest('hex').toUpperCase();
}

/**
 * Requires TLS or this machine: an attacker who could change the response could make any password
 * acceptable.
 */
function isService(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  const isSafe =
    url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
  return isSafe && url.href.endsWith('/') && url.search === '' && url.hash === '';
}
