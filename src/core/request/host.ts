/**
 * Canonical host names: lower case, without a trailing dot, with the port separate. Anything else
 * is refused.
 */

/** A host and its port; the port is 0 if none is stated or it is the scheme's default. */
export interface Authority {
  readonly host: string;
  readonly port: number;
}

/** Labels, perhaps a dot at the end, and perhaps a port. */
const AUTHORITY =
  /^((?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?)(?::([1-9][0-9]{0,4}))?$/;

/** Longest name, in characters (RFC 1035 §2.3.4). */
const MAX_NAME = 253;

/**
 * Parses `host[:port]`. Null for userinfo, lists, blanks, IPv6 literals, non-ASCII and empty
 * labels: routes do not need them, and parsers disagree about each.
 */
export function canonicalHost(raw: string, scheme: 'http' | 'https'): Authority | null {
  if (raw.length === 0 || raw.length > 260) return null;
  const [, name, digits = ''] = AUTHORITY.exec(raw.toLowerCase()) ?? [];
  if (name === undefined || name.length > MAX_NAME) return null;
  const host = name.endsWith('.') ? name.slice(0, -1) : name;
  const port = Number(digits);
  if (port > 65_535) return null;
  return { host, port: port === (scheme === 'https' ? 443 : 80) ? 0 : port };
}

const DOT = 46;

/** Whether `host` equals `domain` or is a subdomain of it. Both must be canonical. */
export function isWithin(host: string, domain: string): boolean {
  if (host.length === domain.length) return host === domain;
  return host.endsWith(domain) && host.charCodeAt(host.length - domain.length - 1) === DOT;
}
