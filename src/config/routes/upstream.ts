/** Links the address of an app. Never the gateway's own address, and never a URL with credentials, query or fragment. */
import { resolve } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import {
  CHECKED_TLS,
  plainUpstream,
  type UpstreamGroup,
  type UpstreamTls,
} from '../../core/routes/upstream.ts';
import type { RouteHost } from '../../core/routes/route.ts';
import type { ListenAddress } from '../settings/listen-address.ts';
import type { RouteConfig } from '../schema/schema.ts';
import { DEMOS, type Demo } from '../settings/settings.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';
import { linkMessages, type MessageTools } from './messages.ts';

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
type TlsConfig = NonNullable<Exclude<UpstreamConfig, string>['tls']>;

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
  const url = linkUrl(config.url, below(spot, 'url'), tools);
  const tls =
    config.tls === undefined ? CHECKED_TLS : linkTls(config.tls, below(spot, 'tls'), tools.base);
  if (config.tls !== undefined && url !== null && !url.startsWith('https:')) {
    blame(below(spot, 'tls'), 'has no effect: only https:// upstreams have a certificate');
  }
  const messages = linkMessages(config, hosts, spot, tools);
  if (url === null || tls === null) return null;
  return { urls: [url], tls, connections: config.connections, timeout, messages };
}

function linkUrl(text: string, spot: Spot, tools: UpstreamTools): string | null {
  if (text.startsWith('demo:')) return linkDemo(text, spot, tools);
  // `http://unix:8080` is a host of that name.
  if (/^(?:[a-z]+:\/\/)?unix(?::(?!\d)|\/)/i.test(text)) return linkSocket(text, spot, tools);
  const url = /^https?:\/\/[^\s\\]+$/i.test(text) ? URL.parse(text) : null;
  if (url === null) {
    const hint = /^[a-z0-9.-]+:\d+$/i.test(text) ? `"http://${text}"` : null;
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
  return url.origin + url.pathname.replace(/\/+$/, '');
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

function linkTls(config: TlsConfig, spot: Spot, base: string): UpstreamTls | null {
  const { insecure, servername = null } = config;
  if (insecure && (config.ca !== undefined || servername !== null)) {
    blame(
      below(spot, 'insecure'),
      'accepts any certificate, so ca and servername have no effect; remove them',
    );
  }
  if (servername !== null && isIP(servername) === 0 && !/^[a-z0-9._-]+$/i.test(servername)) {
    blame(below(spot, 'servername'), 'expected a host name or an address, without port and scheme');
  }
  if (config.ca === undefined) return { ca: null, servername, insecure };
  const ca = linkAuthorities(config.ca, below(spot, 'ca'), base);
  return ca === null ? null : { ca, servername, insecure };
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** PEM text, or the content of a file. Checked here, because node ignores certificates that it cannot parse. */
function linkAuthorities(text: string, spot: Spot, base: string): string | null {
  let pem = text;
  if (!text.includes('-----BEGIN ')) {
    try {
      pem = readFileSync(resolve(base, text), 'utf8');
    } catch {
      // Named fallback: a fault of the configuration.
      blame(spot, 'the file does not exist or cannot be read');
      return null;
    }
  }
  const certificates = pem.match(CERTIFICATES) ?? [];
  try {
    certificates.map((certificate) => new X509Certificate(certificate));
  } catch {
    // Named fallback: a fault of the configuration, as below.
    certificates.length = 0;
  }
  if (certificates.length === 0) {
    blame(spot, 'expected certificates in PEM: -----BEGIN CERTIFICATE-----');
    return null;
  }
  return certificates.join('\n');
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
