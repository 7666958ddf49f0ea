/**
 * What one visitor may use of an app, on real sockets: streams, slow uploads, websockets. Also dead
 * kept connections.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ALICE, BOB, type Proxied, type ProxiedOptions, startProxied } from '../support/proxied.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { until } from '../support/until.ts';
import { type AppHandler, startApp, startSockets } from '../support/upstreams.ts';

const running: { close(): Promise<void> }[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const one of running.splice(0).toReversed()) await one.close();
});

async function behind(handler: AppHandler, options: ProxiedOptions = {}) {
  const app = await startApp(handler);
  running.push(app);
  const proxied = await startProxied(app.url, options);
  running.push(proxied);
  return { app, proxied };
}

function head(method: string, path: string, ...more: readonly string[]): string {
  return [`${method} ${path} HTTP/1.1`, 'Host: app.gw.test', ...more, '', ''].join('\r\n');
}

/** A connection that stays open, with what it has received so far. */
function open(proxied: Proxied, bytes: string, localAddress = '127.0.0.1') {
  const socket = connect({ port: proxied.port, host: '127.0.0.1', localAddress });
  let got = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')));
  socket.write(bytes);
  sockets.push(socket);
  return { socket, got: () => got };
}

/** The complete response to one request; waits only for its end. */
function ask(proxied: Proxied, method: string, path: string, ...more: readonly string[]) {
  const bytes = head(method, path, 'Connection: close', ...more);
  return sendRaw(proxied.port, bytes, { quiet: 60_000, longest: 60_000 });
}

const asAlice = `Cookie: ${ALICE}`;
const asBob = `Cookie: ${BOB}`;

/** `/public/events` and `/events` begin and never end; other paths get an immediate response. */
function streaming(streams: Set<ServerResponse>): AppHandler {
  return (request, response) => {
    if (request.url?.endsWith('/events') !== true) {
      response.end('at once');
      return;
    }
    streams.add(response);
    response.once('close', () => streams.delete(response));
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: 1\n\n');
  };
}

describe('event streams', () => {
  it('UP-128: of an anonymous visitor leave all slots to others, and have a limit of their own', async () => {
    const streams = new Set<ServerResponse>();
    const { proxied } = await behind(streaming(streams));
    for (let i = 0; i < 128; i += 1) {
      const one = open(proxied, head('GET', '/public/events'));
      await until('the stream has begun', () => one.got().includes('data: 1'));
    }
    expect(streams.size).toBe(128);
    expect(await ask(proxied, 'GET', '/other', asAlice)).toMatch(/ 200 OK[^]*at once/);
    const more = await ask(proxied, 'GET', '/public/events');
    expect(statuses(more)).toEqual([503]);
    expect(more).toMatch(/^Retry-After: 5\r$/im);
    expect(more).toContain('upstream/share');
    expect(streams.size).toBe(128);
    expect(proxied.events).toContainEqual(
      expect.objectContaining({ type: 'upstream', status: 503, fault: 'upstream/share' }),
    );
    const elsewhere = open(proxied, head('GET', '/public/events'), '127.0.0.2');
    await until('another address is served', () => elsewhere.got().includes('data: 1'));
    sockets[0]?.destroy();
    await until('its stream is over', () => streams.size === 128);
    expect(await ask(proxied, 'GET', '/public/x')).toMatch(/ 200 OK/);
  });

  it('UP-128: that have begun do not count against new requests, even with few connections', async () => {
    const streams = new Set<ServerResponse>();
    const { proxied } = await behind(streaming(streams), { limits: { connections: 1 } });
    for (let i = 0; i < 40; i += 1) {
      const one = open(proxied, head('GET', '/events', asAlice));
      await until('the stream has begun', () => one.got().includes('data: 1'));
    }
    expect(await ask(proxied, 'GET', '/a', asAlice)).toMatch(/at once/);
    expect(await ask(proxied, 'GET', '/b', asBob)).toMatch(/at once/);
  });

  it('UP-128: requests beyond the slots wait for their turn and are served', async () => {
    let most = 0;
    let now = 0;
    const { proxied } = await behind(
      (_request, response) => {
        now += 1;
        most = Math.max(most, now);
        setImmediate(() => {
          now -= 1;
          response.end('done');
        });
      },
      { limits: { connections: 16 } },
    );
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => ask(proxied, 'GET', '/x', asAlice)),
    );
    expect(answers.flatMap(statuses)).toEqual(Array.from({ length: 16 }, () => 200));
    // An eighth of sixteen.
    expect(most).toBeLessThanOrEqual(2);
  });
});

describe('slow uploads', () => {
  const post = head('POST', '/public/up', 'Content-Length: 100');

  it('of one anonymous address use one slot, and its other requests are served', async () => {
    const { app, proxied } = await behind(
      (request, response) => void request.on('end', () => response.end('whole')),
      { limits: { connections: 64 } },
    );
    const slow = Array.from({ length: 10 }, () => open(proxied, `${post}drip`));
    await until('one is under way', () => app.seen.length === 1);
    expect(await ask(proxied, 'GET', '/public/x')).toMatch(/whole/);
    expect(await ask(proxied, 'GET', '/x', asAlice)).toMatch(/whole/);
    const upload = await ask(proxied, 'POST', '/x', asAlice, 'Content-Length: 0');
    expect(statuses(upload)).toEqual([200]);
    expect(app.seen.filter(({ url }) => url === '/public/up')).toHaveLength(1);
    for (const { socket } of slow) socket.write('x'.repeat(96));
    await until('all are answered', () => slow.every(({ got }) => got().includes('whole')));
  });

  it('of all anonymous addresses together use an eighth of the slots', async () => {
    const { app, proxied } = await behind(
      (request, response) => void request.on('end', () => response.end('whole')),
      { limits: { connections: 64 } },
    );
    const slow = Array.from({ length: 12 }, (_, i) =>
      open(proxied, `${post}drip`, `127.0.1.${i + 1}`),
    );
    await until('eight are under way', () => app.seen.length === 8);
    expect(await ask(proxied, 'GET', '/x', asBob)).toMatch(/whole/);
    expect(app.seen).toHaveLength(9);
    for (const { socket } of slow) socket.end();
    await until('they are let go', () => app.connections().open <= 1);
  });
});

it('a request that waits too long for its turn gets 503, not the 504 of a slow app', async () => {
  const { app, proxied } = await behind(() => undefined, {
    limits: { connections: 1 },
    timeout: 2_000,
  });
  const upload = open(proxied, head('POST', '/up', asAlice, 'Content-Length: 100000'));
  const drip = setInterval(() => upload.socket.write('x'), 20);
  try {
    await until('the place is taken', () => app.seen.length === 1);
    const answer = await ask(proxied, 'GET', '/x', asBob);
    expect(statuses(answer)).toEqual([503]);
    expect(answer).toContain('upstream/busy');
    expect(app.seen).toHaveLength(1);
  } finally {
    clearInterval(drip);
  }
});

describe('anonymous websockets', () => {
  function dial(proxied: Proxied, path: string, localAddress: string, headers = {}): WebSocket {
    const socket = new WebSocket(`ws://127.0.0.1:${proxied.port}${path}`, {
      headers: { Host: 'app.gw.test', ...headers },
      localAddress,
    });
    socket.on('error', () => undefined);
    return socket;
  }

  it('UP-128: of one address are limited; others and signed-in visitors open theirs', async () => {
    const app = await startSockets();
    running.push(app);
    const proxied = await startProxied(app.url);
    running.push(proxied);
    const mine = Array.from({ length: 64 }, () => dial(proxied, '/public/ws', '127.0.0.1'));
    await Promise.all(mine.map((socket) => once(socket, 'open')));
    const refused = dial(proxied, '/public/ws', '127.0.0.1');
    const [, response] = (await once(refused, 'unexpected-response')) as [
      unknown,
      NodeJS.ReadableStream & { statusCode: number; headers: Record<string, string> },
    ];
    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('5');
    let body = '';
    for await (const chunk of response) body += String(chunk);
    expect(body).toContain('upgrade/share');
    const others = [
      dial(proxied, '/public/ws', '127.0.0.2'),
      dial(proxied, '/ws', '127.0.0.1', { Cookie: ALICE }),
    ];
    await Promise.all(others.map((socket) => once(socket, 'open')));
    mine[0]?.terminate();
    await until('its place is free', () => proxied.live.count === 65);
    const again = dial(proxied, '/public/ws', '127.0.0.1');
    await once(again, 'open');
    for (const socket of [...mine, ...others, again]) socket.terminate();
    await until('all are gone', () => proxied.live.count === 0);
  });
});

describe('kept connections that are dead', () => {
  /**
   * An app with kept connections; after `restart`, each old one is reset by the next request on it.
   */
  async function restarted(kept: number) {
    let old: Set<Socket> | null = null;
    const all = new Set<Socket>();
    let resets = 0;
    const held: ServerResponse[] = [];
    const { app, proxied } = await behind((request, response) => {
      all.add(request.socket);
      if (old?.has(request.socket) === true) {
        resets += 1;
        request.socket.resetAndDestroy();
      } else if (old === null) {
        held.push(response);
        if (held.length === kept) for (const one of held) one.end('before');
      } else response.end('after');
    });
    const before = Array.from({ length: kept }, () => ask(proxied, 'GET', '/x', asAlice));
    expect((await Promise.all(before)).flatMap(statuses)).toEqual(held.map(() => 200));
    expect(app.connections().open).toBe(kept);
    return { app, proxied, resets: () => resets, restart: () => (old = new Set(all)) };
  }

  it('cause a safe request to be sent again, finally on a new connection', async () => {
    const { app, proxied, resets, restart } = await restarted(6);
    restart();
    expect(await ask(proxied, 'GET', '/y', asAlice)).toMatch(/ 200 OK[^]*after/);
    expect(resets()).toBe(2);
    expect(await ask(proxied, 'HEAD', '/y', asAlice)).toMatch(/ 200 OK/);
    expect(app.connections().made).toBeGreaterThan(6);
  });

  it.each(['POST', 'DELETE'])(
    'do not cause a %s, which could act twice, to be sent again',
    async (method) => {
      const { proxied, resets, restart } = await restarted(3);
      restart();
      expect(statuses(await ask(proxied, method, '/y', asAlice))).toEqual([502]);
      expect(resets()).toBe(1);
    },
  );

  it('are not used for any method if the app has closed them properly', async () => {
    const kept: Socket[] = [];
    const { app, proxied } = await behind((request, response) => {
      kept.push(request.socket);
      request.on('end', () => response.end('fine'));
    });
    await Promise.all(Array.from({ length: 4 }, () => ask(proxied, 'GET', '/x', asAlice)));
    for (const method of ['POST', 'GET', 'PUT']) {
      for (const socket of kept.splice(0)) socket.end();
      await until('they are closed', () => app.connections().open === 0);
      const answer = await ask(proxied, method, '/y', asAlice, 'Content-Length: 0');
      expect(answer, method).toMatch(/ 200 OK[^]*fine/);
    }
  });
});
