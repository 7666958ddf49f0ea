/** Commands of the CLI: in this process, as most tests want, or in a separate process. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { run } from '../../src/cli/program.ts';
import { createTerminal } from '../../src/cli/shell/terminal.ts';
import type { Passwords } from '../../src/core/people/password.ts';
import { createPasswords } from '../../src/passwords/passwords.ts';
import { createCommandContext } from '../../src/run/command-context.ts';
import { STARTING } from '../../src/run/slow-start.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** What a command printed, and its exit code. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `full`: at the cost of real passwords. */
export type Hashing = 'quick' | 'full';

/** Arguments of Node that make a gateway hash at this cost. */
export function preloadsFor(hashing: Hashing = 'quick'): readonly string[] {
  return hashing === 'full' ? [] : ['--import', join(import.meta.dirname, 'quick-hashing.ts')];
}

/** Passwords that are hashed at this price, for what runs in this process. */
export function passwordsFor(hashing: Hashing = 'quick'): Passwords {
  return hashing === 'full'
    ? createPasswords()
    : createPasswords({}, () => import('./quick-argon2.ts'));
}

/** How a command is run. */
export interface CommandOptions {
  readonly stdin?: string;
  /** Added to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a command as `main.ts` does, over streams of its own and without a process: starting Node
 * costs ten times as much as the command. `serve` runs until a signal ends its process, so it needs
 * `spawnCommand`.
 */
export async function runCommand(
  args: readonly string[],
  { stdin = '', env = {}, hashing }: CommandOptions & { readonly hashing?: Hashing } = {},
): Promise<Ran> {
  const serve = () => Promise.reject(new Error('serve needs a process of its own'));
  const context = createCommandContext(serve, { ...process.env, ...env }, passwordsFor(hashing));
  const [stdout, stderr] = [collector(), collector()];
  const terminal = createTerminal({ stdin: Readable.from([stdin]), stdout, stderr });
  const code = await run({ ...context, terminal }, args);
  return { code, out: stdout.text(), err: stderr.text() };
}

function collector(): Writable & { readonly text: () => string } {
  let text = '';
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      text += chunk;
      done();
    },
  });
  return Object.assign(stream, { text: () => text });
}

/** Runs a command in a separate process until it exits, as an operator does. */
export function spawnCommand(
  args: readonly string[],
  { stdin = '', env = {} }: CommandOptions = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('error', reject);
    // On a slow machine, `serve` adds a line about its slow start.
    child.on('close', (code) => resolve({ code: code ?? -1, out, err: err.replace(STARTING, '') }));
    child.stdin.on('error', () => {
      // Named fallback: a command that reads no input may close it first.
    });
    child.stdin.end(stdin);
  });
}
