/**
 * The cookies of flows: the sealed tickets, the browser's secret, the device's secret, the last
 * username, and recently completed flows.
 */
import { findCookie, hasSeveral } from '../../core/request/cookie.ts';
import { expiredEverywhere, setCookie } from '../../core/request/set-cookie.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import {
  hostCookieName,
  portalCookie,
  sharedCookie,
  ticketLine,
} from '../../core/setup/ticket-cookie.ts';

const BROWSER_VALUE = /^[A-Za-z0-9_-]{22}$/;

/** Sealed tickets of one session, as Set-Cookie lines contain them. */
interface SealedTickets {
  /** For the portal and its flows. */
  readonly portal: string;
  /** For the hosts of apps that share a cookie with the portal; null: they get theirs by a handover. */
  readonly apps: string | null;
}

/**
 * Set-Cookie lines for the tickets, the portal's first: until the browser is closed, or for `seconds` if
 * the user chose to stay signed in. The server enforces the deadlines in either case.
 */
export function ticketCookies(
  snapshot: Snapshot,
  { portal, apps }: SealedTickets,
  seconds: number | null = null,
): readonly [string, ...string[]] {
  const own = ticketLine(snapshot, portalCookie(snapshot), portal, seconds);
  const shared = sharedCookie(snapshot);
  if (shared === null || apps === null) return [own];
  return [own, ticketLine(snapshot, shared, apps, seconds)];
}

/** Set-Cookie lines that remove the tickets, the portal's first. */
export function clearedTickets(snapshot: Snapshot): readonly [string, ...string[]] {
  return ticketCookies(snapshot, { portal: '', apps: '' }, 0);
}

/** How long a device is known by its cookie, in seconds: 400 days, the longest browsers allow. */
const DEVICE_AGE = 400 * 86_400;

/** Further cookies of the portal's host alone. */
const HOST_COOKIES = ['browser', 'device', 'ended', 'shown', 'username'] as const;
type HostCookie = (typeof HOST_COOKIES)[number];

/** Set-Cookie for the browser's secret. */
export function browserCookie(snapshot: Snapshot, value: string): string {
  return hostLine(snapshot, 'browser', value, null);
}

/** Set-Cookie for the device's secret. */
export function deviceCookie(snapshot: Snapshot, value: string): string {
  return hostLine(snapshot, 'device', value, DEVICE_AGE);
}

/** Set-Cookie for the last username, sealed (see username.ts); lasts `seconds`. */
export function usernameCookie(snapshot: Snapshot, value: string, seconds: number): string {
  return hostLine(snapshot, 'username', value, seconds);
}

/** Set-Cookie that removes it. */
export function clearedUsername(snapshot: Snapshot): string {
  return usernameCookie(snapshot, '', 0);
}

/** Set-Cookie for what the next page shows once, sealed (see shown.ts); lasts `seconds`. */
export function shownCookie(snapshot: Snapshot, value: string, seconds: number): string {
  return hostLine(snapshot, 'shown', value, seconds);
}

/** Set-Cookie that removes it. */
export function clearedShown(snapshot: Snapshot): string {
  return shownCookie(snapshot, '', 0);
}

/** Set-Cookie for recently completed flows (see circles.ts); lasts `seconds`. */
export function endedCookie(snapshot: Snapshot, value: string, seconds: number): string {
  return hostLine(snapshot, 'ended', value, seconds);
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

/** What is to be shown once, as it was set; null if it is missing or repeated. */
export function readShownCookie(snapshot: Snapshot, header: string | null): string | null {
  return only(snapshot, 'shown', header);
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
  const { site } = snapshot;
  const tickets = [portalCookie(snapshot), sharedCookie(snapshot)];
  const ours = [
    ...tickets.flatMap((cookie) => (cookie === null ? [] : [cookie.name])),
    ...HOST_COOKIES.map((one) => hostCookieName(site, one)),
  ];
  const doubled = ours.filter((name) => hasSeveral(header, name));
  return expiredEverywhere(doubled, host, site.scheme);
}

/** The portal's sealed ticket of the request; null if it is missing or repeated. */
export function readTicketCookie(snapshot: Snapshot, header: string | null): string | null {
  return findCookie(header, portalCookie(snapshot).name);
}

/** The portal's sealed ticket that these Set-Cookie lines set; null if they do not set it. */
export function ticketSetBy(snapshot: Snapshot, lines: readonly string[]): string | null {
  const start = `${portalCookie(snapshot).name}=`;
  return (
    lines
      .find((one) => one.startsWith(start))
      ?.slice(start.length)
      .split(';', 1)[0] ?? null
  );
}

function only({ site }: Snapshot, which: HostCookie, header: string | null): string | null {
  return findCookie(header, hostCookieName(site, which));
}

function hostLine(
  { site }: Snapshot,
  which: HostCookie,
  value: string,
  seconds: number | null,
): string {
  return setCookie(hostCookieName(site, which), value, { scheme: site.scheme, seconds });
}
