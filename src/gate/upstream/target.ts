/** An upstream as connections are made to it: its URL parsed once, and what its certificate must contain. */
import { isIP } from 'node:net';
import {
  httpUrl,
  isHttp2,
  type UpstreamGroup,
  type UpstreamTls,
} from '../../core/routes/upstream.ts';

/** Where connections go. */
export interface Target {
  /** Equal for two upstreams that may share connections. */
  readonly key: string;
  /** `http://wiki:8080`, also for `h2c://wiki:8080`; `http://localhost` for a unix socket. */
  readonly origin: string;
  /** HTTP/2 in cleartext, without an upgrade from HTTP/1.1. */
  readonly isHttp2: boolean;
  /** Host and port as they stand in a Host field. */
  readonly authority: string;
  /** Name or address to connect to, without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Path of a unix socket, or null. */
  readonly socketPath: string | null;
  /** Path below the origin, without a trailing slash; `''` for none. */
  readonly basePath: string;
  /** Null without TLS. */
  readonly tls: TargetTls | null;
}

/** How a certificate is checked. */
export interface TargetTls extends UpstreamTls {
  /** The name or address that must be in the certificate, whatever Host is sent. */
  readonly name: string;
  /** The name to ask for (SNI); `''` for an address, which RFC 6066 §3 keeps out of it. */
  readonly sni: string;
}

/** Reads the URL of a group's member. */
export function targetOf(text: string, { tls }: Pick<UpstreamGroup, 'tls'>): Target {
  const key = keyOf(text, tls);
  if (text.startsWith('unix:')) {
    const local = { origin: 'http://localhost', authority: 'localhost', hostname: 'localhost' };
    const socketPath = text.slice('unix:'.length);
    return { key, ...local, isHttp2: false, port: 80, socketPath, basePath: '', tls: null };
  }
  const url = new URL(httpUrl(text));
  const isTls = url.protocol === 'https:';
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const name = tls.servername ?? hostname;
  return {
    key,
    origin: url.origin,
    isHttp2: isHttp2(text),
    authority: url.host,
    hostname,
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    socketPath: null,
    basePath: withoutEnd(url.pathname),
    tls: isTls ? { ...tls, name, sni: isIP(name) === 0 ? name : '' } : null,
  };
}

/** The targets of the members, each read once. */
const targets = new WeakMap<UpstreamGroup, readonly Target[]>();

function targetsOf(group: UpstreamGroup): readonly Target[] {
  let known = targets.get(group);
  if (known === undefined) {
    known = group.urls.map((url) => targetOf(url, group));
    targets.set(group, known);
  }
  return known;
}

/** The origins of all members, as the app may know itself. */
export function originsOf(group: UpstreamGroup): readonly string[] {
  return targetsOf(group).map(({ origin }) => origin);
}

/** The path that all members are below, without a slash at its end. */
export function basePathOf(group: UpstreamGroup): string {
  return targetsOf(group)[0]?.basePath ?? '';
}

/** The members of an upstream, and how their certificates are checked. */
export type Reach = Pick<UpstreamGroup, 'urls' | 'tls'>;

/** Whether all members of one upstream are members of another. */
export function isWithin(inner: Reach, outer: Reach): boolean {
  const reached = new Set(outer.urls.map((url) => keyOf(url, outer.tls)));
  return inner.urls.every((url) => reached.has(keyOf(url, inner.tls)));
}

function keyOf(url: string, tls: UpstreamTls): string {
  return JSON.stringify([url, tls]);
}

/** Without slashes at its end. Not by a regular expression, which takes quadratic time for a run at the end. */
function withoutEnd(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}
