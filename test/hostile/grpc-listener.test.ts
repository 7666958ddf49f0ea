/** The listener for Envoy's checks over gRPC, on real connections: what a peer may send, and how much. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRequest, readCheckResponse } from '../support/check-messages.ts';
import { freePort } from '../support/ports.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { until } from '../support/until.ts';
import { startWorld, type World } from './fixture.ts';

const METHOD = '/envoy.service.auth.v3.Authorization/Check';

let world: World;
let [port, strange] = [0, 0];
const sessions: ClientHttp2Session[] = [];

beforeAll(async () => {
  [port, strange] = [await freePort(), await freePort()];
  world = await startWorld({
    trusted: false,
    listen: (own) =>
      `[127.0.0.1:${own.port}, { at: "127.0.0.1:${port}", serves: envoy-grpc, trusts: peer }, { at: "127.0.0.1:${strange}", serves: envoy-grpc }]`,
  });
});
afterAll(async () => {
  for (const session of sessions) session.destroy();
  await world?.close();
});

function open(at = port): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${at}`);
  session.on('error', () => session.destroy());
  sessions.push(session);
  return session;
}

const framed = (bytes: Buffer, flag = 0): Buffer => {
  const prefix = Buffer.alloc(5, flag);
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
};

async function message(path: string, user: string | null): Promise<Buffer> {
  const cookie = user === null ? [] : [['cookie', await world.cookieOf(user)] as const];
  return checkRequest({
    method: ['GET'],
    path: [path],
    host: [`app.gw.test:${world.port}`],
    scheme: ['http'],
    client: ['203.0.113.9'],
    headers: cookie,
  });
}

interface Called {
  readonly status: number;
  /** Of gRPC. */
  readonly code: number;
  readonly body: Buffer;
}

/** One call. */
async function call(
  body: Buffer,
  headers: Readonly<Record<string, string>> = {},
  session = open(),
): Promise<Called> {
  const stream = session.request({
    ':method': 'POST',
    ':path': METHOD,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  let [status, code] = [0, -1];
  const chunks: Buffer[] = [];
  stream.on('response', (head) => {
    status = Number(head[':status']);
    code = Number(head['grpc-status'] ?? -1);
  });
  stream.on('trailers', (trailers) => (code = Number(trailers['grpc-status'])));
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', () => stream.destroy());
  const closed = new Promise((resolve) => stream.once('close', resolve));
  stream.end(body);
  await closed;
  return { status, code, body: Buffer.concat(chunks).subarray(5) };
}

describe('a call', () => {
  it('is answered as the check over HTTP is', async () => {
    const allowed = await call(framed(await message('/app/x', 'alice')));
    expect([allowed.status, allowed.code]).toEqual([200, 0]);
    expect(readCheckResponse(allowed.body)).toMatchObject({
      status: 200,
      headers: { 'remote-user': 'alice', 'remote-groups': '' },
      removed: ['cookie'],
    });
    const denied = await call(framed(await message('/admin/x', 'alice')));
    expect(readCheckResponse(denied.body).status).toBe(403);
    const anonymous = await call(framed(await message('/app/x', null)));
    expect(readCheckResponse(anonymous.body)).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': expect.stringContaining('Doorward') },
    });
  });

  it('is refused from a peer that is not trusted', async () => {
    const { code, body } = await call(framed(await message('/app/x', 'alice')), {}, open(strange));
    const verdict = readCheckResponse(body);
    expect([code, verdict.status]).toEqual([0, 403]);
    expect(verdict.body).toContain('trusted_proxies');
  });

  it.each<[string, () => Promise<Buffer>, number]>([
    ['without a message', async () => Buffer.alloc(0), 3],
    ['with half a prefix', async () => Buffer.from([0, 0]), 3],
    ['with an empty message', async () => framed(Buffer.alloc(0)), 3],
    ['with a compressed message', async () => framed(await message('/app/x', 'alice'), 1), 3],
    [
      'with a part of a message',
      async () => framed(await message('/app/x', 'alice')).subarray(0, -1),
      3,
    ],
    [
      'with more than a message',
      async () => Buffer.concat([framed(await message('/app/x', 'alice')), Buffer.from([0])]),
      3,
    ],
    [
      'with two messages',
      async () => {
        const one = framed(await message('/app/x', 'alice'));
        return Buffer.concat([one, one]);
      },
      3,
    ],
    ['with a huge message', async () => framed(Buffer.alloc(70_000)), 8],
    ['with a length that is a lie', async () => Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1]), 3],
  ])('%s fails', async (_, body, code) => {
    const called = await call(await body());
    expect([called.code, called.body.length]).toEqual([code, 0]);
  });

  it.each([
    ['/envoy.service.auth.v2.Authorization/Check', 12],
    [`${METHOD}/`, 12],
    [`${METHOD}?x`, 12],
    ['/', 12],
    ['/.doorward/check/envoy/public/x', 12],
  ])('of %s fails', async (path, code) => {
    const called = await call(framed(await message('/public/x', null)), { ':path': path });
    expect([called.code, called.body.length]).toEqual([code, 0]);
  });

  it.each([
    [{ 'content-type': 'application/json' }],
    [{ 'content-type': 'application/grpc-web' }],
    [{ ':method': 'PUT' }],
  ])('with %j is none of gRPC', async (headers) => {
    const called = await call(framed(await message('/public/x', null)), headers);
    expect([called.status, called.body.length]).toEqual([415, 0]);
  });
});

describe('the listener for gRPC', () => {
  it('speaks no HTTP/1.1, and the one for HTTP no gRPC', async () => {
    const bytes = 'GET /.doorward/check/envoy/public/x HTTP/1.1\r\nHost: app.gw.test\r\n\r\n';
    expect(await sendRaw(port, bytes)).not.toContain('HTTP/1.');
    const path = '/.doorward/check/envoy-grpc';
    const raw = await sendRaw(
      world.gateway.port,
      `GET ${path}/public/x HTTP/1.1\r\nHost: app.gw.test\r\nConnection: close\r\n\r\n`,
    );
    expect(statuses(raw)).not.toContain(200);
  });

  it('offers a bounded number of calls at a time, of a bounded size', async () => {
    const session = open();
    const [settings] = (await once(session, 'remoteSettings')) as [Record<string, number>];
    expect(settings).toMatchObject({
      maxConcurrentStreams: 256,
      initialWindowSize: 65_536,
      maxHeaderListSize: 8192,
    });
  });

  it('ends a connection that opens calls only to reset them, and serves others on', async () => {
    const session = open();
    await once(session, 'remoteSettings');
    let ended = false;
    session.once('close', () => (ended = true));
    await until('it is ended', () => {
      for (let i = 0; i < 200 && !session.destroyed; i += 1) {
        const stream = session.request({ ':method': 'POST', ':path': METHOD });
        stream.on('error', () => stream.destroy());
        stream.close(constants.NGHTTP2_CANCEL);
      }
      return ended;
    });
    const called = await call(framed(await message('/app/x', 'alice')));
    expect(readCheckResponse(called.body).status).toBe(200);
  });

  it('ends calls that do not end, and idle connections of strangers', async () => {
    const stream = open().request({
      ':method': 'POST',
      ':path': METHOD,
      'content-type': 'application/grpc',
    });
    let code = -1;
    stream.on('response', (head) => (code = Number(head['grpc-status'])));
    stream.on('error', () => stream.destroy());
    const over = new Promise((resolve) => stream.once('close', resolve));
    stream.write(Buffer.from([0]));
    const idle = connectTcp(strange, '127.0.0.1');
    idle.on('error', () => idle.destroy());
    idle.resume();
    await Promise.all([over, new Promise((resolve) => idle.once('close', resolve))]);
    expect(code).toBe(4);
  });
});
