/**
 * `npm start` on a fresh clone: the shipped files, in a folder of its own, on free ports, started
 * without a flag.
 */
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Hashing, preloadsFor } from './command.ts';
import { freePort } from './ports.ts';
import { startProgram } from './program.ts';
import { isReady } from './site.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The contents of the banner. */
interface Banner {
  readonly portal: string;
  /** Demo apps in order. */
  readonly apps: readonly string[];
  /** Passwords by name: those shown, and those in the file that it names. */
  readonly passwords: Readonly<Record<string, string>>;
}

/** A running clone. */
export interface FreshClone {
  readonly dir: string;
  readonly banner: Banner;
  readonly output: () => string;
  readonly close: () => Promise<void>;
}

/** Changes made before the start. */
export interface CloneChanges {
  /** YAML of more routes. */
  readonly routes?: string;
  /** Flow files by name, replacing the shipped ones. */
  readonly flows?: Readonly<Record<string, string>>;
  /** At full cost by default. */
  readonly hashing?: Hashing;
}

/** Copies and starts it; ready when the banner is printed and the readiness check passes. */
export async function startFreshClone(changes: CloneChanges = {}): Promise<FreshClone> {
  const dir = mkdtempSync(join(tmpdir(), 'doorward-clone-'));
  for (const folder of ['config', 'flows']) {
    cpSync(join(ROOT, folder), join(dir, folder), { recursive: true });
  }
  appendFileSync(join(dir, 'config/doorward.yaml'), changes.routes ?? '');
  if (changes.flows !== undefined) {
    appendFileSync(join(dir, 'config/doorward.yaml'), 'flows: ./flows\n');
  }
  for (const [name, text] of Object.entries(changes.flows ?? {})) {
    writeFileSync(join(dir, 'flows', `${name}.yaml`), text);
  }
  const preloads = preloadsFor(changes.hashing ?? 'full');
  return startDemo(dir, [process.execPath, ...preloads, join(ROOT, 'src/main.ts'), 'serve']);
}

/** Starts a command in a folder, which it removes at the end; ready as above. */
export async function startDemo(
  dir: string,
  [command = '', ...args]: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<FreshClone> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const gateway = await startProgram(command, args, {
    cwd: dir,
    env: {
      ...more,
      DOORWARD_PUBLIC_URL: `http://auth.demo.localhost:${port}`,
      DOORWARD_LISTEN: `127.0.0.1:${port}`,
      DOORWARD_ADMIN__LISTEN: `127.0.0.1:${adminPort}`,
    },
    isReady: async (output) => /^ +ann +\//m.test(output) && (await isReady(adminPort)),
  });
  return {
    dir,
    banner: readBanner(gateway.output(), dir),
    output: gateway.output,
    async close() {
      await gateway.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Reads a banner as a user would, including the file it names. */
function readBanner(text: string, dir: string): Banner {
  const urls = (kind: string): string[] =>
    [...text.matchAll(new RegExp(`^ *${kind} +(http://\\S+)`, 'gm'))].map((m) => m[1] ?? '');
  const file = /stored in (\S+) \(0600\)/.exec(text)?.[1] ?? '';
  const people = readFileSync(join(dir, file), 'utf8').matchAll(/^(\w+) \/ ([\w-]+)$/gm);
  return {
    portal: urls('Portal')[0] ?? '',
    apps: urls('Demo app'),
    passwords: Object.fromEntries([...people].map((m) => [m[1], m[2] ?? ''])),
  };
}
