/**
 * Set-Cookie lines of ours: for one host or a domain, never readable by scripts, and not sent with
 * requests that other sites cause, except navigations.
 */
import { Problem } from '../values/problem.ts';

/** Cookie octets (RFC 6265 §4.1.1); anything else in a value is a bug. */
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{0,4000}$/;

/** Where and how long a cookie is valid. */
export interface CookieReach {
  readonly scheme: 'http' | 'https';
  /** The Domain attribute; null: for the host alone. */
  readonly domain?: string | null;
  /** Seconds; null: until the browser is closed. 0 removes the cookie. */
  readonly seconds?: number | null;
}

/**
 * The line. A cookie is removed with the attributes it was set with; otherwise browsers keep both.
 */
export function setCookie(
  name: string,
  value: string,
  { scheme, domain = null, seconds = null }: CookieReach,
): string {
  if (!VALUE.test(value)) throw new Problem('internal', 'A cookie value has forbidden characters.');
  // Browsers accept changes to a `__Secure-` cookie, including its removal, only with this attribute.
  const secure = scheme === 'https' ? '; Secure' : '';
  const scope = domain === null ? '' : `; Domain=${domain}`;
  const age = seconds === null ? '' : `; Max-Age=${seconds}`;
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${scope}${age}`;
}

const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** Limit of parent domains to try. Browsers ignore those that are public suffixes. */
const MOST = 10;

/**
 * Lines that expire each name in every scope where a browser may have stored it: for the host alone and
 * for each of its parent domains. Two cookies of the same name are never accepted, and browsers do not
 * reveal the scope of a cookie.
 */
export function expiredEverywhere(
  names: readonly string[],
  host: string,
  scheme: 'http' | 'https',
): string[] {
  const domains = [null, ...domainsOf(host)];
  return names.flatMap((name) =>
    domains.map((domain) => setCookie(name, '', { scheme, domain, seconds: 0 })),
  );
}

/** `a.b.example.com`, `b.example.com`, `example.com`. */
function domainsOf(host: string): readonly string[] {
  if (ADDRESS.test(host)) return [];
  const labels = host.split('.');
  const domains = labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
  return domains.slice(-MOST);
}
