/**
 * Which cookie carries the ticket to a host, and where that ticket is valid. The scope is sealed into
 * the ticket, so one that is stolen from a host, or planted there, opens nothing elsewhere.
 */
import type { Site } from '../access/return-to.ts';
import { setCookie } from '../request/set-cookie.ts';
import { type Domain, domainAround } from './domain.ts';
import type { Snapshot } from './snapshot.ts';

/** The parts of a snapshot that decide it. */
type Cookies = Pick<Snapshot, 'site' | 'domains' | 'session'>;

/** A cookie with a ticket in it. */
export interface TicketCookie {
  readonly name: string;
  /** The Domain attribute; null: for the host alone. */
  readonly domain: string | null;
  /** Where its ticket is valid. */
  readonly scope: string;
}

/** The cookie that the hosts of apps accept. `host` is canonical. */
export function appCookie(snapshot: Cookies, host: string): TicketCookie {
  return {
    name: snapshot.session.cookieName,
    domain: sharedDomain(snapshot, host)?.cookieDomain ?? null,
    scope: appScope(snapshot, host),
  };
}

/** Where a ticket must be valid to be accepted on the host of an app. */
export function appScope(snapshot: Cookies, host: string): string {
  return sharedDomain(snapshot, host)?.scope ?? `host:${host}`;
}

/** The one cookie that the portal and its flows accept. No other host can set or read it. */
export function portalCookie({ site }: Pick<Snapshot, 'site'>): TicketCookie {
  return { name: hostCookieName(site, 'portal'), domain: null, scope: `portal:${site.host}` };
}

/** The name of a cookie for one host. Over https, the prefix makes browsers enforce that. */
export function hostCookieName({ scheme }: Pick<Site, 'scheme'>, which: string): string {
  return `${scheme === 'https' ? '__Host-' : ''}doorward-${which}`;
}

/**
 * The cookie that the portal sets for apps at a sign-in, together with its own; null if each app's
 * host gets one of its own.
 */
export function sharedCookie(snapshot: Cookies): TicketCookie | null {
  return snapshot.session.cookies === 'host' ? null : appCookie(snapshot, snapshot.site.host);
}

/** Whether a session reaches a host by a handover, because no cookie of the portal does. */
export function isHandedOver(snapshot: Cookies, host: string): boolean {
  return sharedCookie(snapshot)?.scope !== appScope(snapshot, host);
}

/** Set-Cookie for a ticket. `seconds`: null until the browser is closed, 0 removes it. */
export function ticketLine(
  { site }: Pick<Snapshot, 'site'>,
  { name, domain }: TicketCookie,
  value: string,
  seconds: number | null,
): string {
  return setCookie(name, value, { scheme: site.scheme, domain, seconds });
}

/** The domain whose hosts share one cookie, if this is one of them. */
function sharedDomain(snapshot: Cookies, host: string): Domain | null {
  return snapshot.session.cookies === 'host' ? null : domainAround(snapshot, host);
}
