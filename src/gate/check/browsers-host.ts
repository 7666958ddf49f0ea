/**
 * Tells a proxy's check from a browser's own request to the check path, which a trusted proxy in
 * front of proxy mode passes on like any other. Browsers reach the hosts of the portal and of apps, and
 * their scripts cannot change Host; proxies ask under Doorward's own address.
 */
import type { RequestFacts } from '../../core/request/facts.ts';
import { canonicalHost } from '../../core/request/host.ts';
import type { RouteTable } from '../../core/routes/route.ts';
import type { Question } from './question.ts';

/** The last Host that no browser reaches, under each table: a proxy asks with the same one always. */
const lastOwn = new WeakMap<RouteTable, string>();

/**
 * Whether Host is one that browsers reach, and not that of the original request in a dialect whose
 * proxy keeps it: there, a script of an app could only ask about its own app.
 */
export function isOfBrowser({ inbound, context, dialect }: Question, facts: RequestFacts): boolean {
  const { domains, site, table } = context.snapshot;
  const host = inbound.header('host');
  if (typeof host !== 'string' || lastOwn.get(table) === host) return false;
  // By the scheme that the ports of routes are for: the check's own says what a client wrote.
  const asked = canonicalHost(host, site.scheme);
  if (asked === null) return false;
  const ports = [asked.port, site.port];
  const isReached =
    domains.some((domain) => domain.site.host === asked.host) ||
    ports.some((port) => table.hosted(asked.host, port) !== null);
  if (!isReached) {
    lastOwn.set(table, host);
    return false;
  }
  return !dialect.keepsHost || asked.host !== facts.host || asked.port !== facts.port;
}
