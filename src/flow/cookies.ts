/**
 * The cookies flows write: the sealed ticket, the browser's own name, and who is known in it.
 * Whatever is set is cleared with the same attributes, or browsers keep both.
 */
import { Problem } from '../core/problem.ts';
import type { Snapshot } from '../core/snapshot.ts';

/** Cookie octets (RFC 6265 §4.1.1); anything else in a value would be a fault of ours. */
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{0,4000}$/;
const BROWSER_VALUE = /^[A-Za-z0-9_-]{22}$/;
const KNOWN_VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,512}$/;
/** How long a browser stays known, in seconds: 400 days, the most that browsers keep. */
const KNOWN_AGE = 34_560_000;
/** Longest Cookie header looked at. */
const MAX_HEADER = 16_384;

/** Set-Cookie for the ticket. A session cookie: deadlines live on the server. */
export function ticketCookie(snapshot: Snapshot, value: string): string {
  return line(snapshot.session.cookieName, value, snapshot, snapshot.session.cookieDomain);
}

/** Set-Cookie that takes the ticket away. */
export function clearedTicket(snapshot: Snapshot): string {
  return `${ticketCookie(snapshot, '')}; Max-Age=0`;
}

/** A name on the portal's host; host-only by its prefix where there is https. */
function hostName(snapshot: Snapshot, name: string): string {
  return snapshot.site.scheme === 'https' ? `__Host-${name}` : name;
}

/** Set-Cookie for the browser's name: portal host only. */
export function browserCookie(snapshot: Snapshot, value: string): string {
  return line(hostName(snapshot, 'doorward-browser'), value, snapshot, null);
}

/** The browser's value from a Cookie header; null for none, two, or a malformed one. */
export function readBrowserCookie(snapshot: Snapshot, header: string | null): string | null {
  return read(hostName(snapshot, 'doorward-browser'), BROWSER_VALUE, header);
}

/** Set-Cookie for who is known in this browser (known-browser.ts): portal host only. */
export function knownCookie(snapshot: Snapshot, value: string): string {
  const plain = line(hostName(snapshot, 'doorward-known'), value, snapshot, null);
  return `${plain}; Max-Age=${KNOWN_AGE}`;
}

/** Its value from a Cookie header; null for none, two, or a malformed one. */
export function readKnownCookie(snapshot: Snapshot, header: string | null): string | null {
  return read(hostName(snapshot, 'doorward-known'), KNOWN_VALUE, header);
}

/** The one value of a name, if it looks as it should. */
function read(name: string, pattern: RegExp, header: string | null): string | null {
  if (header === null || header.length > MAX_HEADER) return null;
  const values = header.split(';').flatMap((pair) => {
    const equals = pair.indexOf('=');
    return equals > 0 && pair.slice(0, equals).trim() === name
      ? [pair.slice(equals + 1).trim()]
      : [];
  });
  const [value] = values;
  return values.length === 1 && value !== undefined && pattern.test(value) ? value : null;
}

function line(name: string, value: string, snapshot: Snapshot, domain: string | null): string {
  if (!VALUE.test(value)) throw new Problem('internal', 'A cookie value has forbidden characters.');
  const secure = snapshot.site.scheme === 'https' ? '; Secure' : '';
  const scope = domain === null ? '' : `; Domain=${domain}`;
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${scope}`;
}
