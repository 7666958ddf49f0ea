/**
 * The header fields a client receives from an app: the app's own without what ends at this
 * hop, and without any Set-Cookie of our name. An app must never plant or clear our ticket.
 */
import { addListed, isHopOfAnswer } from './hop-by-hop.ts';

/** An upstream's head, ready to be written. */
export interface AnswerHead {
  readonly status: number;
  /** As sent, or `''` when it holds what must not be repeated. */
  readonly reason: string;
  /** Flat name, value, name, value …, latin-1. */
  readonly headers: string[];
  /** Content-Length as sent, or null. */
  readonly length: string | null;
}

/** Fields that tell where a message ends: no `Connection` may take them away. */
const KEPT = new Set(['content-length', 'date', 'trailer']);

const LATIN1 = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/** Scrubs an answer's head. `unchunked`: no chunks follow (HEAD, 204, 304, HTTP/1.0), so no trailers either. */
export function answerHead(
  status: number,
  reason: string,
  raw: readonly string[],
  ownCookies: readonly string[],
  unchunked: boolean,
): AnswerHead {
  let listed: Set<string> | null = null;
  let length: string | null = null;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    if (name.length === 10 && name.toLowerCase() === 'connection') {
      listed ??= new Set();
      addListed(listed, raw[i + 1] as string);
    } else if (name.length === 14 && name.toLowerCase() === 'content-length') {
      length = raw[i + 1] as string;
    }
  }
  const headers: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    const lower = name.toLowerCase();
    if (isHopOfAnswer(lower)) continue;
    if (listed?.has(lower) === true && !KEPT.has(lower)) continue;
    // RFC 9112 §6.3, RFC 9110 §8.6: a trailer needs chunks; 1xx and 204 have no length.
    if (lower === 'trailer' && (unchunked || length !== null)) continue;
    if (lower === 'content-length' && (status === 204 || status < 200)) continue;
    if (lower === 'set-cookie' && isOwnCookie(value, ownCookies)) continue;
    headers.push(name, value);
  }
  return { status, reason: LATIN1.test(reason) ? reason : '', headers, length };
}

function isOwnCookie(line: string, ownCookies: readonly string[]): boolean {
  const pair = line.split(';', 1)[0] as string;
  const equals = pair.indexOf('=');
  const name = (equals < 0 ? pair : pair.slice(0, equals)).trim().toLowerCase();
  return ownCookies.some((own) => own.toLowerCase() === name);
}

/** Raw fields as a parser gave them, as latin-1 strings. */
export function latin1Fields(raw: unknown): string[] {
  if (!Array.isArray(raw)) return [];
  return raw.map((part: unknown) =>
    Buffer.isBuffer(part) ? part.toString('latin1') : String(part),
  );
}
