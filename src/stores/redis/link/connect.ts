/**
 * Connections to a single Redis, Sentinel or Cluster. They fail fast and keep trying: nothing queues while
 * Redis does not answer, and everything works again when it is back.
 */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { Cluster, Redis, RedisOptions } from 'ioredis';
import { Problem } from '../../../core/values/problem.ts';
import { fieldsOf } from '../../../core/values/record.ts';
import { describeServers, type Host, type RedisConfig, type TlsFiles } from './config.ts';
import { type Scripted, withScripts } from './scripts.ts';
import { backoff, type RedisTiming } from './timing.ts';

/** The connections of one store. */
export interface Links {
  readonly data: Scripted;
  /** A client of its own, not yet connected, for the server that holds our keys right now; it never reconnects by itself. */
  openWatch(): Promise<Redis>;
}

/** Connects and waits for the first reply. Problem `store/unreachable` with location and remedy. */
export async function connect(config: RedisConfig, timing: RedisTiming): Promise<Links> {
  const ioredis = await import('ioredis');
  const common = commonOptions(config, timing);
  const { servers } = config;
  const pause = (times: number): number => backoff(timing, times, Math.random);
  const single = (options: Plain<RedisOptions>): Redis => {
    const client = new ioredis.Redis({ ...common, ...options });
    // The sender of a command gets its faults; without a listener they would also end the process.
    client.on('error', ignore);
    return client;
  };
  const lone: Plain<RedisOptions> =
    servers.kind === 'single'
      ? { ...servers.at, retryStrategy: pause }
      : servers.kind === 'sentinel'
        ? {
            sentinels: servers.hosts.map(({ host, port }) => ({ host, port })),
            name: servers.name,
            ...given({ sentinelUsername: servers.username, sentinelPassword: servers.password }),
            enableTLSForSentinelMode: servers.tls,
            ...(servers.tls ? { sentinelTLS: common.tls ?? {} } : {}),
            sentinelCommandTimeout: timing.command,
            sentinelRetryStrategy: pause,
            retryStrategy: pause,
          }
        : {};
  const cluster = (hosts: readonly Host[]): Cluster => {
    const client = new ioredis.Cluster([...hosts], {
      lazyConnect: true,
      enableOfflineQueue: false,
      clusterRetryStrategy: pause,
      slotsRefreshTimeout: timing.command,
      redisOptions: common,
    });
    client.on('error', ignore);
    return client;
  };
  const nodes = servers.kind === 'cluster' ? cluster(servers.hosts) : null;
  const client = nodes ?? single(lone);
  await firstAnswer(client, config, timing);
  const data = withScripts(client);
  return {
    data,
    async openWatch() {
      const options = nodes === null ? lone : await owner(nodes, config.prefix);
      return single({ ...options, retryStrategy: null, sentinelRetryStrategy: () => null });
    },
  };
}

function commonOptions(config: RedisConfig, timing: RedisTiming): Plain<RedisOptions> {
  return {
    ...given({ username: config.username, password: config.password }),
    db: config.db,
    ...(config.tls === null ? {} : { tls: tlsOptions(config.tls) }),
    // Invalidation needs RESP2's redirected messages: ioredis 6 drops RESP3's `invalidate` pushes.
    protocol: 2,
    lazyConnect: true,
    connectionName: 'doorward',
    disableClientInfo: true,
    connectTimeout: timing.connect,
    commandTimeout: timing.command,
    socketTimeout: timing.socket,
    // ioredis waits this long even for a connection that is already gone, and delays the end of the process.
    disconnectTimeout: 100,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // A demoted master: connect again, so that Sentinel is asked for the current one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
}

function tlsOptions(files: TlsFiles): ConnectionOptions {
  const { ca, cert, key, servername } = files;
  return given({ ca: readPem(ca), cert: readPem(cert), key: readPem(key), servername });
}

/** PEM text as it is, or from the file of that path. */
function readPem(path: string | undefined): string | undefined {
  if (path === undefined || path.startsWith('-----BEGIN ')) return path;
  try {
    return readFileSync(path, 'utf8');
  } catch (caught) {
    throw new Problem('store/tls-file', `The TLS file ${path} of \`state\` cannot be read.`, {
      cause: caught,
    });
  }
}

/** Waits for the first reply, for as long as a Redis that is started together with the gateway may take. */
async function firstAnswer(
  client: Redis | Cluster,
  config: RedisConfig,
  timing: RedisTiming,
): Promise<void> {
  let last: unknown = new Error('no answer');
  const remember = (error: unknown): void => {
    last = cleanCause(error);
  };
  client.on('error', remember);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    const reason = last instanceof Error ? last.message : String(last);
    const message = `${describeServers(config.servers)} does not answer (${reason}). Start it, or correct \`state\`.`;
    reject(new Problem('store/unreachable', message, { status: 503, cause: last }));
  }, timing.start);
  client.once('ready', resolve);
  // Its rejection is the first failed attempt; attempts go on until the timer ends them.
  client.connect().catch(remember);
  try {
    await promise;
  } catch (caught) {
    client.disconnect();
    throw caught;
  } finally {
    clearTimeout(timer);
    client.off('error', remember);
    client.off('ready', resolve);
  }
}

/** The cluster node that holds our slot: the one that does not redirect. */
async function owner(cluster: Cluster, prefix: string): Promise<Plain<RedisOptions>> {
  for (const node of cluster.nodes('master')) {
    const isOwner = await node.exists(`${prefix}sessions`).then(
      () => true,
      () => false,
    );
    const { host, port } = node.options;
    if (isOwner && host !== undefined && port !== undefined) return { host, port };
  }
  throw new Error('no node of the cluster holds our slot');
}

/** The error without its command: that of AUTH has the password, which must not be logged. */
export function cleanCause(error: unknown): Error {
  const { message, code } = fieldsOf(error);
  const found = [message, code].find((part) => typeof part === 'string' && part !== '');
  const text = typeof found === 'string' ? found : 'unknown fault';
  return new Error(text.slice(0, 300));
}

/** Without the keys that are undefined. */
function given<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

function ignore(): void {}

/** Options that leave replies as they are, as the overloads of ioredis require. */
type Plain<T> = T & { replyMapping?: 'legacy' };
