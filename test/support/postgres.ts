/** A real Postgres on a port and folder of its own. It refuses to run as root, so there it runs as its own user. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findBinary, needBinary } from './packages.ts';
import { freePort } from './ports.ts';
import { until } from './until.ts';

/** A running server. */
export interface Postgres {
  readonly port: number;
  /** `postgres://…` of a new, empty database. */
  create(): string;
  /** Runs SQL in a database as its administrator; the rows, with `|` between columns. */
  run(url: string, sql: string): string;
  /** SIGKILL to all of it. */
  kill(): Promise<void>;
  /** Starts it again, with its data. */
  start(): Promise<void>;
  /** SIGSTOP: connections stay open, without answers. */
  pause(): void;
  resume(): void;
  /** Stops it and removes its folder. */
  stop(): Promise<void>;
}

const USER = 'doorward';
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a server that does not wait for the disk: what it has acknowledged survives a killed process. */
export async function startPostgres(): Promise<Postgres> {
  // Debian's other programs lie beside it; a link to it may be elsewhere.
  const server = realpathSync(needBinary('postgres'));
  const tool = (name: string): string => join(dirname(server), name);
  const owner = ownerOf();
  const folder = mkdtempSync(join(tmpdir(), 'doorward-postgres-'));
  chmodSync(folder, 0o700);
  if (owner !== null) chownSync(folder, owner, owner);
  const data = join(folder, 'data');
  const as = owner === null ? {} : { uid: owner, gid: owner };
  const port = await freePort();
  execFileSync(
    tool('initdb'),
    ['-D', data, '-U', USER, '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale', 'C.UTF-8'],
    { ...as, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const psql = (name: string, sql: string): string =>
    execFileSync(
      tool('psql'),
      ['-h', '127.0.0.1', '-p', String(port), '-U', USER, '-d', name, '-qtAX', '-c', sql],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    ).trim();
  let child: ChildProcess | null = null;
  let made = 0;

  async function start(): Promise<void> {
    const settings = ['fsync=off', 'max_connections=200', 'shared_buffers=32MB', 'jit=off'];
    const started = spawn(
      server,
      ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder].concat(
        settings.flatMap((setting) => ['-c', setting]),
      ),
      { ...as, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let output = '';
    started.stderr?.on('data', (chunk: Buffer) => void (output += chunk.toString()));
    child = started;
    running.add(started);
    started.once('exit', () => running.delete(started));
    await until(`postgres on ${port}`, () => {
      if (started.exitCode !== null) throw new Error(`postgres ended at start:\n${output}`);
      try {
        return psql('postgres', 'SELECT 1') === '1';
      } catch {
        // Named fallback: it does not accept connections yet.
        return false;
      }
    });
  }
  /** To the server first, which starts no more processes then, and to those of its connections. */
  function signal(name: NodeJS.Signals): readonly number[] {
    const pid = child?.pid;
    if (pid === undefined) return [];
    const all = [pid, ...childrenOf(pid)];
    for (const each of all) {
      try {
        process.kill(each, name);
      } catch {
        // Named fallback: it has ended meanwhile.
      }
    }
    return all;
  }
  async function kill(): Promise<void> {
    const ending = child;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = once(ending, 'exit');
    // Its processes would end by themselves, but hold its memory until then.
    const all = signal('SIGKILL');
    await ended;
    await until('all of postgres has ended', () => all.every((pid) => statOf(pid) === null));
    child = null;
  }
  await start();
  return {
    port,
    create() {
      const name = `test_${(made += 1)}`;
      psql('postgres', `CREATE DATABASE ${name}`);
      return `postgres://${USER}@127.0.0.1:${port}/${name}`;
    },
    run: (url, sql) => psql(new URL(url).pathname.slice(1), sql),
    kill,
    start,
    pause: () => void signal('SIGSTOP'),
    resume: () => void signal('SIGCONT'),
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The user that the server runs as; null: this one. */
function ownerOf(): number | null {
  if (process.getuid?.() !== 0) return null;
  const id = findBinary('id');
  if (id === null) throw new Error('id is not on PATH');
  return Number(execFileSync(id, ['-u', 'postgres'], { encoding: 'utf8' }));
}

/** The processes that a process has started, in the order of their ids. */
function childrenOf(pid: number): readonly number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.filter((name) => statOf(name)?.parent === pid).map(Number);
}

/** State and parent of a process; null if it has ended. */
function statOf(pid: string | number): { readonly parent: number } | null {
  try {
    // The name of the program, in parentheses, may contain anything.
    const [state = '', parent = ''] =
      readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return state === 'Z' ? null : { parent: Number(parent) };
  } catch {
    // Named fallback: there is no such process any longer.
    return null;
  }
}
