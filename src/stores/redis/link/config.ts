/**
 * The options of `state` for Redis, as one plain value. Messages never repeat a value, since it may
 * contain a password.
 */
import { z } from 'zod';

/** A server, `host:port`. */
export interface Host {
  readonly host: string;
  readonly port: number;
}

/** Where the servers are. */
export type Servers =
  | { readonly kind: 'single'; readonly at: Host | { readonly path: string } }
  | {
      readonly kind: 'sentinel';
      readonly hosts: readonly Host[];
      readonly name: string;
      readonly username: string | undefined;
      readonly password: string | undefined;
      readonly tls: boolean;
    }
  | { readonly kind: 'cluster'; readonly hosts: readonly Host[] };

/** PEM text, or a path to a file with it. */
export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
}

/** The options of the redis store. */
export interface RedisConfig {
  readonly servers: Servers;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  /** Certificates are always checked; null is a plain connection. */
  readonly tls: TlsFiles | null;
  /** What every key begins with; in a cluster a hash tag, so that all of it lives in one slot. */
  readonly prefix: string;
}

const URLS = /^(?:rediss?|redis\+unix|unix):/;

/** Whether this value is meant for Redis. */
export function claimsRedis(state: unknown): boolean {
  if (typeof state === 'string') return URLS.test(state);
  if (typeof state !== 'object' || state === null) return false;
  return 'url' in state || 'sentinel' in state || 'cluster' in state;
}

const host = z
  .string()
  .max(300)
  .regex(/^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/, 'expected host or host:port');
const hosts = z.array(host).min(1).max(32);
const word = z.string().max(1024);

const options = {
  username: word.optional().describe('User of the Redis ACL.'),
  password: word.optional().describe('Password. Better here, from a file, than in the URL.'),
  db: z.int().min(0).max(1_000_000).optional().describe('Database number. Default: 0.'),
  tls: z
    .union([
      z.boolean(),
      z.strictObject({
        ca: word.max(65_536).optional(),
        cert: word.max(65_536).optional(),
        key: word.max(65_536).optional(),
        servername: word.optional(),
      }),
    ])
    .optional()
    .describe('TLS. ca, cert and key are PEM text or paths. Certificates are always verified.'),
  prefix: z
    .string()
    .regex(/^[\w.-]{1,48}:$/, 'expected letters, digits, `.`, `_`, `-` and a colon at the end')
    .optional()
    .describe('Prefix of every key. Default: doorward:'),
};

const written = z.union([
  z.string().max(2048).regex(URLS, 'expected redis://, rediss://, redis+unix:// or unix://'),
  z.strictObject({ url: z.string().max(2048), ...options }),
  z.strictObject({
    sentinel: z.strictObject({
      hosts,
      name: word.min(1).describe('Name of the master group.'),
      username: word.optional(),
      password: word.optional().describe('Password of the Sentinels, if they require one.'),
      tls: z.boolean().optional().describe('TLS to the Sentinels.'),
    }),
    ...options,
  }),
  z.strictObject({ cluster: hosts, ...options }),
]);

type Written = Exclude<z.infer<typeof written>, string>;

/** Strict; every fault has its path. */
export const redisConfig = written.transform((value, ctx): RedisConfig => {
  const given: Written = typeof value === 'string' ? { url: value } : value;
  const result = 'url' in given ? fromUrl(given.url) : fromHosts(given);
  if (typeof result === 'string') {
    const path = typeof value === 'string' ? [] : ['url'];
    ctx.issues.push({ code: 'custom', message: result, input: undefined, path });
    return z.NEVER;
  }
  const isCluster = result.servers.kind === 'cluster';
  if (isCluster && (given.db ?? 0) !== 0) {
    ctx.issues.push({
      code: 'custom',
      message: 'a cluster has database 0 only',
      input: undefined,
      path: ['db'],
    });
  }
  const tls = given.tls ?? result.tls;
  const name = (given.prefix ?? 'doorward:').slice(0, -1);
  return {
    servers: result.servers,
    username: given.username ?? result.username,
    password: given.password ?? result.password,
    db: given.db ?? result.db,
    tls: tls === true ? {} : tls === false ? null : tls,
    prefix: isCluster ? `{${name}}:` : `${name}:`,
  };
});

interface Found extends Pick<RedisConfig, 'servers' | 'username' | 'password' | 'db'> {
  readonly tls: boolean;
}

function fromHosts(given: Exclude<Written, { url: string }>): Found {
  const rest = { username: undefined, password: undefined, db: 0, tls: false };
  if ('cluster' in given) {
    return {
      ...rest,
      servers: { kind: 'cluster', hosts: given.cluster.map((h) => hostOf(h, 6379)) },
    };
  }
  const { hosts: sentinels, name, username, password, tls } = given.sentinel;
  const servers: Servers = {
    kind: 'sentinel',
    hosts: sentinels.map((h) => hostOf(h, 26_379)),
    name,
    username,
    password,
    tls: tls ?? false,
  };
  return { ...rest, servers };
}

/** The parts of a URL, or what is wrong with it. */
function fromUrl(text: string): Found | string {
  if (!URLS.test(text)) return 'expected redis://, rediss://, redis+unix:// or unix://';
  const url = URL.parse(text);
  if (url === null) return 'not a URL; percent-encode @ : / ? # in user and password';
  const isSocket = url.protocol.endsWith('unix:');
  const inQuery = url.searchParams.get('db');
  const unknown = [...url.searchParams.keys()].find((key) => key !== 'db');
  if (unknown !== undefined) return 'the only parameter of the URL is db';
  if (url.hash !== '') return 'a URL of Redis has no #';
  const db = inQuery ?? (isSocket ? '' : url.pathname.slice(1));
  if (!/^\d{0,6}$/.test(db)) return 'the database is a number: redis://host:6379/0';
  const username = decode(url.username);
  const password = decode(url.password);
  if (username === null || password === null) return 'user or password has a bad percent escape';
  if (isSocket && (url.host !== '' || url.pathname.length < 2))
    return 'expected unix:///path/to/socket';
  if (!isSocket && url.hostname === '') return 'the host is missing: redis://host:6379/0';
  const at = isSocket
    ? { path: decodeURI(url.pathname) }
    : { host: bare(url.hostname), port: url.port === '' ? 6379 : Number(url.port) };
  return {
    servers: { kind: 'single', at },
    username: username === '' ? undefined : username,
    password: password === '' ? undefined : password,
    db: Number(db),
    tls: url.protocol === 'rediss:',
  };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    // Named fallback: the caller reports a fault of the configuration.
    return null;
  }
}

function hostOf(text: string, port: number): Host {
  const [, name = text, digits] = /^(.*?)(?::(\d+))?$/.exec(text) ?? [];
  // A bracketed address without a port ends with its bracket; the colons inside are no port.
  if (text.endsWith(']')) return { host: bare(text), port };
  return { host: bare(name), port: digits === undefined ? port : Number(digits) };
}

function bare(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/** Where the store is, for messages: never with user or password. */
export function describeServers(servers: Servers): string {
  switch (servers.kind) {
    case 'single':
      return 'path' in servers.at
        ? `Redis at ${servers.at.path}`
        : `Redis at ${list([servers.at])}`;
    case 'sentinel':
      return `the Redis master ${servers.name} of the Sentinels at ${list(servers.hosts)}`;
    case 'cluster':
      return `the Redis cluster at ${list(servers.hosts)}`;
  }
}

function list(servers: readonly Host[]): string {
  return servers.map((h) => `${h.host}:${h.port}`).join(', ');
}
