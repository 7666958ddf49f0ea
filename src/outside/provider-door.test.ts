/** Requests to sign-in providers: bounded, and to nowhere that a secret must not go. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { authority, certificate, SERVER_AUTH } from '../../test/support/certificate.ts';
import { openProviderDoor } from './provider-door.ts';

let server: Server;
let listener: RequestListener;
let url: string;
beforeEach(async () => {
  server = createServer((req, res) => listener(req, res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const unavailable = { code: 'source/unavailable', status: 503 };
const GET = { method: 'GET', headers: new Headers(), form: null, signal: null } as const;

async function get(
  target: string,
  {
    time,
    ca = null,
    isInsecure = false,
  }: { time?: number; ca?: string | null; isInsecure?: boolean } = {},
): Promise<Response> {
  const door = await openProviderDoor({ ca, isInsecure }, time);
  try {
    return await door.fetch(target, GET);
  } finally {
    await door.close();
  }
}

describe('a request to a provider', () => {
  it('is sent as it is, and its whole response is returned', async () => {
    const seen: unknown[] = [];
    listener = (req, res) => {
      req.on('data', (chunk) => seen.push(req.method, req.headers['x-test'], String(chunk)));
      req.on('end', () => res.writeHead(400, { 'x-one': ['a', 'b'] }).end('{"error":"no"}'));
    };
    const door = await openProviderDoor({ ca: null, isInsecure: false });
    const response = await door.fetch(url, {
      method: 'POST',
      headers: new Headers({ 'x-test': 'yes' }),
      form: new URLSearchParams({ code: 'a b' }),
      signal: null,
    });
    await door.close();
    expect(seen).toEqual(['POST', 'yes', 'code=a+b']);
    expect([response.status, response.headers.get('x-one')]).toEqual([400, 'a, b']);
    expect(await response.json()).toEqual({ error: 'no' });
  });

  it('follows no redirect', async () => {
    listener = (_req, res) => res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    expect((await get(url)).status).toBe(302);
  });

  it.each<[string, RequestListener]>([
    ['is too large', (_req, res) => res.end('x'.repeat(1024 * 1024 + 1))],
    ['is encoded', (_req, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end('x')],
    ['breaks off', (_req, res) => void res.writeHead(200).write('{', () => res.destroy())],
  ])('fails if the response %s', async (_what, how) => {
    listener = how;
    await expect(get(url)).rejects.toMatchObject(unavailable);
  });

  it('to a provider that never ends is cut off', async () => {
    listener = (_req, res) => void res.writeHead(200).write('{');
    await expect(get(url, { time: 50 })).rejects.toMatchObject(unavailable);
  });

  it('ends with the signal of the caller', async () => {
    listener = () => undefined;
    const door = await openProviderDoor({ ca: null, isInsecure: false });
    const request = door.fetch(url, { ...GET, signal: AbortSignal.abort() });
    await expect(request).rejects.toMatchObject(unavailable);
    await door.close();
  });

  it.each([
    'http://id.example.com/',
    'http://127.0.0.1.example.com/',
    'https://user:pass@id.example.com/',
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    '/token',
  ])('is never sent to %j', async (elsewhere) => {
    await expect(get(elsewhere)).rejects.toMatchObject(unavailable);
  });

  it('is sent without TLS to another machine only where the operator allows it', async () => {
    listener = (_req, res) => res.end('ok');
    // All of 127.0.0.0/8 is this machine, but only one address of it counts as loopback here.
    const other = url.replace('127.0.0.1', '127.0.0.2');
    await once(server.close(), 'close');
    server = createServer(listener).listen(Number(new URL(other).port), '127.0.0.2');
    await once(server, 'listening');
    await expect(get(other)).rejects.toMatchObject(unavailable);
    expect(await (await get(other, { isInsecure: true })).text()).toBe('ok');
  });

  it('waits for a limited number of others', async () => {
    listener = () => undefined;
    const door = await openProviderDoor({ ca: null, isInsecure: false });
    const settled = Promise.allSettled(Array.from({ length: 64 }, () => door.fetch(url, GET)));
    await expect(door.fetch(url, GET)).rejects.toMatchObject({
      ...unavailable,
      cause: new Error('too many requests to the provider under way'),
    });
    await door.close();
    for (const { status } of await settled) expect(status).toBe('rejected');
  });
});

describe('the authority of a provider', () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorward-door-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is trusted if it is listed, and only then', async () => {
    const issuer = authority();
    const { pem, key } = certificate({ addresses: ['127.0.0.1'], usages: [SERVER_AUTH] }, issuer);
    const tls = createTlsServer(
      { cert: pem, key: key.export({ type: 'pkcs8', format: 'pem' }) },
      (_req, res) => res.end('ok'),
    ).listen(0, '127.0.0.1');
    await once(tls, 'listening');
    const target = `https://127.0.0.1:${(tls.address() as AddressInfo).port}/`;
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, issuer.pem);
    await expect(get(target)).rejects.toMatchObject(unavailable);
    expect(await (await get(target, { ca })).text()).toBe('ok');
    tls.close();
  });

  it('must be a certificate', async () => {
    await expect(
      openProviderDoor({ ca: join(folder, 'none.pem'), isInsecure: false }),
    ).rejects.toMatchObject({ code: 'source/ca' });
  });
});
