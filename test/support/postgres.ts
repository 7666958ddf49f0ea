/** A real Postgres on a port and folder of its own. It refuses to run as root, so there it runs as its own user. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
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
  /** Keeps a copy of its present state. */
  backUp(): Promise<void>;
  /** SIGKILL, then a start with the last copy in place of its data. */
  restore(): Promise<void>;
  /** Stops it and removes its folder. */
  stop(): Promise<void>;
}

/** How a server is started. */
export interface PostgresOptions {
  /** Files in its data folder, readable by it alone. */
  readonly files?: Readonly<Record<string, string>>;
  /** Settings such as `ssl=on`. */
  readonly settings?: readonly string[];
  /** It replicates this one, and can be read only. */
  readonly replicaOf?: Pick<Postgres, 'port'>;
}

const execFileAsync = promisify(execFile);
const USER = 'doorward';
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a server that does not wait for the disk: what it has acknowledged survives a killed process. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
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
  const execute = (name: string, args: readonly string[]) =>
    execFileAsync(tool(name), args, { ...as, cwd: folder });
  /** A copy of a running server's data. */
  const copyTo = (target: string, from: number, ...more: readonly string[]) => {
    const source = ['-h', '127.0.0.1', '-p', String(from), '-U', USER];
    const args = ['-D', target, '--checkpoint', 'fast', '--no-sync', ...more];
    return execute('pg_basebackup', source.concat(args));
  };
  if (options.replicaOf !== undefined) await copyTo(data, options.replicaOf.port, '-R');
  else {
    const encoding = ['-E', 'UTF8', '--locale', 'C.UTF-8'];
    await execute('initdb', ['-D', data, '-U', USER, '-A', 'trust', '--no-sync', ...encoding]);
  }
  for (const [name, text] of Object.entries(options.files ?? {})) {
    writeFileSync(join(data, name), text, { mode: 0o600 });
    if (owner !== null) chownSync(join(data, name), owner, owner);
  }
  const psql = (name: string, sql: string): string =>
    execFileSync(
      tool('psql'),
      ['-h', '127.0.0.1', '-p', String(port), '-U', USER, '-d', name, '-qtAX', '-c', sql],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    ).trim();
  let child: ChildProcess | null = null;
  let made = 0;

  async function start(): Promise<void> {
    const settings = ['fsync=off', 'max_connections=200', 'shared_buffers=32MB', 'jit=off'].concat(
      options.settings ?? [],
    );
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
    async backUp() {
      rmSync(join(folder, 'copy'), { recursive: true, force: true });
      await copyTo(join(folder, 'copy'), port);
    },
    async restore() {
      await kill();
      rmSync(data, { recursive: true });
      execFileSync('cp', ['-a', join(folder, 'copy'), data], { ...as, cwd: folder });
      await start();
    },
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
