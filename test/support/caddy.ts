/** A real Caddy on a folder with a `Caddyfile`; it stores everything in that folder. */
import { join } from 'node:path';
import { needBinary } from './packages.ts';
import { isListening, type Program, startProgram } from './program.ts';

/** Starts it and waits until it listens on `port`. */
export function startCaddy(dir: string, port: number): Promise<Program> {
  return startProgram(needBinary('caddy'), ['run', '--config', join(dir, 'Caddyfile')], {
    env: { HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir },
    isReady: () => isListening(port),
  });
}
