/** A real Apache as an app, with the modules for CGI and WebDAV. */
import { mkdirSync, rmSync, chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startApache } from '../support/apache.ts';
import { freePort } from '../support/ports.ts';
import { openFolder } from './door.ts';

/** A running one. */
export interface ApacheApp {
  readonly url: string;
  /** Empty at the start; Apache can write to it. */
  readonly files: string;
  readonly close: () => Promise<void>;
}

/** Starts it with these directives for its files. */
export async function startApacheApp(directives: (files: string) => string): Promise<ApacheApp> {
  const dir = openFolder();
  const port = await freePort();
  const files = join(dir, 'files');
  mkdirSync(files);
  chmodSync(files, 0o777);
  const text = `Listen 127.0.0.1:${port}\n${directives(files)}`;
  writeFileSync(join(dir, 'doorward.conf'), text);
  const program = await startApache(dir, port, ['env', 'cgid', 'dav', 'dav_fs', 'dir']);
  return {
    url: `http://127.0.0.1:${port}`,
    files,
    async close() {
      await program.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
