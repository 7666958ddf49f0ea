/** `doorward serve`, in the process of the test as most tests want it, or in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { serve } from '../../src/run/serve.ts';
import { type Hashing, passwordsFor, preloadsFor } from './command.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** How `serve` is run. */
export interface ServingOptions {
  readonly file: string;
  /** Added to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Quick unless a test is about the price of passwords. */
  readonly hashing?: Hashing | undefined;
}

/** A run of `serve`. */
export interface Serving {
  /** All it has written so far. */
  readonly output: () => string;
  readonly isOver: () => boolean;
  /** Sends a signal and returns at once. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** Resolves when the run is over. */
  readonly ended: Promise<unknown>;
}

/** Runs in this process. Only SIGTERM, SIGINT and SIGHUP reach it. */
export function serveHere({ file, env = {}, hashing }: ServingOptions): Serving {
  let output = '';
  let isOver = false;
  const write = (text: string): void => void (output += text);
  const signals = new EventEmitter();
  const ended = serve({ file, flags: {} }, () => undefined, {
    env: { ...process.env, ...env },
    stdout: { isTTY: false, write },
    stderr: { write },
    signals,
    log: { write, flush: () => undefined, drain: () => Promise.resolve() },
    passwords: passwordsFor(hashing),
  })
    .catch((caught: unknown) => write(String(caught)))
    .finally(() => {
      isOver = true;
    });
  return {
    output: () => output,
    isOver: () => isOver,
    signal: (name) => void signals.emit(name),
    ended,
  };
}

/** A run in a process of its own. */
export interface SpawnedServing extends Serving {
  readonly process: ChildProcess;
}

/** Runs in a process of its own. */
export function spawnServing({ file, env = {}, hashing }: ServingOptions): SpawnedServing {
  let output = '';
  const child = spawn(process.execPath, [...preloadsFor(hashing), MAIN, 'serve', '-c', file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return {
    process: child,
    output: () => output,
    isOver: () => child.exitCode !== null || child.signalCode !== null,
    signal: (name) => void child.kill(name),
    ended: new Promise((resolve) => child.once('exit', resolve)),
  };
}
