/** Links the addresses of an app. Never the gateway's own address, and never a URL with credentials, query or fragment. */
import {
  CHECKED_TLS,
  httpUrl,
  type HealthCheck,
  plainUpstream,
  type UpstreamGroup,
} from '../../core/routes/upstream.ts';
import type { RouteHost } from '../../core/routes/route.ts';
import type { ListenAddress } from '../settings/listen-address.ts';
import type { RouteConfig } from '../schema/schema.ts';
import { DEMOS, type Demo } from '../settings/settings.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';
import { linkMessages, type MessageTools } from './messages.ts';
import { linkUpstreamTls } from './upstream-tls.ts';

/** What upstreams are checked against. */
export interface UpstreamTools extends MessageTools {
  /** The directory that relative paths start from. */
  readonly base: string;
  readonly listen: readonly ListenAddress[];
  /** Whether demo apps are allowed: every listener is on loopback. */
  readonly mayDemo: boolean;
  /** Origins of the running demo apps; null if none runs. */
  readonly demoOrigins: Readonly<Partial<Record<Demo, string>>> | null;
  /** Notes that a route uses a demo app. */
  readonly demo: (name: Demo) => void;
}

type UpstreamConfig = NonNullable<RouteConfig['upstream']>;
type UpstreamObject = Exclude<UpstreamConfig, string>;
type HealthConfig = NonNullable<UpstreamObject['health']>;

/** An `upstream`, and what its route says. */
export interface UpstreamWords {
  readonly upstream: UpstreamConfig;
  /** Milliseconds. */
  readonly timeout: number;
  /** The hosts of its route. */
  readonly hosts: readonly RouteHost[];
}

/** Longest socket path on every supported system, in bytes. */
const MAX_SOCKET_PATH = 103;

/** The upstream of a route that limits the time to `timeout` ms; null after a fault. */
export function linkUpstream(
  { upstream: config, timeout, hosts }: UpstreamWords,
  spot: Spot,
  tools: UpstreamTools,
): UpstreamGroup | null {
  if (typeof config === 'string') {
    const url = linkUrl(config, spot, tools);
    return url === null ? null : plainUpstream(url, timeout);
  }
  const urls = linkUrls(config, spot, tools);
  const tls =
    config.tls === undefined
      ? CHECKED_TLS
      : linkUpstreamTls(config.tls, below(spot, 'tls'), tools.base);
  if (config.tls !== undefined && urls?.[0].startsWith('https:') === false) {
    blame(below(spot, 'tls'), 'has no effect: only https:// upstreams have a certificate');
  }
  const messages = linkMessages(config, hosts, spot, tools);
  if (urls === null || tls === null) return null;
  const { balance, connections, health } = config;
  return {
    urls,
    balance,
    health: health === undefined ? null : linkHealth(health),
    tls,
    connections,
    timeout: config.timeout ?? timeout,
    messages,
  };
}

function linkHealth({ path, every, timeout, fails, passes, status }: HealthConfig): HealthCheck {
  return { path, every, timeout, fails, passes, statuses: status ?? null };
}

/** The members; null after a fault. */
function linkUrls(
  { url, urls }: Pick<UpstreamObject, 'url' | 'urls'>,
  spot: Spot,
  tools: UpstreamTools,
): UpstreamGroup['urls'] | null {
  if ((url === undefined) === (urls === undefined)) {
    blame(spot, 'expected either url or urls');
    return null;
  }
  if (url !== undefined) {
    const one = linkUrl(url, below(spot, 'url'), tools);
    return one === null ? null : [one];
  }
  const linked: string[] = [];
  for (const [i, text] of (urls ?? []).entries()) {
    const at = below(spot, 'urls', i);
    if (text.startsWith('demo:')) {
      blame(at, 'expected a demo app in url, on its own');
      continue;
    }
    const one = linkUrl(text, at, tools);
    if (one === null) continue;
    if (linked.includes(one)) blame(at, 'this member is listed twice');
    else if (linked[0] !== undefined && kindOf(one) !== kindOf(linked[0])) {
      blame(at, `expected the scheme and base path of the first member: ${kindOf(linked[0])}`);
    }
    linked.push(one);
  }
  const [first, ...others] = linked;
  return first === undefined || linked.length < (urls ?? []).length ? null : [first, ...others];
}

/** What all members have in common; a Unix socket speaks http without a base path. */
function kindOf(url: string): string {
  if (url.startsWith('unix:')) return 'http://…';
  const { pathname } = new URL(httpUrl(url));
  return `${schemeOf(url)}://…${pathname === '/' ? '' : pathname}`;
}

function linkUrl(text: string, spot: Spot, tools: UpstreamTools): string | null {
  if (text.startsWith('demo:')) return linkDemo(text, spot, tools);
  // `http://unix:8080` is a host of that name.
  if (/^(?:[a-z]+:\/\/)?unix(?::(?!\d)|\/)/i.test(text)) return linkSocket(text, spot, tools);
  if (/^h2c:\/\/unix(?::(?!\d)|\/)/i.test(text)) {
    blame(spot, 'expected host and port behind h2c://, such as h2c://127.0.0.1:50051');
    return null;
  }
  const url = /^(?:https?|h2c):\/\/[^\s\\]+$/i.test(text) ? URL.parse(httpUrl(text)) : null;
  if (url === null) {
    const hint = hintFor(text);
    blame(spot, 'expected the URL of the app, such as http://wiki:8080', hint);
    return null;
  }
  if (url.username !== '' || url.password !== '' || /[?#]/.test(text)) {
    blame(spot, 'expected a URL without user name, query and fragment');
    return null;
  }
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  if (tools.listen.some((at) => at.kind === 'tcp' && at.port === port && isSelf(url, at.host))) {
    blame(spot, 'this is Doorward’s own listener; expected the address of the app');
    return null;
  }
  const path = url.pathname.replace(/\/+$/, '');
  return /^h2c:/i.test(text) ? `h2c://${url.host}${path}` : url.origin + path;
}

function hintFor(text: string): string | null {
  if (/^[a-z0-9.-]+:\d+$/i.test(text)) return `"http://${text}"`;
  const [, rest] = /^(?:grpc|http2):\/\/([^\s"]+)$/i.exec(text) ?? [];
  return rest === undefined ? null : `"h2c://${rest}"`;
}

/** `http`, `https` or `h2c`. */
function schemeOf(url: string): string {
  return url.slice(0, url.indexOf(':'));
}

/** `unix:/run/app.sock`; nginx's `http://unix:/run/app.sock` is the same. */
function linkSocket(text: string, spot: Spot, tools: UpstreamTools): string | null {
  const path = /^(?:http:\/\/)?unix:(\/[^/].*)$/.exec(text)?.[1] ?? null;
  // nginx takes the part after a colon as a base path, so a name with a colon is ambiguous.
  if (path === null || /[:?#%\s\0\\]/.test(path) || path.endsWith('/')) {
    const rest = /^(?:[a-z]+:\/\/)?unix:?\/*([^/:?#%\s\\][^:?#%\s\\]*)/i
      .exec(text)?.[1]
      ?.replace(/\/+$/, '');
    const hint = rest === undefined ? null : `"unix:/${rest}"`;
    blame(spot, 'expected an absolute socket path: unix:/run/app.sock', hint);
    return null;
  }
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    blame(spot, `expected a socket path of at most ${MAX_SOCKET_PATH} bytes`);
    return null;
  }
  if (tools.listen.some((at) => at.kind === 'unix' && at.path === path)) {
    blame(spot, 'this is Doorward’s own listener; expected the address of the app');
    return null;
  }
  return `unix:${path}`;
}

function isSelf(url: URL, host: string): boolean {
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const isAny = host === '0.0.0.0' || host === '::';
  const isEither = name === 'localhost' && isLocal(host);
  return name === host || isEither || (isLocal(name) && (isAny || host === 'localhost'));
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function linkDemo(text: string, spot: Spot, tools: UpstreamTools): string | null {
  const name = text.slice(5);
  const known = DEMOS.find((demo) => demo === name);
  if (known === undefined) {
    const expected = DEMOS.map((d) => `demo:${d}`);
    blame(spot, `no such demo app, expected ${expected.join(' or ')}`, suggest(text, expected));
    return null;
  }
  if (!tools.mayDemo) {
    blame(spot, 'demo apps need every listener to be on loopback');
    return null;
  }
  tools.demo(known);
  if (tools.demoOrigins === null) return text;
  const origin = tools.demoOrigins[known];
  if (origin === undefined) blame(spot, 'demo apps start only with the gateway; restart it');
  return origin ?? null;
}
