/** Programs that tests start and end: their output is recorded, and none outlives its test. */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { until } from './until.ts';

/** A running program. */
export interface Program {
  /** Its output so far, both streams. */
  readonly output: () => string;
  /** Ends it (SIGTERM by default) and waits until it is gone. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

/** How a program is started. */
export interface ProgramOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it is ready, polled repeatedly. */
  readonly isReady: (output: string) => boolean | Promise<boolean>;
}

/** Starts a program and waits until it is ready. Throws with its output if it exits before. */
export async function startProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<Program> {
  let output = '';
  let ended = '';
  const child = spawn(command, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      ended = error.message;
      resolve();
    });
    child.on('exit', (code, signal) => {
      ended = `ended with ${code ?? signal}`;
      resolve();
    });
  });
  const keep = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const stop: Program['stop'] = (signal = 'SIGTERM') => {
    child.kill(signal);
    return gone;
  };
  try {
    await until(`${command} is ready`, () => {
      if (ended !== '') throw new Error(`${command} ${ended} at start:\n${output}`);
      return options.isReady(output);
    });
  } catch (caught) {
    await stop('SIGKILL');
    throw caught;
  }
  return { output: () => output, stop };
}

/** Whether a port of 127.0.0.1 accepts connections. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
