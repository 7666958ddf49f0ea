/** Listeners with `http2`: what a client may send over HTTP/2, and how much. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pairsOf } from '../../src/core/request/header-pairs.ts';
import {
  END_HEADERS,
  END_STREAM,
  fields,
  FRAME,
  frame,
  numbers,
  PREFACE,
} from '../support/frames.ts';
import { ALICE, BOB, type Proxied, startProxied } from '../support/proxied.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { until } from '../support/until.ts';
import { type App, startApp } from '../support/upstreams.ts';

let app: App;
let proxied: Proxied;
let broken = 0;
const sessions: ClientHttp2Session[] = [];

beforeAll(async () => {
  app = await startApp((request, response, seen) => {
    request.on('close', () => {
      if (!request.complete) broken += 1;
    });
    if (seen.url === '/endless') response.write('x'.repeat(65_536));
    else if (seen.url === '/trailed') {
      response.writeHead(200, { Trailer: 'x-ok, x-two, set-cookie, te' });
      request.on('end', () => {
        response.addTrailers(
          pairsOf('x-ok 3 x-two 4 x-two 5 set-cookie doorward=x te x http2-settings x'.split(' ')),
        );
        response.end('x');
      });
    } else if (seen.url.endsWith('/half')) {
      response.write('half of it');
      request.on('end', () => setImmediate(() => response.destroy()));
      request.resume();
    } else request.on('end', () => response.end('whole'));
  });
  proxied = await startProxied(app.url, { http2: true });
});
afterAll(async () => {
  for (const session of sessions) session.destroy();
  await proxied.close();
  await app.close();
});

function open(): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${proxied.port}`);
  session.on('error', () => session.destroy());
  sessions.push(session);
  return session;
}

interface Answer {
  /** 0 for none. */
  readonly status: number;
  readonly body: string;
  /** Code of the reset, 0 for none. */
  readonly reset: number;
}

/** One request; more fields replace or follow the usual ones. */
async function ask(
  more: readonly string[] = [],
  { body, session = open() }: { body?: string; session?: ClientHttp2Session } = {},
): Promise<Answer> {
  const usual = [':method', 'GET', ':scheme', 'http', ':authority', 'app.gw.test', ':path', '/x'];
  for (let i = 0; i < more.length; i += 2) {
    const at = more[i]?.startsWith(':') === true ? usual.indexOf(more[i] ?? '') : -1;
    if (at >= 0) usual[at + 1] = more[i + 1] ?? '';
    else usual.push(more[i] ?? '', more[i + 1] ?? '');
  }
  const stream = session.request(usual, { endStream: body === undefined });
  let status = 0;
  const chunks: Buffer[] = [];
  stream.on('response', (head) => (status = Number(head[':status'])));
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', () => stream.destroy());
  const closed = new Promise((resolve) => stream.once('close', resolve));
  if (body !== undefined) stream.end(body);
  await closed;
  return { status, body: Buffer.concat(chunks).toString(), reset: stream.rstCode ?? 0 };
}

/** Fields of a request of alice's; more ones replace or follow them. */
function requestFields(path: string, more: readonly string[]): Buffer {
  const usual = [':method', 'GET', ':scheme', 'http', ':authority', 'app.gw.test', ':path', path];
  const pseudo: string[] = [];
  for (let i = 0; i < usual.length; i += 2) {
    if (!more.includes(usual[i] ?? '')) pseudo.push(usual[i] ?? '', usual[i + 1] ?? '');
  }
  const isPseudo = more[0]?.startsWith(':') === true;
  return fields(...pseudo, ...(isPseudo ? [...more, 'cookie', ALICE] : ['cookie', ALICE, ...more]));
}

describe('a request over HTTP/2', () => {
  it('gets what one over HTTP/1.1 gets, on the same port', async () => {
    const cookie = ['cookie', ALICE];
    expect(await ask(cookie)).toEqual({ status: 200, body: 'whole', reset: 0 });
    expect((await ask([])).status).toBe(401);
    expect((await ask(['cookie', 'a=1', 'cookie', ALICE, 'cookie', 'b=2'])).status).toBe(200);
    expect(app.seen.at(-1)?.values('cookie')).toEqual(['a=1; b=2']);
    const host = 'Host: app.gw.test\r\n';
    const raw = `GET /x HTTP/1.1\r\n${host}Cookie: ${ALICE}\r\nConnection: close\r\n\r\n`;
    expect(statuses(await sendRaw(proxied.port, raw))).toEqual([200]);
  });

  it('has no identity but its own', async () => {
    await ask([
      'cookie',
      ALICE,
      'remote-user',
      'root',
      'remote!user',
      'root',
      'remote_user',
      'root',
    ]);
    const { rawHeaders = [] } = app.seen.at(-1) ?? {};
    expect(rawHeaders.join('\n')).not.toContain('root');
    expect(app.seen.at(-1)?.values('remote-user')).toEqual(['alice']);
  });

  it.each<[string, readonly string[], number]>([
    ['another Host than its authority', ['host', 'admin.gw.test'], 400],
    ['a method in lower case', [':method', 'get'], 400],
    ['129 fields', Array.from({ length: 260 }, (_, i) => (i % 2 === 0 ? `x-${i}` : 'v')), 400],
    ['a transfer coding in disguise', ['transfer_encoding', 'chunked'], 400],
    ['a port that is none', [':authority', 'app.gw.test:99999'], 400],
  ])('with %s is refused', async (_, more, status) => {
    const before = app.seen.length;
    const answer = await ask(['cookie', ALICE, ...more]);
    expect({ status: answer.status, seen: app.seen.length }).toEqual({ status, seen: before });
  });

  it.each<[string, readonly string[]]>([
    ['a target with a space', [':path', '/evil y']],
    ['a target with a line end', [':path', '/evil HTTP/1.1\r\nA: b']],
    ['a target that is a host', [':path', '//evil', ':path', '/evil']],
    ['a method that could be a line', [':method', 'GET /evil HTTP/1.1\r\nA: b']],
    ['an authority with a line end', [':authority', 'app.gw.test\r\nA: b']],
    ['a transfer coding', ['transfer-encoding', 'chunked']],
    ['a field of one hop', ['keep-alive', 'x']],
    ['an upgrade', ['connection', 'upgrade', 'upgrade', 'websocket']],
    ['a name in upper case', ['Cookie', 'b']],
    ['two targets', [':path', '/x', ':path', '/evil']],
    ['an empty target', [':path', '']],
    ['a target for the whole server', [':path', '*']],
    ['a target with a host', [':path', 'http://app.gw.test/evil']],
    ['two authorities', [':authority', 'app.gw.test', ':authority', 'auth.gw.test']],
    ['an empty authority', [':authority', '']],
    ['a user in its authority', [':authority', 'a@app.gw.test']],
    ['an empty scheme', [':scheme', '']],
    ['a websocket in its method', [':method', 'CONNECT', ':protocol', 'websocket']],
    ['another protocol', [':protocol', 'websocket']],
    ['a transfer coding in TE', ['te', 'chunked, trailers']],
    ['a length that is no number', ['content-length', '+0']],
    ['a length and no body', ['content-length', '9']],
    ['two tickets in pieces', ['cookie', BOB]],
  ])('with %s does not reach the app', async (_, more) => {
    const before = app.seen.length;
    const socket = connectTcp(proxied.port, '127.0.0.1');
    let ended = false;
    socket.on('error', () => socket.destroy());
    socket.once('close', () => (ended = true));
    socket.resume();
    const flags = END_STREAM | END_HEADERS;
    socket.write(Buffer.concat([Buffer.from(PREFACE), frame(FRAME.settings)]));
    socket.write(frame(FRAME.headers, { flags, stream: 1, payload: requestFields('/evil', more) }));
    socket.write(frame(FRAME.headers, { flags, stream: 3, payload: requestFields('/next', []) }));
    await until('the next one arrives', () => ended || app.seen.length > before);
    expect(app.seen.slice(before).map(({ url }) => url)).toEqual(ended ? [] : ['/next']);
    socket.destroy();
  });

  it('has none of the fields that are malformed', async () => {
    const before = app.seen.length;
    const socket = connectTcp(proxied.port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    socket.resume();
    const more = ['x-a', 'bad\r\nc: d', 'x b', 'bad', 'x-c', 'bad\0', 'x-ok', 'good'];
    const payload = requestFields('/x', more);
    socket.write(Buffer.concat([Buffer.from(PREFACE), frame(FRAME.settings)]));
    socket.write(frame(FRAME.headers, { flags: END_STREAM | END_HEADERS, stream: 1, payload }));
    await until('it arrives', () => app.seen.length > before);
    const { rawHeaders = [] } = app.seen.at(-1) ?? {};
    expect(rawHeaders).toContain('good');
    expect(rawHeaders.join('\n')).not.toContain('bad');
    socket.destroy();
  });

  it('opens no tunnel', async () => {
    const stream = open().request({ ':method': 'CONNECT', ':authority': 'app.gw.test:80' });
    const [head] = (await once(stream, 'response')) as [Record<string, number>];
    expect(head[':status']).toBe(405);
  });

  it('that breaks off does not reach the app as a whole one', async () => {
    const before = broken;
    const session = open();
    const heads = { ':method': 'POST', ':path': '/x', ':authority': 'app.gw.test', cookie: ALICE };
    const stream = session.request(heads, { endStream: false });
    stream.on('error', () => stream.destroy());
    const seen = app.seen.length;
    stream.write('half of it');
    await until('the app has it', () => app.seen.length === seen + 1);
    stream.destroy(new Error('the client leaves'));
    await until('the app sees it break', () => broken > before);
    expect(broken).toBe(before + 1);
  });

  it('gets a broken response for a broken response', async () => {
    const answer = await ask(['cookie', ALICE, ':path', '/half']);
    expect(answer).toEqual({
      status: 200,
      body: 'half of it',
      reset: constants.NGHTTP2_INTERNAL_ERROR,
    });
  });
});

describe('a connection in HTTP/2', () => {
  it('ends when its client does, although nothing of the response can be sent', async () => {
    const { open: before } = app.connections();
    const socket = connectTcp({ port: proxied.port, host: '127.0.0.1', allowHalfOpen: true });
    const noWindow = Buffer.concat([Buffer.from([0, 4]), numbers(0)]);
    socket.write(
      Buffer.concat([Buffer.from(PREFACE), frame(FRAME.settings, { payload: noWindow })]),
    );
    const flags = END_STREAM | END_HEADERS;
    socket.write(
      frame(FRAME.headers, { flags, stream: 1, payload: requestFields('/endless', []) }),
    );
    await until('the app has it', () => app.seen.at(-1)?.url === '/endless');
    const closed = once(socket, 'close');
    socket.resume();
    socket.end();
    expect(await closed).toEqual([false]);
    await until('the app is rid of it', () => app.connections().open <= before);
  });

  it('is offered bounded settings', async () => {
    const [settings] = (await once(open(), 'remoteSettings')) as [Record<string, number>];
    expect(settings).toMatchObject({
      maxConcurrentStreams: 128,
      initialWindowSize: 65_536,
      maxHeaderListSize: 32_768,
    });
  });

  it('ends if it opens requests only to reset them; others are served on', async () => {
    const session = open();
    await once(session, 'remoteSettings');
    let ended = false;
    session.once('close', () => (ended = true));
    await until('it is ended', () => {
      for (let i = 0; i < 200 && !session.destroyed; i += 1) {
        const stream = session.request({ ':path': '/x' });
        stream.on('error', () => stream.destroy());
        stream.close(constants.NGHTTP2_CANCEL);
      }
      return ended;
    });
    expect((await ask(['cookie', ALICE])).status).toBe(200);
  });

  it('survives requests that are reset as they begin', async () => {
    const socket = connectTcp(proxied.port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    socket.resume();
    const begun = [Buffer.from(PREFACE), frame(FRAME.settings)];
    for (let stream = 1; stream < 100; stream += 2) {
      const tunnel = fields(':method', 'CONNECT', ':authority', 'app.gw.test');
      const payload = stream % 4 === 1 ? tunnel : requestFields('/x', []);
      begun.push(frame(FRAME.headers, { flags: END_HEADERS, stream, payload }));
      begun.push(frame(FRAME.reset, { stream, payload: Buffer.from([0, 0, 0, 8]) }));
    }
    const payload = requestFields('/last', []);
    const flags = END_STREAM | END_HEADERS;
    begun.push(frame(FRAME.headers, { flags, stream: 101, payload }));
    socket.write(Buffer.concat(begun));
    await until('the last one arrives', () => app.seen.some(({ url }) => url === '/last'));
    expect((await ask(['cookie', ALICE])).status).toBe(200);
    socket.destroy();
  });

  it('passes trailers on in both directions, except what must not be one', async () => {
    const stream = open().request(
      {
        ':method': 'POST',
        ':path': '/trailed',
        ':authority': 'app.gw.test',
        cookie: ALICE,
        trailer: 'x-ok, user-agent, remote-user',
      },
      { endStream: false, waitForTrailers: true },
    );
    stream.on('error', () => stream.destroy());
    stream.on('wantTrailers', () =>
      stream.sendTrailers({ 'x-ok': ['1', '2'], 'remote-user': 'root', 'user-agent': 'a' }),
    );
    const trailers = once(stream, 'trailers');
    stream.resume();
    stream.end('body');
    expect((await trailers)[2]).toEqual(['x-ok', '3', 'x-two', '4', 'x-two', '5']);
    const seen = app.seen.find(({ url }) => url === '/trailed');
    expect(seen?.rawTrailers).toEqual(['x-ok', '1', 'x-ok', '2', 'user-agent', 'a']);
  });

  it('ends if the fields of one request do not end', async () => {
    const socket = connectTcp(proxied.port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    socket.resume();
    let ended = false;
    socket.once('close', () => (ended = true));
    socket.write(PREFACE);
    socket.write(frame(FRAME.settings));
    socket.write(frame(FRAME.headers, { stream: 1, payload: fields('x-a', 'b') }));
    await until('it is ended', () => {
      const more = frame(FRAME.continuation, { stream: 1, payload: fields('x-a', 'b') });
      if (!ended) socket.write(more);
      return ended;
    });
    expect(socket.destroyed).toBe(true);
  });

  it('ends if it sends nothing, half a preface or half a request', async () => {
    const head = frame(FRAME.headers, { flags: 0, stream: 1, payload: fields('x-a', 'b') });
    const begin = Buffer.concat([Buffer.from(PREFACE), frame(FRAME.settings)]);
    const starts = [Buffer.alloc(0), Buffer.from('PRI * '), begin, Buffer.concat([begin, head])];
    const ends = await Promise.all(
      starts.map(async (bytes) => {
        const socket = connectTcp({ port: proxied.port, host: '127.0.0.1', allowHalfOpen: true });
        socket.on('error', () => socket.destroy());
        socket.resume();
        if (bytes.length > 0) socket.write(bytes);
        await new Promise((resolve) => {
          socket.once('end', resolve);
          socket.once('close', resolve);
        });
        socket.destroy();
        return socket.readableEnded || socket.errored !== null;
      }),
    );
    expect(ends).toEqual([true, true, true, true]);
  });

  it('that begins almost like one is none', async () => {
    const raw = await sendRaw(proxied.port, 'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n');
    expect(statuses(raw)).toEqual([400]);
  });
});
