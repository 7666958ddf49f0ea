/**
 * The world the probes were written for: hosts app, admin and auth under gw.test; alice (no groups)
 * and bob (admins); `/public/**` public, `/admin/**` for admins, all other paths for signed-in
 * users; an upstream that counts what reaches it.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Client } from '../support/client.ts';
import { type Destinations, type Front, type RunningFront, startFront } from '../support/fronts.ts';
import { type Gateway, type GatewayOptions, PASSWORD, startGateway } from '../support/gateway.ts';
import { freePort } from '../support/ports.ts';

/** One request as the app received it. */
interface Seen {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** An app that records every request its (lenient) parser reads from the bytes. */
export interface EchoApp {
  readonly origin: string;
  readonly seen: Seen[];
  /** Resolves when the next request begins, even if it never ends. */
  readonly next: () => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** Starts an app that responds with what it received, and a mark that no other response has. */
export async function startEcho(mark: string): Promise<EchoApp> {
  const seen: Seen[] = [];
  const server: Server = createServer(
    { insecureHTTPParser: true, maxHeaderSize: 128 * 1024 },
    (request, response) => {
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
    },
  );
  // The server no longer tracks an upgraded connection, so it is closed explicitly at the end.
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (request, socket) => {
    upgraded.add(socket);
    socket.on('close', () => upgraded.delete(socket));
    socket.on('error', () => socket.destroy());
    const { method = '', url = '', rawHeaders, headers } = request;
    seen.push({ method, target: url, rawHeaders, body: '' });
    if (url.includes('ws200')) {
      socket.end('HTTP/1.1 200 OK\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nok');
      return;
    }
    const accept = acceptOf(headers['sec-websocket-key'] ?? '');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on('data', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    next: () => once(server, 'request'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of upgraded) socket.destroy();
      }),
  };
}

/** RFC 6455 §4.2.2: HAProxy accepts no websocket without it. */
function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/** The running fixture. */
export interface World {
  readonly gateway: Gateway;
  /** Where clients connect: the gateway, or the proxy in front of it. */
  readonly port: number;
  readonly app: EchoApp;
  readonly admin: EchoApp;
  /** The Cookie pair of a live session, the same each time. */
  readonly cookieOf: (user: string) => Promise<string>;
  /** Signs a user in again. */
  readonly signIn: (user: string) => Promise<SignedIn>;
  readonly close: () => Promise<void>;
}

/** Options beyond the defaults. */
export interface WorldOptions extends Omit<GatewayOptions, 'config'> {
  /** Whether this machine is a trusted proxy. */
  readonly trusted: boolean;
  /** A proxy in front, with the configuration that `generate` printed; it must be trusted. */
  readonly front?: Front;
  /** The value of `session`, in place of one cookie for all hosts. */
  readonly session?: string;
  /** YAML at the top level, in place of `throttle: { free: 1000 }`. */
  readonly extra?: string;
  /** Defaults to a gateway in this process. */
  readonly start?: (options: GatewayOptions) => Promise<Gateway>;
  /** Ports of further apps, each with a name for recordings. */
  readonly apps?: Readonly<Record<string, number>>;
  /** YAML of further routes, one list item per line. */
  readonly routes?: (app: EchoApp, admin: EchoApp) => readonly string[];
}

/** Starts it, in proxy mode or with the caller trusted as a forward-auth proxy. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const {
    trusted,
    front,
    extra = 'throttle: { free: 1000 }',
    session = '{ cookie_domains: [gw.test] }',
    apps = {},
    routes = () => [],
    start = startGateway,
    ...rest
  } = options;
  const publicPort = front === undefined ? undefined : await freePort();
  const app = await startEcho('app');
  const admin = await startEcho('admin');
  const gateway = await start({
    ...rest,
    ...(publicPort === undefined ? {} : { publicPort }),
    ...(front?.listen === undefined ? {} : { listen: front.listen }),
    config: () => `session: ${session}
${extra}
${trusted ? 'trusted_proxies: [127.0.0.1]' : ''}
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
${[...routes(app, admin), ...(front === undefined ? many(app) : [])].map((line) => `  - ${line}`).join('\n')}
`,
  });
  const portOf = ({ origin }: EchoApp): number => Number(new URL(origin).port);
  const inFront = await startInFront(gateway, front, {
    port: publicPort,
    destinations: {
      ports: { doorward: gateway.port, app: portOf(app), admin: portOf(admin), ...apps },
      grpc: `${gateway.dir}/grpc.sock`,
    },
  });
  const cookies = new Map<string, Promise<SignedIn>>();
  const signIn = (user: string) => signedIn(gateway, user);
  return {
    gateway,
    port: publicPort ?? gateway.port,
    app,
    admin,
    signIn,
    async cookieOf(user) {
      const known = cookies.get(user) ?? signIn(user);
      cookies.set(user, known);
      return (await known).pair;
    },
    async close() {
      await inFront?.stop();
      await gateway.remove();
      await app.close();
      await admin.close();
    },
  };
}

async function startInFront(
  gateway: Gateway,
  front: Front | undefined,
  {
    port,
    destinations,
  }: { readonly port: number | undefined; readonly destinations: Destinations },
): Promise<RunningFront | null> {
  if (front === undefined || port === undefined) return null;
  try {
    const { code, out, err } = await gateway.run(['generate', front.generator]);
    if (code !== 0) throw new Error(`generate ${front.generator}: ${err}`);
    return await startFront(front, { port, text: out, destinations });
  } catch (caught) {
    await gateway.remove();
    throw caught;
  }
}

/** A browser with a session. */
export interface SignedIn {
  readonly client: Client;
  /** The Cookie pair of its session. */
  readonly pair: string;
}

/** Signs a user in at `app` with the usual password. */
export async function signedIn(gateway: Gateway, user: string): Promise<SignedIn> {
  const client = new Client();
  const landed = await client.signIn(gateway.app('app'), user, PASSWORD);
  const pair = ticketOf(client);
  if (pair === null) throw new Error(`${user} got no session: ${landed.status} ${landed.body}`);
  return { client, pair };
}

/** The Cookie pair of a browser's session, or null. */
export function ticketOf(client: Client): string | null {
  const pairs = client.cookieHeader('app.gw.test').split('; ');
  return pairs.find((pair) => pair.startsWith('doorward=')) ?? null;
}

/** Enough host names for a table of them. */
function many(app: EchoApp): string[] {
  return Array.from(
    { length: 120 },
    (_, i) => `{ id: x${i}, host: x${i}.gw.test, upstream: "${app.origin}" }`,
  );
}

/** The complete lines of the log so far, without those that are not JSON (the banner). */
export function logOf(gateway: Gateway): Readonly<Record<string, unknown>>[] {
  return gateway
    .output()
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The value of a metric without labels, from /metrics. */
export async function metric(gateway: Gateway, name: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${gateway.adminPort}/metrics`);
  const line = new RegExp(`^${name} (\\S+)$`, 'm').exec(await answer.text());
  if (line === null) throw new Error(`no metric ${name}`);
  return Number(line[1]);
}
