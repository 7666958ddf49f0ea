/** A real HAProxy on a folder with a `doorward.cfg`, and the script that the file loads. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeScript } from '../../src/dialects/haproxy/script.ts';
import { needBinary } from './packages.ts';
import { isListening, type Program, startProgram } from './program.ts';

/** Starts it and waits until it listens on `port`. */
export function startHaproxy(dir: string, port: number): Promise<Program> {
  const file = join(dir, 'doorward.cfg');
  const script = join(dir, 'doorward.lua');
  writeFileSync(script, writeScript({ file }));
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('/etc/haproxy/doorward.lua', script));
  return startProgram(needBinary('haproxy'), ['-db', '-f', file], {
    isReady: () => isListening(port),
  });
}
