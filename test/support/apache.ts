/** A real Apache on a folder with a `doorward.conf`; it writes only to that folder. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needBinary } from './packages.ts';
import { isListening, type Program, startProgram } from './program.ts';

const MODULES = [
  ['mpm_event', 'authz_core', 'alias', 'headers', 'rewrite', 'proxy', 'proxy_http'],
  ['socache_shmcb', 'ssl', 'http2'],
].flat();

/** Folders of Debian, Alpine and the official image. */
const FOLDERS = ['/usr/lib/apache2/modules', '/usr/local/apache2/modules'];

/** Starts it, with more modules if need be, and waits until it listens on `port`. */
export function startApache(
  dir: string,
  port: number,
  modules: readonly string[] = [],
): Promise<Program> {
  const folder = FOLDERS.find((one) => existsSync(one)) ?? FOLDERS[0];
  const lines = [
    `ServerRoot ${dir}`,
    `DefaultRuntimeDir ${dir}`,
    `PidFile ${join(dir, 'apache.pid')}`,
    'ServerName localhost',
    `ErrorLog ${join(dir, 'error.log')}`,
    'StartServers 1',
    // Seconds until it gives up on a body that does not come.
    'Timeout 10',
    ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
    ...[...MODULES, ...modules].map((name) => `LoadModule ${name}_module ${folder}/mod_${name}.so`),
    `Include ${join(dir, 'doorward.conf')}`,
  ];
  const file = join(dir, 'apache.conf');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return startProgram(needBinary('apache2'), ['-D', 'FOREGROUND', '-f', file], {
    isReady: () => isListening(port),
  });
}
