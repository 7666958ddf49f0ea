/**
 * The cookies flows write: the sealed ticket, the browser's own name, the device's, and what it
 * went through just now. Whatever is set is cleared with the same attributes, or browsers keep both.
 */
import { domainOf } from '../../core/setup/domain.ts';
import { expiredEverywhere } from '../../core/request/leftover-cookies.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';

/** Cookie octets (RFC 6265 §4.1.1); anything else in a value would be a fault of ours. */
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{0,4000}$/;
const BROWSER_VALUE = /^[A-Za-z0-9_-]{22}$/;
/** Longest Cookie header looked at. */
const MAX_HEADER = 16_384;

/**
 * Set-Cookie for the ticket: until the browser is closed, or for `seconds` where somebody asked to
 * stay signed in. Deadlines live on the server in either case.
 */
export function ticketCookie(
  snapshot: Snapshot,
  value: string,
  seconds: number | null = null,
): string {
  const { cookieName } = snapshot.session;
  const { cookieDomain } = domainOf(snapshot, snapshot.site.host);
  const cookie = line(cookieName, value, snapshot, cookieDomain);
  return seconds === null ? cookie : `${cookie}; Max-Age=${seconds}`;
}

/** Set-Cookie that takes the ticket away. */
export function clearedTicket(snapshot: Snapshot): string {
  return ticketCookie(snapshot, '', 0);
}

/** How long a device is known by its cookie, in seconds: 400 days, the longest browsers allow. */
const DEVICE_AGE = 400 * 86_400;

/** Cookies of the portal host alone; the prefix holds browsers to that where there is https. */
const HOST_COOKIES = ['browser', 'device', 'ended', 'username'] as const;
type HostCookie = (typeof HOST_COOKIES)[number];

function hostCookieName(snapshot: Snapshot, which: HostCookie): string {
  return `${snapshot.site.scheme === 'https' ? '__Host-' : ''}doorward-${which}`;
}

/** Set-Cookie for the browser's name. */
export function browserCookie(snapshot: Snapshot, value: string): string {
  return line(hostCookieName(snapshot, 'browser'), value, snapshot, null);
}

/** Set-Cookie for the device's name. */
export function deviceCookie(snapshot: Snapshot, value: string): string {
  const name = hostCookieName(snapshot, 'device');
  return `${line(name, value, snapshot, null)}; Max-Age=${DEVICE_AGE}`;
}

/** Set-Cookie for the name that was typed last, sealed (see username.ts); kept for `seconds`. */
export function usernameCookie(snapshot: Snapshot, value: string, seconds: number): string {
  return `${line(hostCookieName(snapshot, 'username'), value, snapshot, null)}; Max-Age=${seconds}`;
}

/** Set-Cookie that takes it away. */
export function clearedUsername(snapshot: Snapshot): string {
  return usernameCookie(snapshot, '', 0);
}

/** Set-Cookie for what was gone through just now (see circles.ts); kept for `seconds`. */
export function endedCookie(snapshot: Snapshot, value: string, seconds: number): string {
  return `${line(hostCookieName(snapshot, 'ended'), value, snapshot, null)}; Max-Age=${seconds}`;
}

/** The browser's value from a Cookie header; null for none, two, or a malformed one. */
export function readBrowserCookie(snapshot: Snapshot, header: string | null): string | null {
  const value = only(snapshot, 'browser', header);
  return value !== null && BROWSER_VALUE.test(value) ? value : null;
}

/** As above, for the device's. */
export function readDeviceCookie(snapshot: Snapshot, header: string | null): string | null {
  const value = only(snapshot, 'device', header);
  return value !== null && BROWSER_VALUE.test(value) ? value : null;
}

/** The name that was typed last, as it was set; null for none or two. */
export function readUsernameCookie(snapshot: Snapshot, header: string | null): string | null {
  return only(snapshot, 'username', header);
}

/** What was gone through just now, as it was set; null for none or two. */
export function readEndedCookie(snapshot: Snapshot, header: string | null): string | null {
  return only(snapshot, 'ended', header);
}

/**
 * Set-Cookie lines that end every cookie of ours that came along more than once. Such a cookie counts
 * as none, so that without them nobody could sign in until the browser forgets it.
 */
export function endedDoubles(
  snapshot: Snapshot,
  host: string,
  header: string | null,
): readonly string[] {
  if (header === null) return [];
  const { site, session } = snapshot;
  const ours = [session.cookieName, ...HOST_COOKIES.map((one) => hostCookieName(snapshot, one))];
  const names = header.split(';').map((pair) => pair.split('=', 1)[0]?.trim() ?? '');
  const doubled = ours.filter((name) => names.filter((one) => one === name).length > 1);
  return expiredEverywhere(doubled, host, site.scheme);
}

/** The ticket as it came along, sealed; null for none or two. */
export function readTicketCookie(snapshot: Snapshot, header: string | null): string | null {
  return onlyNamed(snapshot.session.cookieName, header);
}

/** The ticket that these Set-Cookie lines put in place, sealed; null when they do not touch it. */
export function ticketSetBy(snapshot: Snapshot, lines: readonly string[]): string | null {
  const start = `${snapshot.session.cookieName}=`;
  return (
    lines
      .find((one) => one.startsWith(start))
      ?.slice(start.length)
      .split(';', 1)[0] ?? null
  );
}

function only(snapshot: Snapshot, which: HostCookie, header: string | null): string | null {
  return onlyNamed(hostCookieName(snapshot, which), header);
}

/** The one value of a cookie; two are none. */
function onlyNamed(name: string, header: string | null): string | null {
  if (header === null || header.length > MAX_HEADER) return null;
  const values = header.split(';').flatMap((pair) => {
    const equals = pair.indexOf('=');
    return equals > 0 && pair.slice(0, equals).trim() === name
      ? [pair.slice(equals + 1).trim()]
      : [];
  });
  return values.length === 1 ? (values[0] ?? null) : null;
}

function line(name: string, value: string, snapshot: Snapshot, domain: string | null): string {
  if (!VALUE.test(value)) throw new Problem('internal', 'A cookie value has forbidden characters.');
  const secure = snapshot.site.scheme === 'https' ? '; Secure' : '';
  const scope = domain === null ? '' : `; Domain=${domain}`;
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${scope}`;
}
