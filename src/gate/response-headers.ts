/**
 * The header fields a client receives from an app: the app's own without what ends at this
 * hop, and without any Set-Cookie of our name. An app must never plant or clear our ticket.
 */
import { addListed, type AnswerFate, fateInAnswer } from './hop-by-hop.ts';

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

/** Fields that no `Connection` may take away: an answer without them would be another one. */
const KEPT: ReadonlySet<AnswerFate> = new Set(['length', 'date', 'trailer']);

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
    const fate = fateInAnswer(raw[i] as string);
    if (fate === 'connection') listed = addListed(listed, raw[i + 1] as string);
    else if (fate === 'length') length = raw[i + 1] as string;
  }
  const headers: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    const fate = fateInAnswer(name);
    if (fate === 'drop' || fate === 'connection') continue;
    if (listed?.has(name.toLowerCase()) === true && !KEPT.has(fate)) continue;
    // RFC 9112 §6.3, RFC 9110 §8.6: a trailer needs chunks; 1xx and 204 have no length.
    if (fate === 'trailer' && (unchunked || length !== null)) continue;
    if (fate === 'length' && (status === 204 || status < 200)) continue;
    if (fate === 'cookie' && isOwnCookie(value, ownCookies)) continue;
    headers.push(name, value);
  }
  return { status, reason: LATIN1.test(reason) ? reason : '', headers, length };
}

/** Prefixes that browsers demand more of; the same name behind one is read like ours. */
const PREFIX = /^__(?:host-http|host|secure|http)-/;

/**
 * Whether a Set-Cookie would be sent back as one of ours. A nameless one (`=doorward=x`, RFC 6265bis
 * §5.6) is sent back as its bare value; blanks and quotes around a name are not told apart here.
 */
function isOwnCookie(line: string, ownCookies: readonly string[]): boolean {
  const pair = line.split(';', 1)[0] as string;
  const named = pair.replace(/^[\s=]+/, '');
  const equals = named.indexOf('=');
  const name = bareName(equals < 0 ? named : named.slice(0, equals));
  return ownCookies.some((own) => bareName(own) === name);
}

function bareName(name: string): string {
  return name.trim().replaceAll('"', '').trim().toLowerCase().replace(PREFIX, '');
}

/** Raw fields as a parser gave them, as latin-1 strings. */
export function latin1Fields(raw: unknown): string[] {
  const fields: string[] = [];
  if (!Array.isArray(raw)) return fields;
  for (const part of raw as unknown[]) {
    fields.push(Buffer.isBuffer(part) ? part.toString('latin1') : String(part));
  }
  return fields;
}
