/**
 * The cookies of flows: the sealed ticket, the browser's secret, the device's secret, the last
 * username, and recently completed flows. A cookie is cleared with the attributes it was set with;
 * otherwise browsers keep both.
 */
import { domainOf } from '../../core/setup/domain.ts';
import { findCookie, hasSeveral } from '../../core/request/cookie.ts';
import { expiredEverywhere } from '../../core/request/leftover-cookies.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';

/** Cookie octets (RFC 6265 §4.1.1); anything else in a value is a bug. */
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{0,4000}$/;
const BROWSER_VALUE = /^[A-Za-z0-9_-]{22}$/;

/**
 * Set-Cookie for the ticket: until the browser is closed, or for `seconds` if the user chose to stay
 * signed in. The server enforces the deadlines in either case.
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

/** Set-Cookie that removes the ticket. */
export function clearedTicket(snapshot: Snapshot): string {
  return ticketCookie(snapshot, '', 0);
}

/** How long a device is known by its cookie, in seconds: 400 days, the longest browsers allow. */
const DEVICE_AGE = 400 * 86_400;

/** Cookies of the portal host alone. Over https, the prefix makes browsers enforce that. */
const HOST_COOKIES = ['browser', 'device', 'ended', 'username'] as const;
type HostCookie = (typeof HOST_COOKIES)[number];

function hostCookieName(snapshot: Snapshot, which: HostCookie): string {
  return `${snapshot.site.scheme === 'https' ? '__Host-' : ''}doorward-${which}`;
}

/** Set-Cookie for the browser's secret. */
export function browserCookie(snapshot: Snapshot, value: string): string {
  return line(hostCookieName(snapshot, 'browser'), value, snapshot, null);
}

/** Set-Cookie for the device's secret. */
export function deviceCookie(snapshot: Snapshot, value: string): string {
  const name = hostCookieName(snapshot, 'device');
  return `${line(name, value, snapshot, null)}; Max-Age=${DEVICE_AGE}`;
}

/** Set-Cookie for the last username, sealed (see username.ts); lasts `seconds`. */
export function usernameCookie(snapshot: Snapshot, value: string, seconds: number): string {
  return `${line(hostCookieName(snapshot, 'username'), value, snapshot, null)}; Max-Age=${seconds}`;
}

/** Set-Cookie that removes it. */
export function clearedUsername(snapshot: Snapshot): string {
  return usernameCookie(snapshot, '', 0);
}

/** Set-Cookie for recently completed flows (see circles.ts); lasts `seconds`. */
export function endedCookie(snapshot: Snapshot, value: string, seconds: number): string {
  return `${line(hostCookieName(snapshot, 'ended'), value, snapshot, null)}; Max-Age=${seconds}`;
}

/** The browser's secret from a Cookie header; null if it is missing, repeated or malformed. */
export function readBrowserCookie(snapshot: Snapshot, header: string | null): string | null {
  const value = only(snapshot, 'browser', header);
  return value !== null && BROWSER_VALUE.test(value) ? value : null;
}

/** As above, for the device's secret. */
export function readDeviceCookie(snapshot: Snapshot, header: string | null): string | null {
  const value = only(snapshot, 'device', header);
  return value !== null && BROWSER_VALUE.test(value) ? value : null;
}

/** The last username, as it was set; null if it is missing or repeated. */
export function readUsernameCookie(snapshot: Snapshot, header: string | null): string | null {
  return only(snapshot, 'username', header);
}

/** Recently completed flows, as they were set; null if missing or repeated. */
export function readEndedCookie(snapshot: Snapshot, header: string | null): string | null {
  return only(snapshot, 'ended', header);
}

/**
 * Set-Cookie lines that expire every cookie of ours that the request repeats. A repeated cookie counts
 * as missing, so without these lines the user could not sign in until the browser forgets it.
 */
export function endedDoubles(
  snapshot: Snapshot,
  host: string,
  header: string | null,
): readonly string[] {
  const { site, session } = snapshot;
  const ours = [session.cookieName, ...HOST_COOKIES.map((one) => hostCookieName(snapshot, one))];
  const doubled = ours.filter((name) => hasSeveral(header, name));
  return expiredEverywhere(doubled, host, site.scheme);
}

/** The sealed ticket of the request; null if it is missing or repeated. */
export function readTicketCookie(snapshot: Snapshot, header: string | null): string | null {
  return findCookie(header, snapshot.session.cookieName);
}

/** The sealed ticket that these Set-Cookie lines set; null if they do not set it. */
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
  return findCookie(header, hostCookieName(snapshot, which));
}

function line(name: string, value: string, snapshot: Snapshot, domain: string | null): string {
  if (!VALUE.test(value)) throw new Problem('internal', 'A cookie value has forbidden characters.');
  const secure = snapshot.site.scheme === 'https' ? '; Secure' : '';
  const scope = domain === null ? '' : `; Domain=${domain}`;
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${scope}`;
}
