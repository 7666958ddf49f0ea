/**
 * What a proxy in front must know, read out of the snapshot once: who is served where, by
 * which upstream, and which header names are ours. Knows no proxy's language.
 */

import { HOP_BY_HOP, removedFields } from '../../core/access/request-fields.ts';
import type { Route } from '../../core/access/route.ts';
import type { Upstream as RouteUpstream } from '../../core/access/upstream.ts';
import { ownCookies } from '../../core/setup/own-cookies.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { Loaded } from '../shell/context.ts';

/** A host with the port it is served on. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Where an app listens. */
interface Upstream {
  readonly scheme: 'http' | 'https';
  /** Host and port, the port always stated; `unix:/run/app.sock` for a socket. */
  readonly authority: string;
  /** What the app’s own Host field contains. */
  readonly name: string;
  /** The name to find in its certificate. */
  readonly host: string;
  /** Base path without a trailing slash, or `''`. */
  readonly base: string;
}

/** One app behind the proxy. */
export interface App {
  readonly id: string;
  readonly places: readonly Place[];
  /** Null: the configuration names none. */
  readonly upstream: Upstream | null;
  /** A bundled demo app: it can only be reached through Doorward itself. */
  readonly isBundled: boolean;
  readonly preserveHost: boolean;
}

/** Everything a generated configuration is made of. */
export interface ProxyPlan {
  /** The configuration it was made from, for the head line. */
  readonly file: string;
  readonly scheme: 'http' | 'https';
  readonly portal: Place;
  /** Where the proxy reaches Doorward: `127.0.0.1:4747` or `unix:/run/doorward.sock`. */
  readonly doorward: string;
  readonly cookie: string;
  /** Names of all our cookies, without the prefixes by which browsers demand more of a cookie. */
  readonly ownCookies: readonly string[];
  /** Header names we set, as configured. */
  readonly identity: readonly string[];
  /** Other spellings of them that CGI and its kin read as the same header. */
  readonly forgeries: readonly string[];
  /** Fields of a client that no app may see, beside the identity headers. */
  readonly removed: readonly string[];
  readonly apps: readonly App[];
}

/** Headers by which other proxies speak; a client must not speak them through this one. */
export const OTHER_VOICES = ['X-Original-URL', 'X-Original-Method', 'X-Auth-Request-Redirect'];

/** Fields of one hop that every proxy writes or removes by itself. */
const OF_EVERY_PROXY: ReadonlySet<string> = new Set([
  'Connection',
  'Keep-Alive',
  'TE',
  'Transfer-Encoding',
  'Upgrade',
]);

/** Paths below `/.doorward/` on an app's host that Doorward serves; the rest there is reserved. */
export const OWN_PATHS: readonly string[] = ['/.doorward/sign-out'];

/** The plan; `address` says where the proxy reaches Doorward when that is not the first listener. */
export function proxyPlan(
  { snapshot, settings }: Pick<Loaded, 'snapshot' | 'settings'>,
  address: string | null,
): ProxyPlan {
  const { site, identity } = snapshot;
  const names = identity.headers.map((header) => header.name);
  if (identity.assertion !== null) names.push(identity.assertion);
  const portal = { host: site.host, port: publicPort(site.port, site.scheme) };
  return {
    file: settings.file,
    scheme: site.scheme,
    portal,
    doorward: address ?? reachable(settings.listen[0] ?? '127.0.0.1:4747'),
    cookie: snapshot.session.cookieName,
    ownCookies: unique(ownCookies(snapshot).map((name) => name.replace(/^__(?:Secure|Host)-/, ''))),
    identity: names,
    forgeries: names.flatMap(otherSpellings),
    removed: unique([
      ...HOP_BY_HOP.filter((name) => !OF_EVERY_PROXY.has(name)),
      ...removedFields(names),
      ...proxyFields(snapshot),
    ]),
    apps: snapshot.table.routes.map((route) => appOf(route, site.scheme, site.port)),
  };
}

/** Every way to write a header name with `_` or `.` for some of its hyphens, but the name itself. */
export function otherSpellings(name: string): string[] {
  let spellings = [''];
  for (const part of name.split(/([-_.])/)) {
    const choices = /^[-_.]$/.test(part) ? ['-', '_', '.'] : [part];
    spellings = spellings.flatMap((before) => choices.map((choice) => before + choice));
  }
  return spellings.filter((spelling) => spelling !== name);
}

/**
 * Fields that a stage of some flow reads from a trusted proxy, such as a client's certificate: only
 * what the proxy itself adds behind the removal may reach Doorward.
 */
function proxyFields({ flows }: Snapshot): string[] {
  const configs = [...flows.values()].flatMap((flow) => flow.stages.map(({ config }) => config));
  return configs.flatMap((config) => {
    if (typeof config !== 'object' || config === null || !('header' in config)) return [];
    return typeof config.header === 'string' ? [config.header] : [];
  });
}

function unique(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.filter((name) => !seen.has(name.toLowerCase()) && seen.add(name.toLowerCase()));
}

/** Port as a listener needs it: the scheme's own is spelled out. */
function publicPort(port: number, scheme: 'http' | 'https'): number {
  if (port !== 0) return port;
  return scheme === 'https' ? 443 : 80;
}

/** An app is served where the portal is, unless its host says another port. */
function appOf(route: Route, scheme: 'http' | 'https', portalPort: number): App {
  const [upstream] = route.upstreams;
  const isBundled = upstream?.url.startsWith('demo:') === true;
  return {
    id: route.id,
    places: route.hosts.map(({ name, ports }) => ({
      host: name,
      port: publicPort(ports.includes(portalPort) ? portalPort : (ports[0] ?? 0), scheme),
    })),
    upstream: upstream === undefined || isBundled ? null : upstreamOf(upstream),
    isBundled,
    preserveHost: route.preserveHost,
  };
}

function upstreamOf({ url: text, tls }: RouteUpstream): Upstream {
  if (text.startsWith('unix:')) {
    return { scheme: 'http', authority: text, name: 'localhost', host: 'localhost', base: '' };
  }
  const url = new URL(text);
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const port = url.port === '' ? (scheme === 'https' ? '443' : '80') : url.port;
  return {
    scheme,
    authority: `${url.hostname}:${port}`,
    name: `${url.hostname}:${port}`,
    host: tls.servername ?? url.hostname,
    base: url.pathname.replace(/\/+$/, ''),
  };
}

/** A listener on every address is reached on the loopback. */
function reachable(listen: string): string {
  return listen.replace(/^(?:0\.0\.0\.0)?:(?=\d+$)/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
}

/** Places by port, in the order of their first mention: proxies listen by port. */
export function byPort(places: readonly Place[]): readonly [number, readonly string[]][] {
  const ports = new Map<number, string[]>();
  for (const { host, port } of places) {
    const hosts = ports.get(port);
    if (hosts === undefined) ports.set(port, [host]);
    else hosts.push(host);
  }
  return [...ports];
}

/** A place as browsers name it: with its port, unless that is the scheme's own. */
export function authorityOf({ scheme }: Pick<ProxyPlan, 'scheme'>, { host, port }: Place): string {
  return port === (scheme === 'https' ? 443 : 80) ? host : `${host}:${port}`;
}

/** Text as part of a name in the proxy's configuration. */
export function identifier(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '_');
}

/** Text with nothing in it that a regular expression would read. */
export function quotedRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
