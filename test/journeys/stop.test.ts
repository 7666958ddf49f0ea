/** How a gateway stops, and how it refuses to start. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { Client } from '../support/client.ts';
import { type Ran, runCommand, spawnCommand } from '../support/command.ts';
import type { Gateway } from '../support/gateway.ts';
import { dialSocket, routesTo, signInAt, spawnBefore } from '../support/operations.ts';
import { freePort } from '../support/ports.ts';
import { isListening } from '../support/program.ts';
import { until } from '../support/until.ts';

/**
 * An app that replies to `/slow` when the test permits it, to all else at once, and echoes
 * websockets.
 */
let app: Server;
let appPort: number;
const waiting: ServerResponse[] = [];
let dir: string;

beforeAll(async () => {
  app = createServer((incoming, response) => {
    if (incoming.url === '/slow') waiting.push(response);
    else response.end('at once');
  });
  new WebSocketServer({ server: app }).on('connection', (socket) => {
    socket.on('message', (data) => socket.send(data));
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  appPort = (app.address() as AddressInfo).port;
  dir = mkdtempSync(join(tmpdir(), 'doorward-stop-'));
});
afterAll(() => {
  app?.closeAllConnections();
  app?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A complete request over a connection that would be kept. */
function ask(
  gateway: Gateway,
  client: Client,
  path: string,
): Promise<{ status: number; body: string }> {
  const { host, hostname } = new URL(gateway.app('wiki'));
  const headers = { host, cookie: client.cookieHeader(hostname), connection: 'keep-alive' };
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port: gateway.port, path, headers, agent: false });
    asking.on('error', reject);
    asking.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asking.end();
  });
}

/** A connection that has received a response and waits for its next request. */
async function idleConnection(gateway: Gateway) {
  const socket = connect(gateway.port, '127.0.0.1');
  const { host } = new URL(gateway.app('open'));
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await once(socket, 'data');
  socket.on('error', () => undefined);
  return { closed: once(socket, 'close') };
}

describe('a gateway that receives a stop signal', () => {
  it('finishes requests in progress, accepts no new ones, and exits with 0', async () => {
    const gateway = await spawnBefore(appPort);
    try {
      const carol = new Client();
      await signInAt(gateway, carol, 'carol');
      const idle = await idleConnection(gateway);
      const { closed } = await dialSocket(gateway, carol);
      const slow = ask(gateway, carol, '/slow');
      await until('the app is asked', () => waiting.length === 1);

      const ended = once(gateway.process(), 'exit');
      gateway.process().kill('SIGTERM');
      expect(await closed).toBe(1001);
      await idle.closed;
      const ready = await fetch(`http://127.0.0.1:${gateway.adminPort}/readyz`);
      expect(ready.status).toBe(503);
      expect(await ready.json()).toEqual({ ready: false, problems: ['stopping'] });
      expect(await isListening(gateway.port)).toBe(false);
      expect(gateway.process().exitCode).toBeNull();
      waiting.shift()?.end('at last');
      expect(await slow).toEqual({ status: 200, body: 'at last' });
      expect(await ended).toEqual([0, null]);
      expect(await isListening(gateway.adminPort)).toBe(false);
      expect(gateway.output()).toContain('"stopping"');

      await gateway.start();
      expect((await ask(gateway, carol, '/')).body).toBe('at once');
    } finally {
      await gateway.remove();
    }
  });
});

/** Runs `serve` until it exits. */
function serve(name: string, config: string): Promise<Ran> {
  const file = join(dir, `${name}.yaml`);
  writeFileSync(file, config);
  return spawnCommand(['serve', '-c', file]);
}

/** A configuration with ports and data of its own. */
async function configuration(more: string, listen?: string): Promise<string> {
  const [port, adminPort] = [await freePort(), await freePort()];
  return `public_url: http://auth.gw.test:${port}
listen: ${listen ?? `127.0.0.1:${port}`}
admin: { listen: 127.0.0.1:${adminPort} }
data_dir: ./data-${port}
directories: [{ type: embedded }]
${more}`;
}

const ONE_LINE = /^doorward: [^\n]+\n$/;

describe('a gateway that cannot start reports the reason and exits with 1:', () => {
  it('its port is in use, and the program that has it continues', async () => {
    const gateway = await spawnBefore(appPort);
    try {
      const second = await spawnCommand(['serve', '-c', gateway.configFile]);
      expect(second).toMatchObject({ code: 1, out: '' });
      expect(second.err).toMatch(ONE_LINE);
      expect(second.err).toContain(`127.0.0.1:${gateway.port}`);
      const workers = await spawnCommand(['serve', '-c', gateway.configFile], {
        env: { DOORWARD_WORKERS: '2' },
      });
      expect(workers).toEqual(second);
      const port = await freePort();
      const admin = await spawnCommand(['serve', '-c', gateway.configFile], {
        env: { DOORWARD_LISTEN: `127.0.0.1:${port}`, DOORWARD_WORKERS: '2' },
      });
      expect(admin.code).toBe(1);
      expect(admin.err).toContain(`127.0.0.1:${gateway.adminPort}`);
      expect(await isListening(port)).toBe(false);
      expect((await new Client().open(`${gateway.app('open')}/`)).body).toBe('at once');
    } finally {
      await gateway.remove();
    }
  });

  it('its Unix socket is in use; a stale one does not matter', async () => {
    const path = join(dir, 'gateway.sock');
    const env = { DOORWARD_LISTEN: `unix:${path}` };
    const gateway = await spawnBefore(appPort, { env });
    try {
      const second = await spawnCommand(['serve', '-c', gateway.configFile], { env });
      expect(second).toMatchObject({ code: 1, out: '' });
      expect(second.err).toMatch(ONE_LINE);
      expect(second.err).toContain(path);
      const asking = request({
        socketPath: path,
        headers: { host: new URL(gateway.app('open')).host },
      });
      asking.end();
      const [response] = (await once(asking, 'response')) as [NodeJS.ReadableStream];
      response.resume();
      await gateway.stop('SIGKILL');
      expect(existsSync(path)).toBe(true);
      await gateway.start();
      await gateway.stop();
      writeFileSync(path, 'notes are kept here');
      const third = await spawnCommand(['serve', '-c', gateway.configFile], { env });
      expect(third.err).toMatch(/not a socket/);
      expect(existsSync(path)).toBe(true);
    } finally {
      await gateway.remove();
    }
  });

  it('its configuration is missing or faulty', async () => {
    const missing = await spawnCommand(['serve', '-c', join(dir, 'none.yaml')]);
    expect(missing).toMatchObject({ code: 1, out: '' });
    expect(missing.err).toContain('none.yaml');
    const faulty = await serve('faulty', await configuration('sesion: {}\nroutes: [{ id: a }]\n'));
    expect(faulty).toMatchObject({ code: 1, out: '' });
    expect(faulty.err).toContain('faulty.yaml:6:1 sesion: ');
    expect(faulty.err).toContain('session');
    expect(faulty.err).toContain('faulty.yaml:7:');
  });

  it('its secret is too short, and is not shown', async () => {
    const text = await configuration('session: { secrets: [tooshortbutmine] }\n');
    const short = await serve('short', text);
    expect(short).toMatchObject({ code: 1, out: '' });
    expect(short.err).toMatch(/short\.yaml:6:\d+ session\.secrets\[0\]: .*at least 32/);
    expect(short.err).not.toContain('tooshortbutmine');
  });

  it('its Redis cannot be reached; the password is not shown', async () => {
    const port = await freePort();
    const state = `state: "redis://user:hush-hush@127.0.0.1:${port}/3"\n`;
    const away = await serve('away', (await configuration(state)) + routesTo(appPort));
    expect(away).toMatchObject({ code: 1, out: '' });
    expect(away.err).toMatch(ONE_LINE);
    expect(away.err).toContain(`127.0.0.1:${port}`);
    expect(away.err).not.toContain('hush');
  });

  it('its listener is reachable by others, and it has demo users', async () => {
    const route = 'routes: [{ id: who, host: who.gw.test, upstream: "demo:whoami" }]\n';
    const cookie = 'session: { cookie_domains: [gw.test] }\n';
    const config = await configuration(cookie + route);
    const file = join(dir, 'demo.yaml');
    writeFileSync(file, config);
    // Created as on a first start.
    const made = await spawnCommand(['serve', '-c', file], {
      env: { DOORWARD_LISTEN: 'unix:/none/x' },
    });
    expect(made.code).toBe(1);
    const listed = await runCommand(['user', 'list', '-c', file]);
    expect(listed.out).toContain('admin');
    const open = config.replace(/listen: 127\.0\.0\.1:/, 'listen: 0.0.0.0:').replace(route, '');
    const refused = await serve('open', open);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(ONE_LINE);
    expect(refused.err).toContain('admin is a demo user');
  });
});
