/**
 * Queries a service for all hashes with the same first digits as the password's hash. The service
 * learns five of forty digits, shared by about 800 known passwords, and not which hash was
 * compared.
 */
import { Agent, request } from 'undici';
import type { Breaches } from './breaches.ts';

/** Number of hash digits sent. */
const PREFIX = 5;
/** Maximum size of a response in bytes; about 40 KiB is typical. */
const MAX_BYTES = 256 * 1024;
/** Maximum number of concurrent queries, so a hanging service cannot exhaust memory. */
const MAX_UNDER_WAY = 32;
const LINE = /^([0-9A-F]{35}):(\d{1,12})$/;

/** A service with the API of Have I Been Pwned; `url` ends with a slash. */
export function openRange(url: string): Breaches {
  const dispatcher = new Agent({ connections: 4, connect: { timeout: 2_000 } });
  let underWay = 0;
  return {
    async count(hash, deadline) {
      if (underWay >= MAX_UNDER_WAY) throw new Error('too many questions under way');
      underWay += 1;
      try {
        const text = await ask(dispatcher, url + hash.slice(0, PREFIX), deadline);
        return find(text, hash.slice(PREFIX));
      } finally {
        underWay -= 1;
      }
    },
    close: () => dispatcher.destroy(),
  };
}

async function ask(dispatcher: Agent, url: string, signal: AbortSignal): Promise<string> {
  const { statusCode, headers, body } = await request(url, {
    dispatcher,
    // Padding hides the length of the response from observers.
    headers: { 'add-padding': 'true', accept: 'text/plain', 'accept-encoding': 'identity' },
    signal,
  });
  const text = await textOf(body);
  if (statusCode !== 200) throw new Error(`status ${statusCode}`);
  if (headers['content-encoding'] !== undefined) throw new Error('an encoded answer');
  return text;
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // Leaving the loop destroys the connection: the rest is not read.
    if (size > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}

/**
 * Returns how often the suffix was seen. A response that is not a list of hashes is an error,
 * because it says nothing about the password.
 */
function find(text: string, suffix: string): number {
  let count = 0;
  for (const line of text.trim().toUpperCase().split(/\r?\n/)) {
    const [, digits, times] = LINE.exec(line) ?? [];
    if (times === undefined) throw new Error('an answer that is no list of hashes');
    if (digits === suffix) count = Number(times);
  }
  return count;
}
