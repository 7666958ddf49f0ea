/** A real nginx on a folder with an `nginx.conf`; it writes only to that folder. */
import { join } from 'node:path';
import { needBinary } from './packages.ts';
import { isListening, type Program, startProgram } from './program.ts';

/** Starts it and waits until it listens on `port`. */
export function startNginx(dir: string, port: number): Promise<Program> {
  return startProgram(needBinary('nginx'), ['-p', dir, '-c', join(dir, 'nginx.conf')], {
    isReady: () => isListening(port),
  });
}
