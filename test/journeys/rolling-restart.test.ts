/**
 * Two instances behind a real nginx, restarted one after the other while forms are submitted: none
 * is lost.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import type { Gateway } from '../support/gateway.ts';
import { startNginx } from '../support/nginx.ts';
import { signInAt, spawnBefore } from '../support/operations.ts';
import { isLeftOut } from '../support/packages.ts';
import { freePort } from '../support/ports.ts';
import type { Program } from '../support/program.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const DOCS = join(import.meta.dirname, '../../docs/operations.md');
/** The minimum of POSTs of each kind, and how many run at once. */
const POSTS = 2_000;
const LANES = 8;

/** The upstream block of docs/operations.md with the ports of these instances. */
function upstreamBlock(ports: readonly [number, number]): string {
  const block = /^upstream doorward \{$.*?^\}$/ms.exec(readFileSync(DOCS, 'utf8'))?.[0];
  if (block === undefined) throw new Error('docs/operations.md shows no upstream block');
  return block.replace('4747', String(ports[0])).replace('4748', String(ports[1]));
}

/**
 * `wiki` leads through the gateways to the app; `board` is the app itself, and nginx sends checks
 * to the gateways.
 */
function nginxConf(port: number, gateways: readonly [number, number], app: number): string {
  return `worker_processes 2;
error_log stderr warn;
pid nginx.pid;
daemon off;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  ${upstreamBlock(gateways)}
  upstream app { server 127.0.0.1:${app}; keepalive 16; }
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $remote_addr;
  server {
    listen 127.0.0.1:${port} default_server;
    location / { proxy_pass http://doorward; }
  }
  server {
    listen 127.0.0.1:${port};
    server_name board.gw.test;
    location = /.doorward/check {
      internal;
      proxy_pass http://doorward/.doorward/check/nginx;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header Connection "";
      proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Forwarded-For $remote_addr;
    }
    location / {
      auth_request /.doorward/check;
      proxy_pass http://app;
    }
  }
}
`;
}

describe.skipIf(isLeftOut('nginx'))('a rolling restart behind nginx (unless left out)', () => {
  let dir: string;
  let app: WebApp;
  let redis: RedisServer;
  let gateways: readonly [Gateway, Gateway];
  let nginx: Program;
  let port: number;
  const bob = new Client();

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'doorward-rolling-'));
    chmodSync(dir, 0o755);
    [app, redis, port] = await Promise.all([startWebApp('app'), startRedis(), freePort()]);
    const start = () => spawnBefore(app.port, { state: redis.url, publicPort: port });
    gateways = [await start(), await start()];
    const ports = [gateways[0].port, gateways[1].port] as const;
    writeFileSync(join(dir, 'nginx.conf'), nginxConf(port, ports, app.port));
    nginx = await startNginx(dir, port);
    await signInAt(gateways[0], bob, 'bob');
  });
  afterAll(async () => {
    await nginx?.stop();
    await Promise.all([...(gateways ?? []).map((gateway) => gateway.remove()), app?.close()]);
    await redis?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Sends POSTs until the restarts are over, and counts the responses by status. */
  function sendForms(name: 'wiki' | 'board') {
    const { host, hostname } = new URL(gateways[0].app(name));
    const agent = new Agent({ keepAlive: true, maxSockets: LANES });
    const headers = { host, cookie: bob.cookieHeader(hostname), origin: `http://${host}` };
    const counts = new Map<string, number>();
    let sent = 0;
    let answered = 0;
    const load = { isOver: false };
    const lane = async (): Promise<void> => {
      while (sent < POSTS || !load.isOver) {
        sent += 1;
        const came = await post(agent, port, headers, `/form/${sent}`);
        counts.set(came, (counts.get(came) ?? 0) + 1);
        answered += 1;
      }
    };
    const done = Promise.all(Array.from({ length: LANES }, lane)).finally(() => agent.destroy());
    const finish = (): Promise<unknown> => {
      load.isOver = true;
      return done;
    };
    return { counts, answered: () => answered, finish };
  }

  it.each([
    ['through the gateway to the app', 'wiki'],
    ['to the app, after a check by nginx', 'board'],
  ] as const)(
    'loses none of 2,000 POSTs %s',
    async (_, name) => {
      app.seen.length = 0;
      const forms = sendForms(name);
      for (const gateway of gateways) {
        const before = forms.answered();
        await until('forms are under way', () => forms.answered() >= before + 100, 120_000);
        await gateway.stop();
        await gateway.start();
      }
      await forms.finish();
      const { '200': count = 0, ...lost } = Object.fromEntries(forms.counts);
      expect(lost).toEqual({});
      expect(count).toBeGreaterThanOrEqual(POSTS);
      // Each arrived once: none was sent a second time either.
      const urls = app.seen.filter(({ method }) => method === 'POST').map(({ url }) => url);
      expect([urls.length, new Set(urls).size]).toEqual([count, count]);
    },
    240_000,
  );
});

/** The status of one form's response, or the error. */
function post(
  agent: Agent,
  port: number,
  headers: Readonly<Record<string, string>>,
  path: string,
): Promise<string> {
  return new Promise((resolve) => {
    const body = `field=${path}`;
    const asking = request(
      {
        agent,
        host: '127.0.0.1',
        port,
        path,
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': String(body.length),
        },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(String(response.statusCode)));
        response.on('error', (error) => resolve(error.message));
      },
    );
    asking.on('error', (error) => resolve(error.message));
    asking.end(body);
  });
}
