/**
 * The two cookies flows write: the sealed ticket and the browser's own name. Whatever is
 * set is cleared with the same attributes, or browsers keep both.
 */
import { Problem } from '../core/problem.ts';
import type { Snapshot } from '../core/snapshot.ts';

/** Cookie octets (RFC 6265 §4.1.1); anything else in a value would be a fault of ours. */
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{0,4000}$/;
const BROWSER_VALUE = /^[A-Za-z0-9_-]{22}$/;
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

/** Name of the browser's cookie; host-only by its prefix where there is https. */
function browserCookieName(snapshot: Snapshot): string {
  return snapshot.site.scheme === 'https' ? '__Host-doorward-browser' : 'doorward-browser';
}

/** Set-Cookie for the browser's name: portal host only. */
export function browserCookie(snapshot: Snapshot, value: string): string {
  return line(browserCookieName(snapshot), value, snapshot, null);
}

/** The browser's value from a Cookie header; null for none, two, or a malformed one. */
export function readBrowserCookie(snapshot: Snapshot, header: string | null): string | null {
  if (header === null || header.length > MAX_HEADER) return null;
  const name = browserCookieName(snapshot);
  const values = header.split(';').flatMap((pair) => {
    const equals = pair.indexOf('=');
    return equals > 0 && pair.slice(0, equals).trim() === name
      ? [pair.slice(equals + 1).trim()]
      : [];
  });
  const [value] = values;
  return values.length === 1 && value !== undefined && BROWSER_VALUE.test(value) ? value : null;
}

function line(name: string, value: string, snapshot: Snapshot, domain: string | null): string {
  if (!VALUE.test(value)) throw new Problem('internal', 'A cookie value has forbidden characters.');
  const secure = snapshot.site.scheme === 'https' ? '; Secure' : '';
  const scope = domain === null ? '' : `; Domain=${domain}`;
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${scope}`;
}
