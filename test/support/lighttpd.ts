/**
 * A real lighttpd with a single CGI program that prints its environment: an app that reads header
 * names as CGI does (RFC 3875 §4.1.18), with an underscore for every character that is no letter or
 * digit.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needBinary } from './packages.ts';
import { freePort } from './ports.ts';
import { isListening, startProgram } from './program.ts';

/** A running CGI app; it serves `/env.sh` and `/public/env.sh`. */
export interface CgiApp {
  readonly port: number;
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Starts it and waits until it listens. */
export async function startCgiApp(): Promise<CgiApp> {
  const dir = mkdtempSync(join(tmpdir(), 'doorward-lighttpd-'));
  const port = await freePort();
  const script = "printf 'Content-Type: text/plain\\r\\n\\r\\n'\nenv\n";
  mkdirSync(join(dir, 'www/public'), { recursive: true });
  for (const place of ['', 'public']) writeFileSync(join(dir, 'www', place, 'env.sh'), script);
  writeFileSync(
    join(dir, 'lighttpd.conf'),
    `server.document-root = "${dir}/www"
server.bind = "127.0.0.1"
server.port = ${port}
server.modules = ( "mod_cgi" )
cgi.assign = ( ".sh" => "/bin/sh" )
`,
  );
  const program = await startProgram(
    needBinary('lighttpd'),
    ['-D', '-f', join(dir, 'lighttpd.conf')],
    { isReady: () => isListening(port) },
  );
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async close() {
      await program.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Variables of a printed environment, by name. */
export function variablesOf(body: string): Readonly<Record<string, string>> {
  const pairs = body.split(/\r?\n/).flatMap((line) => {
    const equals = line.indexOf('=');
    return equals < 0 ? [] : [[line.slice(0, equals), line.slice(equals + 1)] as const];
  });
  return Object.fromEntries(pairs);
}
