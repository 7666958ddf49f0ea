/**
 * Real programs on their way to real apps: through the gateway itself, or through the nginx that
 * `generate` configured. They resolve the hosts of the apps as they resolve all names.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { startWorld, type World } from '../hostile/fixture.ts';
import { behindNginx, isAway, type Mode, ownProxy } from '../hostile/modes.ts';
import { isLeftOut } from '../support/packages.ts';

/** Registers the tests of programs, which need these parts, once for each way. */
export function onEachWay(
  programs: string,
  parts: readonly string[],
  register: (mode: Mode) => void,
): void {
  for (const mode of [ownProxy, behindNginx]) {
    const isSkipped = isAway(mode) || parts.some(isLeftOut);
    describe.skipIf(isSkipped)(`${programs} through ${mode.name}`, () => {
      register(mode);
    });
  }
}

/** What a program was given besides its arguments. */
interface RunOptions {
  readonly cwd?: string;
  /** Added to an environment that has only PATH, HOME and LANG. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How a program ended. */
interface Ended {
  readonly code: number | null;
  /** Both of its output streams, as they were written. */
  readonly output: string;
}

/** A gateway with an app, and programs in front. */
export interface Door {
  readonly world: World;
  /** An empty folder for files of the test; any user can write to it. */
  readonly dir: string;
  /** `http://NAME.gw.test:PORT` */
  readonly url: (name: string) => string;
  /** `Cookie: …` of a live session. */
  readonly cookieLine: (user: string) => Promise<string>;
  /** Runs a program to its end. */
  readonly run: (command: string, args: readonly string[], options?: RunOptions) => Promise<Ended>;
  /** Runs a program that must succeed, and returns its output. */
  readonly succeed: (...program: Parameters<Door['run']>) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Opens one with these routes, one list item of YAML each, for hosts below `gw.test`. */
export async function openDoor(mode: Mode, routes: readonly string[]): Promise<Door> {
  const world = await startWorld({
    trusted: mode.front !== null,
    ...(mode.front === null ? {} : { front: mode.front }),
    routes: () => routes,
  });
  const dir = openFolder();
  const hosts = join(dir, 'hosts');
  const names = routes.flatMap((route) => /\bhost: ([a-z.]+)/.exec(route)?.[1] ?? []);
  writeFileSync(hosts, `127.0.0.1 localhost ${names.join(' ')}\n`);
  mkdirSync(join(dir, 'home'));
  const run: Door['run'] = (command, args, { cwd = dir, env = {} } = {}) =>
    ended(hosts, [command, ...args], { cwd, env: { HOME: join(dir, 'home'), ...env } });
  return {
    world,
    dir,
    url: (name) => `http://${name}.gw.test:${world.port}`,
    cookieLine: async (user) => `Cookie: ${await world.cookieOf(user)}`,
    run,
    async succeed(command, args, options) {
      const { code, output } = await run(command, args, options);
      if (code !== 0)
        throw new Error(`${[command, ...args].join(' ')} ended with ${code}:\n${output}`);
      return output;
    },
    async close() {
      await world.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A folder that programs of other users can use as well. */
export function openFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'doorward-clients-'));
  chmodSync(dir, 0o777);
  return dir;
}

/** Runs words in a mount namespace of their own, so that only they see this file of hosts. */
function ended(
  hosts: string,
  words: readonly string[],
  { cwd, env }: Required<RunOptions>,
): Promise<Ended> {
  const namespace = process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user'];
  const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
  return new Promise((resolve, reject) => {
    const child = spawn('unshare', [...namespace, 'sh', '-c', script, hosts, ...words], {
      cwd,
      env: { PATH: process.env.PATH, LANG: 'C.UTF-8', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
