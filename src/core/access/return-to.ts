/**
 * The only open-redirect check: is this URL one of our own? Parsed once with WHATWG URL,
 * compared by origin against the routes, re-serialised. Never a prefix, never a regex.
 */
import { canonicalHost } from '../request/host.ts';
import type { RouteTable } from './route.ts';

/** Where the portal stands. */
export interface Site {
  /** `https://auth.example.com`, no trailing slash. */
  readonly origin: string;
  readonly scheme: 'http' | 'https';
  /** Canonical host and port of the portal. */
  readonly host: string;
  readonly port: number;
}

/** Longest return-to, in characters. */
export const MAX_RETURN_TO = 4096;

/** The public origin of a host. Apps share the portal's scheme. */
export function originOf(site: Site, host: string, port: number): string {
  return port === 0 ? `${site.scheme}://${host}` : `${site.scheme}://${host}:${port}`;
}

/**
 * The URL re-serialised when it lies on the portal or on a route, else null. Relative
 * URLs are refused: a return-to is always written by us and always whole.
 */
export function checkReturnTo(
  raw: string | null | undefined,
  site: Site,
  table: RouteTable,
): string | null {
  if (typeof raw !== 'string' || raw.length === 0 || raw.length > MAX_RETURN_TO) return null;
  // Characters that WHATWG URL would strip or turn around; ours never contain them.
  if (!/^https?:\/\/(?!\/)[\x21\x24-\x3e\x40-\x5b\x5d-\x7e]+(?:\?[\x21\x24-\x7e]*)?$/.test(raw))
    return null;
  let url: URL;
  try {
    url = new URL(raw);
  } catch {
    // Named fallback: what does not parse is no return-to.
    return null;
  }
  if (url.protocol !== `${site.scheme}:` || url.username !== '' || url.password !== '') return null;
  const authority = canonicalHost(url.host, site.scheme);
  if (authority === null) return null;
  // The text up to the path must be the origin and nothing else: no `https:host`, no userinfo, no trailing dot.
  const origin = originOf(site, authority.host, authority.port);
  if (url.origin !== origin) return null;
  const isPortal = authority.host === site.host && authority.port === site.port;
  if (!isPortal && table.hosted(authority.host, authority.port) === null) return null;
  return origin + url.pathname + url.search;
}
