/** Starts what is measured: scripts of this folder, nginx, each as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/ports.ts';

/** A process that listens. */
export interface Running {
  readonly pid: number;
  readonly port: number;
  readonly stop: () => void;
}

/** Starts a script of this folder with its port as first argument. */
export async function startScript(name: string, ...args: string[]): Promise<Running> {
  const port = await freePort();
  const script = join(import.meta.dirname, name);
  const child = spawn(process.execPath, [script, String(port), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return up(child, port);
}

/** Starts an nginx of one worker with the given `location /` body. */
export async function startNginx(binary: string, location: string): Promise<Running> {
  const dir = mkdtempSync(join(tmpdir(), 'doorward-bench-'));
  const port = await freePort();
  const file = join(dir, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; master_process off; worker_processes 1; pid ${dir}/pid; error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path ${dir}; proxy_temp_path ${dir}; fastcgi_temp_path ${dir}; uwsgi_temp_path ${dir}; scgi_temp_path ${dir};
  server { listen 127.0.0.1:${port}; location / { ${location} } }
}`,
  );
  return up(
    spawn(binary, ['-c', file, '-p', dir], { stdio: ['ignore', 'ignore', 'inherit'] }),
    port,
  );
}

async function up(child: ChildProcess, port: number): Promise<Running> {
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error('a server of the bench ended at start');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { pid: child.pid as number, port, stop: () => child.kill('SIGKILL') };
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
