/**
 * What a gateway uses of its process. Tests pass a host of their own, so that gateways can run beside each
 * other in one process.
 */
import type { EventEmitter } from 'node:events';
import type { LoadInput } from '../config/load.ts';
import type { Passwords } from '../core/people/password.ts';
import { createPasswords } from '../passwords/passwords.ts';
import { type LogDestination, openLogDestination } from '../sinks/log/destination.ts';

export interface Host {
  readonly env: LoadInput['env'];
  /** Takes the greeting. */
  readonly stdout: { readonly isTTY: boolean; write(text: string): void };
  /** Takes the faults of a configuration. */
  readonly stderr: { write(text: string): void };
  /** Emits SIGHUP, SIGTERM and SIGINT. */
  readonly signals: EventEmitter;
  readonly log: LogDestination;
  readonly passwords: Passwords;
}

/** The process itself; log lines go to standard output. */
export function processHost(): Host {
  const { env, stdout, stderr } = process;
  const passwords = createPasswords();
  return { env, stdout, stderr, signals: process, log: openLogDestination(1), passwords };
}
