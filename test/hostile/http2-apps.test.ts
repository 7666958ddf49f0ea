/** Apps behind `h2c://` that break, lie and refuse: what reaches clients, and what is sent again. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { plainUpstream } from '../../src/core/routes/upstream.ts';
import { createUpstreams } from '../../src/gate/upstream/upstreams.ts';
import { fakeEvents } from '../support/fakes.ts';
import {
  END_HEADERS,
  END_STREAM,
  fields,
  FRAME,
  type Frame,
  frame,
  framesIn,
  numbers,
  PREFACE,
} from '../support/frames.ts';
import { ALICE, type Proxied, startProxied } from '../support/proxied.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { until } from '../support/until.ts';
import { startBytes } from '../support/upstreams.ts';

const running: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.close();
});

/** An app of frames. `frames` are all it received, `connections` how many were made. */
interface FrameApp {
  readonly url: string;
  readonly frames: Frame[];
  readonly connections: () => number;
}

/** Answers the head of each request: `nth` counts from 1 over all connections. */
async function startFrames(
  answer: (socket: Socket, stream: number, nth: number) => void,
  settings = Buffer.alloc(0),
): Promise<FrameApp> {
  const sockets = new Set<Socket>();
  const seen: Frame[] = [];
  let made = 0;
  let requests = 0;
  const server = createServer((socket) => {
    made += 1;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.write(frame(FRAME.settings, { payload: settings }));
    let bytes: Buffer = Buffer.alloc(0);
    let hasPreface = false;
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (!hasPreface && bytes.length < PREFACE.length) return;
      if (!hasPreface) bytes = bytes.subarray(PREFACE.length);
      hasPreface = true;
      const { frames, rest } = framesIn(bytes);
      bytes = rest;
      for (const one of frames) {
        seen.push(one);
        if (one.type !== FRAME.headers) continue;
        requests += 1;
        answer(socket, one.stream, requests);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.push({
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
  const { port } = server.address() as AddressInfo;
  return { url: `h2c://127.0.0.1:${port}`, frames: seen, connections: () => made };
}

async function behind(url: string): Promise<Proxied> {
  const proxied = await startProxied(url);
  running.push(proxied);
  return proxied;
}

/** 200 with further fields. */
function head(stream: number, flags: number, ...more: readonly string[]): Buffer {
  const payload = fields(':status', '200', ...more);
  return frame(FRAME.headers, { flags: flags | END_HEADERS, stream, payload });
}

const data = (stream: number, text: string, flags = 0): Buffer =>
  frame(FRAME.data, { flags, stream, payload: Buffer.from(text) });
const reset = (stream: number, code: number): Buffer =>
  frame(FRAME.reset, { stream, payload: numbers(code) });
const whole = (stream: number): Buffer =>
  Buffer.concat([head(stream, 0), data(stream, 'whole', END_STREAM)]);

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly isWhole: boolean;
  readonly trailers: readonly string[];
  readonly headers: readonly string[];
}

function ask(
  { port }: Proxied,
  { method = 'GET', body }: { method?: string; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { Host: 'app.gw.test', Cookie: ALICE };
    const request = httpRequest(
      { host: '127.0.0.1', port, path: '/x', method, headers, agent: false },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('error', () => undefined);
        response.on('close', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: text,
            isWhole: response.complete,
            trailers: response.rawTrailers,
            headers: response.rawHeaders,
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

describe('a response that breaks off', () => {
  it.each<[string, (socket: Socket, stream: number) => void]>([
    ['by a reset', (socket, stream) => socket.write(reset(stream, 2))],
    ['by a cancellation', (socket, stream) => socket.write(reset(stream, 8))],
    ['by the end of the connection', (socket) => socket.end()],
    ['by a reset of the connection', (socket) => socket.resetAndDestroy()],
  ])('%s is broken for the client', async (_, cut) => {
    const app = await startFrames((socket, stream) => {
      socket.write(Buffer.concat([head(stream, 0), data(stream, 'half')]), () =>
        cut(socket, stream),
      );
    });
    const answer = await ask(await behind(app.url));
    expect(answer).toMatchObject({ status: 200, isWhole: false });
  });

  it('by a reset without an error, before the stated length, is broken, too', async () => {
    const app = await startFrames((socket, stream) => {
      const begin = head(stream, 0, 'content-length', '9');
      socket.write(Buffer.concat([begin, data(stream, 'half'), reset(stream, 0)]));
    });
    const answer = await ask(await behind(app.url));
    expect(answer).toMatchObject({ status: 200, isWhole: false });
  });

  it('before its head is a 502, and a body is not sent again', async () => {
    const app = await startFrames((socket, stream) => void socket.write(reset(stream, 2)));
    const proxied = await behind(app.url);
    expect(await ask(proxied, { method: 'POST', body: 'x' })).toMatchObject({ status: 502 });
    expect(await ask(proxied)).toMatchObject({ status: 502 });
    expect(app.frames.filter(({ type }) => type === FRAME.headers)).toHaveLength(2);
  });

  it('after its end is whole', async () => {
    const app = await startFrames((socket, stream) => {
      socket.write(Buffer.concat([whole(stream), reset(stream, 0)]));
    });
    expect(await ask(await behind(app.url))).toMatchObject({ body: 'whole', isWhole: true });
  });
});

describe('a request that the app did not process', () => {
  it('is sent again over a kept connection if it has no body', async () => {
    const app = await startFrames((socket, stream, nth) => {
      socket.write(nth === 2 || nth === 4 ? reset(stream, 7) : whole(stream));
    });
    const proxied = await behind(app.url);
    expect(await ask(proxied)).toMatchObject({ body: 'whole' });
    expect(await ask(proxied, { method: 'DELETE' })).toMatchObject({ body: 'whole' });
    expect(await ask(proxied, { method: 'POST', body: 'x' })).toMatchObject({ status: 502 });
    expect(app.connections()).toBe(1);
  });

  it('goes to a new connection once the app has ended the old one', async () => {
    const app = await startFrames((socket, stream, nth) => {
      const bye = frame(FRAME.goAway, { payload: numbers(nth === 2 ? 1 : stream, 0) });
      socket.write(nth === 1 ? whole(stream) : nth === 2 ? bye : whole(stream));
    });
    const proxied = await behind(app.url);
    expect(await ask(proxied)).toMatchObject({ body: 'whole' });
    expect(await ask(proxied)).toMatchObject({ body: 'whole' });
    expect(app.connections()).toBe(2);
  });
});

describe('an app', () => {
  it('that allows one request at a time gets one on each connection', async () => {
    const one = Buffer.concat([Buffer.from([0, 3]), numbers(1)]);
    const held: (() => void)[] = [];
    const app = await startFrames((socket, stream) => {
      held.push(() => void socket.write(whole(stream)));
      if (held.length === 3) for (const answer of held) answer();
    }, one);
    const proxied = await behind(app.url);
    const answers = await Promise.all([ask(proxied), ask(proxied), ask(proxied)]);
    expect(answers.map(({ body }) => body)).toEqual(['whole', 'whole', 'whole']);
    expect(app.connections()).toBe(3);
  });

  it('that allows no request at all is down', async () => {
    const none = Buffer.concat([Buffer.from([0, 3]), numbers(0)]);
    const app = await startFrames(() => undefined, none);
    expect(await ask(await behind(app.url))).toMatchObject({ status: 502 });
    expect(app.connections()).toBe(1);
  });

  it('that speaks HTTP/1.1 receives nothing of the request, and the log says why', async () => {
    const app = await startBytes((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    running.push(app);
    const proxied = await behind(app.url.replace('http:', 'h2c:'));
    expect(await ask(proxied, { method: 'POST', body: 'secret' })).toMatchObject({ status: 502 });
    expect(app.bytes()).not.toContain('secret');
    expect(proxied.events).toContainEqual(
      expect.objectContaining({
        fault: 'upstream/down',
        cause: expect.objectContaining({ word: 'answer/not-http2' }),
      }),
    );
  });

  it('plants nothing by its fields or trailers', async () => {
    const app = await startFrames((socket, stream) => {
      const planted = ['set-cookie', 'doorward=x', 'x-accel-redirect', '/etc'];
      planted.push('x-a', 'b\r\nset-cookie: doorward=x', 'x-ok', '1');
      const trailers = [
        'set-cookie',
        'doorward=x',
        'remote-user',
        'root',
        'location',
        '/',
        'x-ok',
        '2',
      ];
      socket.write(
        Buffer.concat([
          head(stream, 0, ...planted),
          data(stream, 'x'),
          frame(FRAME.headers, {
            flags: END_STREAM | END_HEADERS,
            stream,
            payload: fields(...trailers),
          }),
        ]),
      );
    });
    const answer = await ask(await behind(app.url));
    expect(answer.headers.map((name) => name.toLowerCase())).toContain('x-ok');
    expect(answer.headers.join('\n')).not.toMatch(/doorward=x|x-accel/);
    expect(answer.trailers).toEqual(['x-ok', '2']);
  });

  it.each<[string, readonly string[]]>([
    ['a field of HTTP/1.1', ['connection', 'close']],
    ['a transfer coding', ['transfer-encoding', 'chunked']],
    ['two lengths', ['content-length', '1', 'content-length', '2']],
  ])('that sends %s has sent no response', async (_, more) => {
    const app = await startFrames((socket, stream) => {
      socket.write(Buffer.concat([head(stream, 0, ...more), data(stream, 'x', END_STREAM)]));
    });
    expect(await ask(await behind(app.url))).toMatchObject({ status: 502 });
  });

  it('sees no end of a body that the client does not finish', async () => {
    const app = await startFrames(() => undefined);
    const proxied = await behind(app.url);
    const lines = `POST /x HTTP/1.1\r\nHost: app.gw.test\r\nCookie: ${ALICE}\r\nContent-Length: 9\r\n\r\nhalf`;
    const cut = until('the app has half', () => app.frames.some(({ type }) => type === FRAME.data));
    await sendRaw(proxied.port, lines, { sent: cut });
    await until('the app learns it', () => app.frames.some(({ type }) => type === FRAME.reset));
    expect(
      app.frames.filter(({ type, flags }) => type === FRAME.data && flags === END_STREAM),
    ).toEqual([]);
  });

  it('gets trailers of a client, and a client cannot break anything by them', async () => {
    const app = await startFrames((socket, stream, nth) => {
      if (nth > 1) socket.write(whole(stream));
    });
    const proxied = await behind(app.url);
    const begin = `POST /x HTTP/1.1\r\nHost: app.gw.test\r\nCookie: ${ALICE}\r\n`;
    const rest = 'Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n';
    const trailers = 'User-Agent: a\r\nUser-Agent: b\r\nRemote-User: root\r\n\r\n';
    await sendRaw(proxied.port, `${begin}Trailer: User-Agent, Remote-User\r\n${rest}${trailers}`);
    await until('it is over for the app', () =>
      app.frames.some(
        ({ type, flags, stream }) =>
          stream > 0 && (type === FRAME.reset || (flags & END_STREAM) !== 0),
      ),
    );
    const sent = Buffer.concat(app.frames.map(({ payload }) => payload)).toString('latin1');
    expect(sent).not.toContain('root');
    expect((await ask(proxied).catch(() => ({ status: 0 }))).status).toBe(200);
  });

  it('gets fields that should occur once as the client repeats them', async () => {
    const app = await startFrames((socket, stream) => socket.write(whole(stream)));
    const proxied = await behind(app.url);
    const lines = 'GET /public/x HTTP/1.1\r\nHost: app.gw.test\r\nConnection: close\r\n';
    const raw = await sendRaw(proxied.port, `${lines}User-Agent: a\r\nUser-Agent: b\r\n\r\n`);
    expect(statuses(raw)).toEqual([200]);
  });

  it('gets no websocket', async () => {
    const app = await startFrames(() => undefined);
    const proxied = await behind(app.url);
    const raw = await sendRaw(
      proxied.port,
      `GET /x HTTP/1.1\r\nHost: app.gw.test\r\nCookie: ${ALICE}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    expect(raw).toMatch(/^HTTP\/1\.1 501 /);
    expect(app.connections()).toBe(0);
  });

  it('is checked over HTTP/2', async () => {
    const app = await startFrames((socket, stream, nth) => {
      const error = frame(FRAME.headers, {
        flags: END_STREAM | END_HEADERS,
        stream,
        payload: fields(':status', '503'),
      });
      socket.write(nth < 3 ? whole(stream) : error);
    });
    const events = fakeEvents();
    const upstreams = createUpstreams({ events });
    running.push(upstreams);
    const health = { path: '/up', every: 100, timeout: 5000, fails: 1, passes: 1, statuses: null };
    upstreams.keep([{ ...plainUpstream(app.url, 10_000), health }]);
    await until('it is out', () => events.all.length > 0);
    expect(events.all).toEqual([
      expect.objectContaining({
        change: 'down',
        cause: expect.objectContaining({ word: 'answer/status' }),
      }),
    ]);
    expect(app.connections()).toBe(3);
  });
});
