/**
 * Two gateways on one Redis and one Postgres behind a real nginx, which asks them (`auth_request`) about
 * one app and forwards all of the other.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from './client.ts';
import { type Gateway, type GatewayOptions, PASSWORD } from './gateway.ts';
import { startNginx } from './nginx.ts';
import { freePort } from './ports.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { type RedisServer, startRedis } from './redis.ts';
import { startWebApp } from './web-app.ts';

/** All of it, running. */
export interface TwoGateways {
  readonly a: Gateway;
  readonly b: Gateway;
  readonly redis: RedisServer;
  readonly postgres: Postgres;
  /** Adds users to the group staff; `client` is signed in, by whichever gateway nginx chose. */
  readonly add: (...names: readonly string[]) => Promise<void>;
  readonly signIn: (name: string) => Promise<Client>;
  /**
   * Status of the app that is for staff, after nginx has asked this gateway, or any without one. `from`:
   * address of the client, in 127.0.0.0/8.
   */
  readonly ask: (
    headers: Readonly<Record<string, string>>,
    at?: Gateway,
    from?: string,
  ) => Promise<number>;
  readonly stop: () => Promise<void>;
}

const SECRET = 'Zq3vT8wXyB1nK5mR7sD9fG2hJ4kL6pQ0aU-eCiOtYxWvNbMz';

/** `files` and `open` lead through the gateways to the app; about `board`, nginx asks them. */
function configOf(app: number, database: string): string {
  const way = `upstream: "http://127.0.0.1:${app}", accepts: [session, bearer]`;
  return `session: { secrets: ["${SECRET}"], cookie_domains: [gw.test] }
trusted_proxies: [127.0.0.1]
database: ${database}
routes:
  - { id: files, host: files.gw.test, ${way} }
  - { id: open, host: open.gw.test, ${way}, paths: [{ path: /**, public: true }] }
  - { id: board, host: board.gw.test, ${way}, policies: [{ type: group, any: [staff] }] }
`;
}

/** Where nginx listens: for both gateways, and to ask one of them while it is there. */
type Ports = Readonly<Record<'any' | 'a' | 'b', number>>;

function nginxConf(ports: Ports, [a, b]: readonly [number, number], app: number): string {
  const upstream = (name: keyof Ports, first: number, second: string): string =>
    `upstream ${name} { server 127.0.0.1:${first} max_fails=0; server ${second} max_fails=0; keepalive 16; }`;
  const asking = (name: keyof Ports): string => `server {
    listen 127.0.0.1:${ports[name]};
    server_name board.gw.test;
    location = /.doorward/check {
      internal;
      proxy_pass http://${name}/.doorward/check/nginx;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header Connection "";
      proxy_set_header X-Original-URL http://$host:${ports.any}$request_uri;
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Forwarded-For $remote_addr;
    }
    location / { auth_request /.doorward/check; proxy_pass http://app; }
  }`;
  return `worker_processes 1;
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
  ${upstream('any', a, `127.0.0.1:${b}`)}
  ${upstream('a', a, `127.0.0.1:${b} backup`)}
  ${upstream('b', b, `127.0.0.1:${a} backup`)}
  upstream app { server 127.0.0.1:${app}; keepalive 16; }
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $remote_addr;
  server { listen 127.0.0.1:${ports.any} default_server; location / { proxy_pass http://any; } }
  ${asking('any')}
  ${asking('a')}
  ${asking('b')}
}
`;
}

/** Starts it. `begin` starts a gateway in this process, or in one of its own. */
export async function startTwoGateways(
  begin: (options: GatewayOptions) => Promise<Gateway>,
): Promise<TwoGateways> {
  const [app, redis, postgres, ...free] = await Promise.all([
    startWebApp('app'),
    startRedis(),
    startPostgres(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  const [any, forA, forB] = free;
  const ports: Ports = { any, a: forA, b: forB };
  const database = postgres.create();
  const options: GatewayOptions = {
    state: redis.url,
    directories: '[{ type: embedded }]',
    publicPort: ports.any,
    config: () => configOf(app.port, database),
  };
  const [a, b] = await Promise.all([begin(options), begin(options)]);
  const dir = mkdtempSync(join(tmpdir(), 'doorward-two-'));
  // An nginx that root started drops its privileges.
  chmodSync(dir, 0o755);
  writeFileSync(join(dir, 'nginx.conf'), nginxConf(ports, [a.port, b.port], app.port));
  const nginx = await startNginx(dir, ports.any);
  const portOf = (gateway: Gateway | undefined): number => {
    if (gateway === undefined) return ports.any;
    return gateway === a ? ports.a : ports.b;
  };
  return {
    a,
    b,
    redis,
    postgres,
    async add(...names) {
      for (const name of names) {
        const added = await a.run(['user', 'add', name, '--group', 'staff'], `${PASSWORD}\n`);
        if (added.code !== 0) throw new Error(added.err);
      }
    },
    async signIn(name) {
      const client = new Client();
      const answer = await client.signIn(`${a.app('files')}/`, name, PASSWORD);
      if (answer.status !== 200) throw new Error(`${name}: ${answer.status}\n${answer.body}`);
      return client;
    },
    async ask(headers, at, from) {
      const answer = await new Client(from).send(`http://board.gw.test:${portOf(at)}/`, {
        headers,
      });
      return answer.status;
    },
    async stop() {
      await nginx.stop();
      await Promise.all([a.remove(), b.remove()]);
      await Promise.all([redis.stop(), postgres.stop(), app.close()]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
