/**
 * What `generate` uses of the configuration: the hosts, their upstreams, and the names of Doorward's
 * headers and cookies. The plan is the same for all proxies.
 */
import { namesOf } from '../../core/access/identity.ts';
import { addressFields, HOP_BY_HOP, removedFields } from '../../core/access/request-fields.ts';
import { takesCertificates } from '../../core/routes/accepts.ts';
import type { Route } from '../../core/routes/route.ts';
import { httpUrl, isHttp2, type UpstreamGroup } from '../../core/routes/upstream.ts';
import { ownCookies, sentCookies } from '../../core/setup/own-cookies.ts';
import type { ProxyApp, ProxyHost, ProxyPlan, ProxyUpstream } from '../../core/setup/proxy-plan.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { Loaded } from '../shell/context.ts';
import { exactHost, publicPort, servedHosts } from './served-hosts.ts';

/** Hop-by-hop fields that every proxy sets or removes itself. */
const OF_EVERY_PROXY: ReadonlySet<string> = new Set([
  'Connection',
  'Keep-Alive',
  'TE',
  'Transfer-Encoding',
  'Upgrade',
]);

/** What of a configuration the plan is made of. */
interface PlanInput {
  readonly snapshot: Snapshot;
  readonly settings: Pick<Loaded['settings'], 'file' | 'listen' | 'grpcListen'>;
}

/** The plan. `address` is where the proxy reaches Doorward; null for the first listener. */
export function proxyPlan({ snapshot, settings }: PlanInput, address: string | null): ProxyPlan {
  const { site, identity } = snapshot;
  const { names, clientField, certificateField } = identity;
  const hosts = servedHosts(snapshot.table.routes, site);
  const lists = new Map<string, readonly string[]>();
  const apps = snapshot.table.routes.map((route) =>
    appOf(route, hosts.get(route) ?? [], listOf(lists, route)),
  );
  const portal = exactHost(site.host, publicPort(site.port, site.scheme));
  return {
    file: settings.file,
    scheme: site.scheme,
    portal,
    doorward: address ?? reachable(settings.listen[0] ?? '127.0.0.1:4747'),
    grpc: settings.grpcListen === null ? null : grpcAddress(settings.grpcListen, address),
    cookies: sentCookies(snapshot),
    ownCookies: unique(ownCookies(snapshot).map((name) => name.replace(/^__(?:Secure|Host)-/, ''))),
    identity: names,
    identityLists: [...lists.values()],
    forgeries: names.flatMap(otherSpellings),
    addressFields: addressFields(clientField),
    clientField,
    certificateField,
    removed: unique([
      ...HOP_BY_HOP.filter((name) => !OF_EVERY_PROXY.has(name)),
      ...removedFields([...names, ...addressFields(clientField)]),
      ...proxyFields(snapshot),
      ...(certificateField === null ? [] : [certificateField]),
    ]),
    apps,
  };
}

/** The names that a route's app receives. Routes that receive the same ones share a list. */
function listOf(lists: Map<string, readonly string[]>, { identity }: Route): readonly string[] {
  const names = namesOf(identity);
  const known = lists.get(names.join(' '));
  if (known === undefined) lists.set(names.join(' '), names);
  return known ?? names;
}

/** Separators in a header name up to which every mixture is listed: 3^4 spellings. */
const FEW = 4;

/**
 * Every other spelling of a header name with `-`, `_` and `.` exchanged. The number of mixtures is
 * exponential, so a name with many separators has only the spellings in which all are the same.
 * Doorward refuses the check for every mixture in any case.
 */
export function otherSpellings(name: string): string[] {
  if (name.split(/[-_.]/).length - 1 > FEW) {
    return ['-', '_', '.']
      .map((one) => name.replace(/[-_.]/g, one))
      .filter((spelling) => spelling !== name);
  }
  let spellings = [''];
  for (const part of name.split(/([-_.])/)) {
    const choices = /^[-_.]$/.test(part) ? ['-', '_', '.'] : [part];
    spellings = spellings.flatMap((before) => choices.map((choice) => before + choice));
  }
  return spellings.filter((spelling) => spelling !== name);
}

/**
 * Fields that a stage of some flow reads from a trusted proxy, such as a client's certificate: clients must
 * not send them, so the proxy removes theirs before it adds its own.
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

function appOf(route: Route, hosts: readonly ProxyHost[], identity: readonly string[]): ProxyApp {
  const { upstream, cors } = route;
  const isBundled = needsDoorward(route);
  return {
    id: route.id,
    hosts,
    upstream: upstream === null || isBundled ? null : upstreamOf(upstream),
    identity,
    isBundled,
    preserveHost: route.preserveHost,
    takesAuthorization: route.takesAuthorization,
    takesCertificates: takesCertificates(route.rules),
    preflightOrigins: cors?.preflight === 'answer' ? [...cors.origins] : [],
  };
}

/**
 * Whether only Doorward serves an app as configured: a bundled one, one with several upstreams or
 * prefixes, or an upstream that only Doorward can use. No other proxy reads a path in every way before it chooses,
 * and secrets stay out of its file.
 */
function needsDoorward({ upstream, rules, preserveHost }: Route): boolean {
  const passages = new Set(rules.map(({ passage }) => passage));
  return (
    passages.size > 1 ||
    [...passages].some(({ stripPrefix, addPrefix }) => stripPrefix !== '' || addPrefix !== '') ||
    (upstream !== null && isOnlyOurs(upstream, preserveHost))
  );
}

/**
 * Whether an upstream has what the files of other proxies cannot say: changes to messages, a private
 * key, health checks, and a choice of members that is not theirs. They have one Host and one
 * certificate name for all members, and some have no Unix sockets.
 */
function isOnlyOurs(
  { urls, messages, tls, health, balance }: UpstreamGroup,
  preserveHost: Route['preserveHost'],
): boolean {
  if (urls[0].startsWith('demo:')) return true;
  // nginx has no base path for gRPC.
  if (isHttp2(urls[0]) && new URL(httpUrl(urls[0])).pathname !== '/') return true;
  if (messages !== null || tls.identity !== null || health !== null) return true;
  if (urls.length === 1) return false;
  if (urls.some((url) => /^(?:unix|https):/.test(url))) return true;
  return balance !== 'least_busy' || !preserveHost;
}

function upstreamOf({ urls: [first, ...others], tls }: UpstreamGroup): ProxyUpstream {
  const authorities = [authorityOf(first), ...others.map(authorityOf)] as const;
  if (first.startsWith('unix:')) {
    return { scheme: 'http', authorities, name: 'localhost', host: 'localhost', base: '' };
  }
  const url = new URL(httpUrl(first));
  return {
    scheme: isHttp2(first) ? 'h2c' : url.protocol === 'https:' ? 'https' : 'http',
    authorities,
    name: authorities[0],
    host: tls.servername ?? url.hostname,
    base: url.pathname.replace(/\/+$/, ''),
  };
}

/** Where a member listens, with its port. */
function authorityOf(text: string): string {
  if (text.startsWith('unix:')) return text;
  const { protocol, hostname, port } = new URL(httpUrl(text));
  return `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
}

/** The listener for gRPC at the host of `address`, where the proxy reaches the first listener. */
function grpcAddress(listen: string, address: string | null): string {
  const isOnPort = !listen.startsWith('unix:') && address?.startsWith('unix:') === false;
  return isOnPort ? address.replace(/\d+$/, /\d+$/.exec(listen)?.[0] ?? '') : reachable(listen);
}

/** The address of a listener; one on all addresses is reached on the loopback. */
function reachable(listen: string): string {
  return listen.replace(/^(?:0\.0\.0\.0)?:(?=\d+$)/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
}
