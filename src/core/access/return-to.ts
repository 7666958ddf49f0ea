/**
 * The only open-redirect check: whether a URL belongs to the portal or to a route. The URL is
 * parsed once with WHATWG URL, compared by origin and re-serialized. Prefixes and regular
 * expressions are never compared instead.
 */
import { canonicalHost } from '../request/host.ts';
import type { RouteTable } from '../routes/route.ts';

/** The address of the portal. */
export interface Site {
  /** `https://auth.example.com`, no trailing slash. */
  readonly origin: string;
  readonly scheme: 'http' | 'https';
  /** Canonical host of the portal. */
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
 * The re-serialized URL if it belongs to the portal or a route, else null. Relative URLs are
 * refused, because every return-to is written as an absolute URL.
 */
export function checkReturnTo(
  raw: string | null | undefined,
  site: Site,
  table: RouteTable,
): string | null {
  if (typeof raw !== 'string' || raw.length === 0 || raw.length > MAX_RETURN_TO) return null;
  // Excludes characters that WHATWG URL would strip or rewrite. A return-to never contains them.
  if (!/^https?:\/\/(?!\/)[\x21\x24-\x3e\x40-\x5b\x5d-\x7e]+(?:\?[\x21\x24-\x7e]*)?$/.test(raw))
    return null;
  let url: URL;
  try {
    url = new URL(raw);
  } catch {
    // Named fallback: a URL that does not parse is not a return-to.
    return null;
  }
  if (url.protocol !== `${site.scheme}:` || url.username !== '' || url.password !== '') return null;
  const authority = canonicalHost(url.host, site.scheme);
  if (authority === null) return null;
  // Before the path there must be the origin and nothing else: no `https:host`, no userinfo, no
  // trailing dot.
  const origin = originOf(site, authority.host, authority.port);
  if (url.origin !== origin) return null;
  const isPortal = authority.host === site.host && authority.port === site.port;
  if (!isPortal && table.hosted(authority.host, authority.port) === null) return null;
  return origin + url.pathname + url.search;
}
