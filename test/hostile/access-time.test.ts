/**
 * Time and access: expiring access also ends open connections, neither a step-up nor an open socket
 * extends a session, and setting the clock back makes nothing look recent.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Answer, Client, FETCH } from '../support/client.ts';
import { type Gateway, PASSWORD, spawnGateway } from '../support/gateway.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Twenty minutes before a contractor's access ends. */
const MORNING = Date.UTC(2026, 10, 23, 11, 40);

const FLOWS = {
  login: `title: In
designation: authentication
stages: [{ type: identification }, { type: password }, { type: user_login }]
`,
  logout: 'title: Out\ndesignation: invalidation\nstages: [{ type: user_logout }]\n',
  confirm: `title: Once more
designation: authorization
requires: session
stages: [{ type: password }, { type: user_login }]
`,
};

let app: WebApp;
let other: WebApp;
let gateway: Gateway;
let folder: string;
let now = MORNING;

const upstream = ({ port }: WebApp): string => `"http://127.0.0.1:${port}"`;

const routes = (contract: WebApp): string => `
  - id: contract
    host: contract.gw.test
    upstream: ${upstream(contract)}
    match: any
    policies:
      - { type: group, any: [staff] }
      - { type: user, any: [alice], expires: "2026-11-23T12:00:00Z" }
  - id: old
    host: old.gw.test
    upstream: ${upstream(app)}
    max_age: 3h
  - id: vault
    host: vault.gw.test
    upstream: ${upstream(app)}
    policies: [{ type: method, any: [password], within: 30m, otherwise: confirm }]
    paths: [{ path: /inner/**, factor_age: 5m }]
  - id: any
    host: any.gw.test
    upstream: ${upstream(app)}
`;

beforeAll(async () => {
  app = await startWebApp('app');
  other = await startWebApp('other');
  folder = mkdtempSync(join(tmpdir(), 'doorward-clock-'));
  const clock = join(folder, 'clock');
  writeFileSync(clock, String(now));
  gateway = await spawnGateway({
    flows: FLOWS,
    env: {
      NODE_OPTIONS: `--import=${join(import.meta.dirname, '../support/moved-clock.ts')}`,
      MOVED_CLOCK: clock,
    },
    config: () => `session: { cookie_domains: [gw.test], idle: 1h, lifetime: 4h }
throttle: { free: 1000 }
routes:${routes(app)}`,
  });
});
afterAll(async () => {
  await gateway.remove();
  await Promise.all([app.close(), other.close()]);
  rmSync(folder, { recursive: true });
});

function at(time: number): void {
  now = time;
  writeFileSync(join(folder, 'clock'), String(time));
}

const url = (name: string, path = '/'): string => gateway.app(name) + path;

async function signedIn(name: string): Promise<Client> {
  const client = new Client();
  expect((await client.signIn(url('any'), name, PASSWORD)).status).toBe(200);
  return client;
}

/** What a script receives: a status, and the reason of a refusal. */
async function request(client: Client, name: string, path = '/'): Promise<string> {
  const { status, body } = await client.send(url(name, path), { headers: FETCH });
  const reason = status === 200 ? '' : ` ${(JSON.parse(body) as { reason: string }).reason}`;
  return `${status}${reason}`;
}

/** Steps up on the way to an address. */
async function confirm(client: Client, to: string): Promise<Answer> {
  const page = await client.follow(to);
  expect(new URL(page.url).pathname).toBe('/flow/confirm');
  let end = await client.submitAndFollow(page, { password: PASSWORD });
  // A GET must not begin or end a session, so the page waits for a click.
  if (end.url.includes('/flow/')) end = await client.submitAndFollow(end, {});
  return end;
}

async function openSocket(client: Client, name: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/app/ws`, {
    headers: {
      host: `${name}.gw.test:${gateway.port}`,
      cookie: client.cookieHeader(`${name}.gw.test`),
    },
  });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('close', (code) => reject(new Error(`closed: ${code}`)));
  });
  return socket;
}
const closed = (socket: WebSocket): Promise<number> =>
  new Promise((resolve) => void socket.once('close', (code) => resolve(code)));

/** The socket has sent a message since, and received the reply. */
async function isAlive(socket: WebSocket): Promise<boolean> {
  const answer = new Promise<boolean>((resolve) => {
    socket.once('message', () => resolve(true));
    socket.once('close', () => resolve(false));
  });
  socket.send('still there?');
  return answer;
}

describe('an open websocket', () => {
  it('is closed when the access that opened it expires, and other users’ sockets are not', async () => {
    at(MORNING);
    const alice = await openSocket(await signedIn('alice'), 'contract');
    const carol = await openSocket(await signedIn('carol'), 'contract');
    const ended = closed(alice);
    at(MORNING + 21 * MINUTE);
    expect(await ended).toBe(1008);
    expect(await isAlive(carol)).toBe(true);
    carol.terminate();
  });

  it('is closed when its session is too old for the app', async () => {
    at(MORNING + HOUR);
    const client = await signedIn('alice');
    const ended = closed(await openSocket(client, 'old'));
    for (const minutes of [50, 100, 150]) {
      at(MORNING + HOUR + minutes * MINUTE);
      expect(await request(client, 'old')).toBe('200');
    }
    at(MORNING + 4 * HOUR);
    expect(await ended).toBe(1008);
    expect(await request(client, 'old')).toBe('401 session/too-old');
  });

  it('does not keep its session alive', async () => {
    at(MORNING + 6 * HOUR);
    const client = await signedIn('alice');
    const socket = await openSocket(client, 'any');
    const ended = closed(socket);
    // Evaluated again at each of these times, and in use throughout.
    for (const minutes of [20, 40, 59]) {
      at(MORNING + 6 * HOUR + minutes * MINUTE);
      expect(await isAlive(socket)).toBe(true);
    }
    at(MORNING + 7 * HOUR);
    expect(await ended).toBe(1008);
    expect(await request(client, 'any')).toBe('401 session/none');
  });

  it('is closed when a reload gives its host to another app', async () => {
    at(MORNING + 8 * HOUR);
    const client = await signedIn('carol');
    const moved = closed(await openSocket(client, 'contract'));
    const stays = await openSocket(client, 'any');
    const text = readFileSync(gateway.configFile, 'utf8');
    writeFileSync(gateway.configFile, text.replace(/routes:[^]*$/, `routes:${routes(other)}`));
    expect(await moved).toBe(1008);
    const again = await openSocket(client, 'contract');
    expect(await isAlive(again)).toBe(true);
    expect([other.seen.length, await isAlive(stays)]).toEqual([1, true]);
    again.terminate();
    stays.terminate();
    writeFileSync(gateway.configFile, text);
  });
});

describe('a step-up', () => {
  it('neither makes the sign-in more recent nor extends the session', async () => {
    const begun = MORNING + 24 * HOUR;
    at(begun);
    const client = await signedIn('alice');
    for (const minutes of [50, 100, 150]) {
      at(begun + minutes * MINUTE);
      expect(await request(client, 'vault')).toBe('401 method/too-old');
      expect((await confirm(client, url('vault'))).status).toBe(200);
      expect(await request(client, 'vault')).toBe('200');
    }
    at(begun + 3 * HOUR);
    expect(await request(client, 'vault', '/inner/x')).toBe('401 session/factor-too-old');
    expect(await request(client, 'old')).toBe('401 session/too-old');
    expect((await confirm(client, url('vault', '/?again'))).status).toBe(200);
    expect(await request(client, 'vault', '/inner/x')).toBe('200');
    expect(await request(client, 'old')).toBe('401 session/too-old');
    at(begun + 4 * HOUR - MINUTE);
    expect(await request(client, 'any')).toBe('200');
    at(begun + 4 * HOUR);
    expect(await request(client, 'any')).toBe('401 session/none');
  });
});

describe('a clock that was set back', () => {
  it('makes no proof and no sign-in look recent', async () => {
    const ahead = MORNING + 72 * HOUR;
    at(ahead);
    const client = await signedIn('alice');
    expect(await request(client, 'vault', '/inner/x')).toBe('200');
    // The clocks of two machines may differ by this much.
    at(ahead - MINUTE / 2);
    expect(await request(client, 'vault', '/inner/x')).toBe('200');
    // A session further in the future is invalid, whatever a rule requires.
    at(ahead - 2 * HOUR);
    for (const host of ['vault', 'old', 'any']) {
      expect(await request(client, host), host).toBe('401 session/none');
    }
    expect(await request(client, 'vault', '/inner/x')).toBe('401 session/none');
    // A new sign-in replaces it, under the current clock.
    const again = await client.signIn(url('old'), 'alice', PASSWORD);
    expect([again.status, again.url]).toEqual([200, url('old')]);
    expect(await request(client, 'vault', '/inner/x')).toBe('200');
  });
});
