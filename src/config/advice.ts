/**
 * Advice on configurations without faults that probably do not work as intended. `check` prints all
 * advice, and a start logs the warnings.
 */
import type { Snapshot } from '../core/setup/snapshot.ts';
import type { Advice } from '../core/setup/advice.ts';
import { isWithin } from '../core/request/host.ts';
import { enclosingDomain, hostPattern } from '../core/routes/hosts.ts';
import { adviceOnFlows } from './flows/advice.ts';
import { adviceOnSources } from './source-advice.ts';
import { isLoopback } from './settings/listen-address.ts';
import type { Settings } from './settings/settings.ts';
import { trustedPeers } from './settings/trusted-peers.ts';

/** What the advice is about. */
interface Situation {
  readonly settings: Pick<Settings, 'listen' | 'sources'>;
  readonly snapshot: Pick<
    Snapshot,
    'site' | 'domains' | 'table' | 'session' | 'isTrustedProxy' | 'sources' | 'flows'
  >;
  /** Whether a TLS handshake for `name` succeeds there. Never rejects; bounded in time. */
  readonly speaksTls: (host: string, port: number, name: string) => Promise<boolean>;
}

/** All advice on a configuration. */
export async function adviceOn(situation: Situation): Promise<readonly Advice[]> {
  const found = [
    await adviceOnTls(situation),
    ...adviceOnCookies(situation),
    adviceOnPasskeys(situation),
    ...adviceOnTrust(situation),
    ...adviceOnSources(situation),
    ...adviceOnFlows(situation.snapshot.flows.values()),
  ];
  return found.filter((one) => one !== null);
}

/** An address in each network of a word, to detect whether the file has the word. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.2', '::1'],
  private: ['10.255.0.1', '172.31.0.1', '192.168.255.1'],
};

/** Trust in whole networks, from which clients may connect as well. */
function adviceOnTrust({ settings, snapshot }: Situation): readonly (Advice | null)[] {
  const reachable = settings.listen
    .map((listener, index) => ({
      ...listener,
      path: settings.listen.length === 1 ? 'listen.trusts' : `listen[${index}].trusts`,
    }))
    .filter((listener) => !isLoopback(listener));
  const isShared = reachable.some(({ trusts }) => trusts === undefined);
  return [
    isShared ? adviceOnList('trusted_proxies', snapshot.isTrustedProxy) : null,
    ...reachable.map(({ trusts, path }) =>
      Array.isArray(trusts) ? adviceOnList(path, trustedPeers(trusts)) : null,
    ),
  ];
}

function adviceOnList(path: string, isTrusted: (address: string) => boolean): Advice | null {
  const words = Object.entries(WORDS)
    .filter(([, addresses]) => addresses.every(isTrusted))
    .map(([word]) => word);
  if (words.length === 0) return null;
  return {
    path,
    level: 'warning',
    message:
      `${words.join(' and ')} beside a listener that other machines reach: a client whose connection arrives from there ` +
      '(through a container network, a tunnel or a port forward) can claim any address in X-Forwarded-For or a PROXY header. ' +
      'Name the addresses of your proxies, or give them a listener of their own: { at: unix:/run/doorward.sock, trusts: peer }',
  };
}

/** Doorward does not terminate TLS: an https portal needs a proxy that does. */
async function adviceOnTls({ settings, snapshot, speaksTls }: Situation): Promise<Advice | null> {
  const { site } = snapshot;
  if (site.scheme !== 'https') return null;
  const port = site.port === 0 ? 443 : site.port;
  const places = ['127.0.0.1', '::1', site.host];
  const answers = await Promise.all(places.map((host) => speaksTls(host, port, site.host)));
  if (answers.includes(true)) return null;
  // If other machines can reach a listener, the proxy may be on one of them.
  const isLocal = settings.listen.every(isLoopback);
  return {
    path: 'public_url',
    level: isLocal ? 'warning' : 'note',
    message:
      `it is https, Doorward speaks plain HTTP, and no TLS server answers for ${site.host} on port ${port}. ` +
      'Put a proxy that terminates TLS in front (doorward generate nginx, caddy or traefik writes its configuration) ' +
      'and list it in trusted_proxies, or use http:// to try Doorward out on this machine',
  };
}

/** Browsers send a Domain cookie to every host below its domain, also to hosts that are no routes. */
function adviceOnCookies({ snapshot }: Situation): readonly (Advice | null)[] {
  const { table, site, domains, session } = snapshot;
  if (session.cookies === 'host') return [];
  const hosts = table.routes.flatMap((route) => route.hosts.map(({ name }) => name));
  return domains.map(({ cookieDomain }) =>
    cookieDomain === null ? null : adviceOnDomain(cookieDomain, [site.host, ...hosts]),
  );
}

function adviceOnDomain(domain: string, all: readonly string[]): Advice | null {
  if (domain.endsWith('localhost')) return null;
  const hosts = all.filter((host) => isWithin(enclosingDomain(host), domain));
  if (hosts.some((name) => takesEvery(name) && enclosingDomain(name) === domain)) return null;
  const narrower = commonDomain(hosts);
  const remedy =
    narrower !== null && narrower !== domain
      ? `${narrower} would be enough for the portal and all routes`
      : 'keep hosts that you do not trust on another domain';
  return {
    path: 'session.cookie_domains',
    level: 'note',
    message: `browsers send the session cookie to every host below ${domain}, including hosts without a route: each of them can read it and act for its users. ${remedy[0]?.toUpperCase()}${remedy.slice(1)}, or set session.cookies to host`,
  };
}

/** Browsers let pages on the portal's host, and on hosts below it, replace its passkeys. */
function adviceOnPasskeys({ snapshot: { site, table } }: Situation): Advice | null {
  const hosts = table.routes
    .flatMap((route) => route.hosts.map(({ name }) => name))
    .filter((name) => isWithin(enclosingDomain(name), site.host));
  if (hosts.length === 0) return null;
  return {
    path: 'routes',
    level: 'note',
    message:
      `${[...new Set(hosts)].slice(0, 3).join(', ')}: an app on the portal's host, or below it, can ask browsers to replace the passkeys of users, ` +
      'which belong to that host. Give the portal a host of its own, such as auth.example.com beside app.example.com',
  };
}

/** Whether the name matches every host one label below its domain. */
function takesEvery(name: string): boolean {
  return hostPattern(name)?.glob === null;
}

/** The longest domain of at least two labels that contains all hosts; null for none. */
function commonDomain(hosts: readonly string[]): string | null {
  const labels = hosts.map((host) => enclosingDomain(host).split('.').toReversed());
  const [first = []] = labels;
  const same = first.findIndex((label, i) => labels.some((one) => one[i] !== label));
  const common = same < 0 ? first : first.slice(0, same);
  return common.length < 2 ? null : common.toReversed().join('.');
}
