/**
 * Real Redis servers for tests. `startRedis` starts a separate one on its own port and folder, to
 * stop, pause and break; `sharedRedis` uses REDIS_URL if it is set, with a unique prefix, and
 * removes only keys under that prefix: the server is never flushed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { needBinary } from './packages.ts';
import { freePort } from './ports.ts';
import { until } from './until.ts';

/** A server of our own. */
export interface RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:PORT`. */
  readonly url: string;
  /** Starts it again on the same port, after `stop` or `kill`. */
  readonly start: () => Promise<void>;
  /** Stops it; without persistence, its folder is removed, too. May be called twice. */
  readonly stop: () => Promise<void>;
  /** SIGKILL: without closing connections. */
  readonly kill: () => Promise<void>;
  /** SIGSTOP: connections stay open, without replies. */
  readonly pause: () => void;
  readonly resume: () => void;
}

/** Options of the start. */
export interface RedisServerOptions {
  /** Keep data over `stop` and `start` (append-only file). */
  readonly persist?: boolean;
  /** Further settings of redis.conf as arguments: `['--maxmemory', '2mb']`. */
  readonly args?: readonly string[];
  /** Assume it is ready without a ping, e.g. for TLS only. */
  readonly isPlain?: boolean;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A redis-server of our own; `args[0]` may be `--sentinel`'s configuration file. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const binary = needBinary('redis-server');
  const port = await freePort();
  let folder: string | null = null;
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    folder ??= mkdtempSync(join(tmpdir(), 'doorward-redis-'));
    const log = join(folder, 'redis.log');
    const extra = options.args ?? [];
    const isConfigured = extra[0]?.endsWith('.conf') === true;
    const first = isConfigured ? [extra[0] as string] : [];
    const args = [
      ...first,
      '--bind',
      '127.0.0.1',
      '--port',
      String(port),
      '--dir',
      folder,
      '--logfile',
      log,
      ...(isConfigured ? [] : ['--save', '', '--appendonly', options.persist ? 'yes' : 'no']),
      // While it syncs, Redis puts off writing, so a SIGKILL would lose what it has replied to.
      ...(options.persist ? ['--appendfsync', 'no'] : []),
      ...extra.slice(first.length),
    ];
    const started = spawn(binary, args, { stdio: 'ignore' });
    child = started;
    running.add(started);
    started.once('exit', () => running.delete(started));
    if (options.isPlain === false) return;
    await until(`redis-server on ${port}`, async () => {
      if (started.exitCode !== null) throw new Error(readFileSync(log, 'utf8'));
      return answers(port);
    });
  }
  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    ending.kill('SIGCONT');
    ending.kill(signal);
    await once(ending, 'exit');
  }
  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    start,
    async stop() {
      await end(options.persist ? 'SIGTERM' : 'SIGKILL');
      if (folder === null || options.persist) return;
      rmSync(folder, { recursive: true, force: true });
      folder = null;
    },
    kill: () => end('SIGKILL'),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  };
}

/** A Redis server that may be shared: use only keys under `prefix`. */
export interface SharedRedis {
  readonly url: string;
  /**
   * Unique, ends with a colon; keys that begin with the name before the colon are removed as well.
   */
  readonly prefix: string;
  /** Removes the keys under the prefix, and stops the server if it is ours. */
  readonly stop: () => Promise<void>;
}

/** REDIS_URL, or a server of our own. */
export async function sharedRedis(): Promise<SharedRedis> {
  const given = process.env.REDIS_URL;
  const prefix = `doorward-test-${randomBytes(6).toString('hex')}:`;
  if (given === undefined) {
    const server = await startRedis();
    return { url: server.url, prefix, stop: server.stop };
  }
  return { url: given, prefix, stop: () => removeKeys(given, prefix) };
}

async function removeKeys(url: string, prefix: string): Promise<void> {
  const client = new Redis(url);
  try {
    for await (const keys of client.scanStream({ match: `${prefix.slice(0, -1)}*`, count: 500 })) {
      const found = keys as string[];
      if (found.length > 0) await client.unlink(...found);
    }
  } finally {
    client.disconnect();
  }
}

/** Whether a server on this port replies to PING at all. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    // A server that is loading, or requires a password, counts as well.
    return /^[+-]/.test(answer.toString('latin1')) && !answer.includes('LOADING');
  } catch {
    // Not running yet.
    return false;
  } finally {
    socket.destroy();
  }
}
