/** Starts the measured servers: scripts of this folder and nginx, each in a separate process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../support/ports.ts';

/** A listening process. */
export interface Running {
  readonly pid: number;
  readonly port: number;
  readonly stop: () => void;
}

/** Starts a script of this folder with its port as first argument. */
export async function startScript(name: string, ...args: string[]): Promise<Running> {
  const port = await freePort();
  const script = join(import.meta.dirname, name);
  // http-proxy 1.18 calls util._extend; its deprecation warning is expected here.
  const flags = ['--disable-warning=DEP0060'];
  const child = spawn(process.execPath, [...flags, script, String(port), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return up(child, port);
}

/** The configuration of an nginx; `{dir}` in a location is its own folder. */
export interface NginxWords {
  /** Body of `location /`. */
  readonly location: string;
  /** Port of the server called `app` in the location; its connections are kept. */
  readonly app?: number;
  readonly files?: Readonly<Record<string, Buffer>>;
}

/** Starts an nginx of one worker. */
export async function startNginx(binary: string, words: NginxWords): Promise<Running> {
  const dir = mkdtempSync(join(tmpdir(), 'doorward-bench-'));
  const port = await freePort();
  const file = join(dir, 'nginx.conf');
  for (const [name, bytes] of Object.entries(words.files ?? {})) {
    writeFileSync(join(dir, name), bytes);
  }
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const app =
    words.app === undefined
      ? ''
      : `upstream app { server 127.0.0.1:${words.app}; keepalive 64; keepalive_requests 1000000000; }`;
  writeFileSync(
    file,
    `daemon off; master_process off; worker_processes 1; pid ${dir}/pid; error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000; sendfile on;
  ${temp.map((kind) => `${kind}_temp_path ${dir};`).join(' ')}
  ${app}
  server {
    listen 127.0.0.1:${port};
    location / { ${words.location.replaceAll('{dir}', dir)} }
  }
}`,
  );
  const child = spawn(binary, ['-c', file, '-p', dir], { stdio: ['ignore', 'ignore', 'inherit'] });
  const running = await up(child, port);
  return {
    ...running,
    stop() {
      running.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const started = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of started) child.kill('SIGKILL');
});

/** Waits until a child listens; it ends with this process at the latest. */
export async function up(child: ChildProcess, port: number): Promise<Running> {
  started.add(child);
  child.once('exit', () => started.delete(child));
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error('a server of the bench ended at start');
    await delay(20);
  }
  return { pid: child.pid as number, port, stop: () => void child.kill('SIGKILL') };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
