/** Host names in one spelling: lower case, one trailing dot off, port apart. Anything else is refused. */

/** A host and the port stated beside it, 0 when it is the scheme's own. */
export interface Authority {
  readonly host: string;
  readonly port: number;
}

const AUTHORITY = /^([a-z0-9_](?:[a-z0-9_.-]{0,252}))(?::([1-9][0-9]{0,4}))?$/;
const LABELS =
  /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/**
 * Reads `host[:port]`. Null for userinfo, lists, blanks, IPv6 literals, non-ASCII and
 * empty labels: no route needs those, and parsers differ on each.
 */
export function canonicalHost(raw: string, scheme: 'http' | 'https'): Authority | null {
  if (raw.length === 0 || raw.length > 260) return null;
  const match = AUTHORITY.exec(raw.toLowerCase());
  if (match === null) return null;
  let host = match[1] as string;
  if (host.endsWith('.')) host = host.slice(0, -1);
  if (!LABELS.test(host)) return null;
  const port = match[2] === undefined ? 0 : Number(match[2]);
  if (port > 65_535) return null;
  return { host, port: port === (scheme === 'https' ? 443 : 80) ? 0 : port };
}

/** Whether `host` is `domain` or lies below it. Both canonical. */
export function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}
