/**
 * What journeys of operators share: a gateway in front of one app, checks by nginx, metrics,
 * websockets, load.
 */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Answer, Client } from './client.ts';
import {
  type Gateway,
  type GatewayOptions,
  PASSWORD,
  type SpawnedGateway,
  spawnGateway,
  startGateway,
} from './gateway.ts';

/** Sealing secret of these gateways. */
const SECRET = '7IxgXkhK6aFX_14132jBILsJtMlLLo1zncqACiXj5PQvDu7Q';

/**
 * `wiki` for every signed-in user, `board` for admins, `open` for all; each leads to the app on
 * that port.
 */
export function routesTo(appPort: number): string {
  const upstream = `upstream: "http://127.0.0.1:${appPort}"`;
  return `session: { secrets: ["${SECRET}"], cookie_domains: [gw.test] }
trusted_proxies: [127.0.0.1]
routes:
  - { id: wiki, host: wiki.gw.test, ${upstream} }
  - { id: board, host: board.gw.test, ${upstream}, policies: [{ type: group, any: [admins] }] }
  - { id: open, host: open.gw.test, ${upstream}, paths: [{ path: /**, public: true }] }
`;
}

/** What `startBefore` and `spawnBefore` may be given. */
type BeforeOptions = Omit<GatewayOptions, 'config'> & { readonly more?: string };

const before = (appPort: number, { more = '', ...options }: BeforeOptions): GatewayOptions => ({
  ...options,
  config: () => routesTo(appPort) + more,
});

/** A gateway with these routes in front of the app on that port. */
export function startBefore(appPort: number, options: BeforeOptions = {}): Promise<Gateway> {
  return startGateway(before(appPort, options));
}

/** The same gateway in a process of its own. */
export function spawnBefore(appPort: number, options: BeforeOptions = {}): Promise<SpawnedGateway> {
  return spawnGateway(before(appPort, options));
}

/** Signs in on the way to the wiki; throws unless the wiki responds. */
export async function signInAt(gateway: Gateway, client: Client, name: string): Promise<void> {
  const answer = await client.signIn(`${gateway.app('wiki')}/`, name, PASSWORD);
  if (answer.status !== 200) {
    throw new Error(`${name} did not come in: ${answer.status} at ${answer.url}\n${answer.body}`);
  }
}

/** The check that nginx would send for an app's front page. */
export function askAsNginx(gateway: Gateway, client: Client, app = 'wiki'): Promise<Answer> {
  const { hostname } = new URL(gateway.app(app));
  return client.send(`http://127.0.0.1:${gateway.port}/.doorward/check/nginx`, {
    bare: true,
    headers: {
      cookie: client.cookieHeader(hostname),
      'x-original-url': `${gateway.app(app)}/`,
      'x-original-method': 'GET',
      'x-forwarded-for': '192.0.2.9',
    },
  });
}

/** Status of a path on the operators' listener. */
export async function adminStatus(gateway: Gateway, path: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${gateway.adminPort}${path}`);
  await answer.arrayBuffer();
  return answer.status;
}

/** A value from /metrics; labels as they are printed, or left out. NaN if it is missing. */
export async function metric(gateway: Gateway, name: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${gateway.adminPort}/metrics`);
  const lines = (await answer.text()).split('\n');
  const values = lines.filter(
    (line) => line.startsWith(name) && /[ {,]/.test(line[name.length] ?? ''),
  );
  return values.reduce(
    (sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))),
    values.length === 0 ? Number.NaN : 0,
  );
}

/** An open websocket to an app, and the code it is closed with. */
export interface Dialled {
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
}

/** Opens one as this client, and receives its echo. */
export async function dialSocket(gateway: Gateway, client: Client, app = 'wiki'): Promise<Dialled> {
  const { host, hostname, origin } = new URL(gateway.app(app));
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/socket`, {
    headers: { host, origin, cookie: client.cookieHeader(hostname) },
  });
  const closed = new Promise<number>((resolve) => {
    socket.on('close', (code) => resolve(code));
  });
  await once(socket, 'open');
  socket.send('hello');
  await once(socket, 'message');
  return { socket, closed };
}

/** The outcome of requests under constant load. */
export interface Load {
  /** Replies by status; `0` counts requests without a reply. */
  readonly counts: () => Readonly<Record<number, number>>;
  /** Ends it after every request in progress has its reply. */
  readonly stop: () => Promise<void>;
}

/**
 * Pause between two requests of a connection, in milliseconds: so little load leaves the machine to
 * the gateway.
 */
const PAUSE = 4;

/** Sends requests continuously over a few kept connections. */
export function startLoad(gateway: Gateway, client: Client, app = 'wiki', lanes = 4): Load {
  const { host, hostname } = new URL(gateway.app(app));
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const headers = { host, cookie: client.cookieHeader(hostname) };
  const counts: Record<number, number> = {};
  const load = { isOver: false };
  const lane = async (): Promise<void> => {
    while (!load.isOver) {
      const status = await ask(agent, gateway.port, headers);
      counts[status] = (counts[status] ?? 0) + 1;
      await delay(PAUSE);
    }
  };
  const running = Array.from({ length: lanes }, lane);
  return {
    counts: () => ({ ...counts }),
    async stop() {
      load.isOver = true;
      await Promise.all(running);
      agent.destroy();
    },
  };
}

/** Longest wait for one reply under load, in milliseconds; a longer one counts as none. */
const PATIENCE = 60_000;

function ask(agent: Agent, port: number, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const asking = request(
      { agent, host: '127.0.0.1', port, path: '/', headers, signal: AbortSignal.timeout(PATIENCE) },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.on('error', () => resolve(0));
      },
    );
    asking.on('error', () => resolve(0));
    asking.end();
  });
}
