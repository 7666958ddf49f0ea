/** gRPC in proxy mode: a real client and a real app, with nothing but Doorward between them. */
import { once } from 'node:events';
import { connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GrpcApp, type GrpcClient, grpcClient, startGrpcApp } from '../support/grpc.ts';
import { startGateway } from '../support/gateway.ts';
import { ALICE, type Proxied, startProxied } from '../support/proxied.ts';
import { until } from '../support/until.ts';

const HOST = 'app.gw.test';

let app: GrpcApp;
let proxied: Proxied;
let alice: GrpcClient;
beforeAll(async () => {
  app = await startGrpcApp();
  proxied = await startProxied(app.url, { http2: true });
  alice = grpcClient(proxied.port, HOST, {
    cookie: ALICE,
    'x-note': 'hello',
    'remote-user': 'root',
  });
});
afterAll(async () => {
  alice.close();
  await proxied.close();
  await app.close();
});

describe('a signed-in gRPC client', () => {
  it('gets the response to one message, with its trailers', async () => {
    const { status, texts, trailers } = await alice.say('hello');
    expect({ status, texts }).toEqual({ status: 'OK', texts: ['hello'] });
    expect(trailers.get('x-trailer-bin')).toEqual([Buffer.from([0, 255])]);
    const [metadata] = app.seen;
    expect(metadata?.get('x-note')).toEqual(['hello']);
    expect(metadata?.get('remote-user')).toEqual(['alice']);
    expect(metadata?.get('cookie')).toEqual([]);
  });

  it('gets an error of the app, which has no body at all', async () => {
    const { status, details, trailers } = await alice.say('fail');
    expect({ status, details }).toEqual({ status: 'NOT_FOUND', details: 'no such café' });
    expect(trailers.get('x-trailer-bin')).toEqual([Buffer.from([0, 255])]);
  });

  it('gets every message of a streamed response', async () => {
    const { status, texts } = await alice.count('500');
    expect({ status, texts: texts.length }).toEqual({ status: 'OK', texts: 500 });
  });

  it('streams a request', async () => {
    const texts = Array.from({ length: 200 }, (_, i) => `${i}-${'x'.repeat(1000)}`);
    const outcome = await alice.join(texts);
    expect(outcome).toMatchObject({ status: 'OK', texts: [texts.join(' ')] });
  });

  it('talks and listens at the same time', async () => {
    const texts = ['one', 'two', 'three'];
    expect(await alice.talk(texts)).toMatchObject({ status: 'OK', texts });
  });

  it('learns that a method does not exist', async () => {
    const outcome = await grpcClient(proxied.port, HOST, { cookie: ALICE }).count('0');
    expect(outcome).toMatchObject({ status: 'OK', texts: [] });
  });

  it('ends the call at the app when it leaves', async () => {
    const before = app.cancelled();
    expect((await alice.leave()).status).toBe('CANCELLED');
    await until('the app knows', () => app.cancelled() === before + 1);
  });
});

describe('a gRPC client that may not pass', () => {
  it('is UNAUTHENTICATED without a session, and the app hears nothing', async () => {
    const before = app.seen.length;
    const stranger = grpcClient(proxied.port, HOST);
    expect((await stranger.say('hello')).status).toBe('UNAUTHENTICATED');
    expect((await stranger.join(['a', 'b'])).status).toBe('UNAUTHENTICATED');
    stranger.close();
    expect(app.seen.length).toBe(before);
  });
});

it('a listener with http2 serves HTTP/1.1 as well, and ends its connections with the gateway', async () => {
  const gateway = await startGateway({
    listen: ({ port }) => `[{ at: "127.0.0.1:${port}", http2: true }]`,
    config: () => `session: { cookie_domains: [gw.test] }
routes: [{ id: rpc, host: rpc.gw.test, upstream: "${app.url}" }]
`,
  });
  expect((await fetch(`http://127.0.0.1:${gateway.port}/`)).status).toBe(421);
  const session = connect(`http://127.0.0.1:${gateway.port}`);
  const request = session.request({
    ':path': '/',
    ':authority': `auth.gw.test:${gateway.port}`,
    accept: 'text/html',
  });
  const [head] = (await once(request, 'response')) as [Record<string, number>];
  request.resume();
  const closed = once(session, 'close');
  await gateway.stop();
  await closed;
  await gateway.remove();
  expect(head[':status']).toBe(302);
});
