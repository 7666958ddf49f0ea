/**
 * The world the probes were written for: hosts app, admin and auth under gw.test; alice (no
 * groups), bob (admins); `/public/**` open, `/admin/**` for admins, all else signed in; an upstream
 * that counts what reaches it.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Client } from '../support/client.ts';
import { type Gateway, PASSWORD, startGateway } from '../support/gateway.ts';

/** One request as the app behind saw it. */
export interface Seen {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** An app that remembers every request its (lenient) parser makes out of the bytes. */
export interface EchoApp {
  readonly origin: string;
  readonly seen: Seen[];
  readonly close: () => Promise<void>;
}

/** Starts an app that answers everything with what it saw, under a mark no other answer bears. */
export async function startEcho(mark: string): Promise<EchoApp> {
  const seen: Seen[] = [];
  const server: Server = createServer({ insecureHTTPParser: true }, (request, response) => {
    let body = '';
    request.setEncoding('latin1');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { method = '', url = '', rawHeaders } = request;
      seen.push({ method, target: url, rawHeaders, body });
      if (url.includes('resp-connection')) {
        response.setHeader('Connection', 'Set-Cookie, X-Frame-Options');
        response.setHeader('X-Frame-Options', 'ALLOWALL');
      }
      response.setHeader('X-Upstream', mark);
      response.end(JSON.stringify({ mark, method, url, rawHeaders, body }));
    });
  });
  // What was upgraded is no connection of the server's any more; it is cut by hand at the end.
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (request, socket) => {
    upgraded.add(socket);
    socket.on('close', () => upgraded.delete(socket));
    const { method = '', url = '', rawHeaders } = request;
    seen.push({ method, target: url, rawHeaders, body: '' });
    if (url.includes('ws200')) {
      socket.end('HTTP/1.1 200 OK\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nok');
      return;
    }
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    socket.on('data', () => socket.destroy());
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of upgraded) socket.destroy();
      }),
  };
}

/** The fixture as it runs. */
export interface World {
  readonly gateway: Gateway;
  readonly app: EchoApp;
  readonly admin: EchoApp;
  /** A Cookie pair of a live session. */
  readonly cookieOf: (user: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Starts it, in proxy mode or with the caller trusted as a forward-auth proxy. */
export async function startWorld(options: { trusted: boolean; state?: string }): Promise<World> {
  const app = await startEcho('app');
  const admin = await startEcho('admin');
  const gateway = await startGateway({
    ...(options.state === undefined ? {} : { state: options.state }),
    config: () => `session: { cookie_domains: [gw.test] }
throttle: { free: 1000 }
${options.trusted ? 'trusted_proxies: [127.0.0.1]' : ''}
routes:
  - id: app
    host: app.gw.test
    upstream: ${app.origin}
    paths:
      - { path: /public/**, public: true }
      - { path: /admin/**, policies: [{ type: group, any: [admins] }] }
  - id: admin
    host: admin.gw.test
    upstream: ${admin.origin}
    policies: [{ type: group, any: [admins] }]
${Array.from({ length: 120 }, (_, i) => `  - { id: x${i}, host: x${i}.gw.test, upstream: "${app.origin}" }`).join('\n')}
`,
  });
  const cookies = new Map<string, string>();
  return {
    gateway,
    app,
    admin,
    async cookieOf(user) {
      const known = cookies.get(user);
      if (known !== undefined) return known;
      const client = new Client();
      const landed = await client.signIn(gateway.app('app'), user, PASSWORD);
      const pair = client
        .cookieHeader('app.gw.test')
        .split('; ')
        .find((c) => c.startsWith('doorward='));
      if (pair === undefined)
        throw new Error(`${user} got no session: ${landed.status} ${landed.body}`);
      cookies.set(user, pair);
      return pair;
    },
    async close() {
      await gateway.remove();
      await app.close();
      await admin.close();
    },
  };
}
