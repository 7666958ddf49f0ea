/**
 * The configuration for HAProxy over TLS, before a Doorward of the test: HTTP redirects to HTTPS,
 * HTTP/2 works, replies arrive whole, and a reply that allows nothing opens nothing.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type Server,
} from 'node:http';
import { connect as connectHttp2, type IncomingHttpHeaders as Http2Headers } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { proxyPlan } from '../../src/cli/rules/proxy-plan.ts';
import { writeConfig } from '../../src/dialects/haproxy/writer.ts';
import { certificate, keyPem, SERVER_AUTH } from '../support/certificate.ts';
import { type Front, haproxyFront, type RunningFront, startFront } from '../support/fronts.ts';
import { freePort } from '../support/ports.ts';
import { sendRaw } from '../support/raw.ts';
import { testIdentity, testSnapshot } from '../support/snapshot.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

const ALLOW = {
  'Remote-User': 'ann',
  'Remote-Groups': '',
  'Remote-Name': '',
  'Remote-Email': '',
  'X-Request-Id': 'r1',
};

const checks: Seen[] = [];
const reached: Seen[] = [];
let reply: { status: number; headers: OutgoingHttpHeaders; body: string };
const doorward = createServer(({ method = '', url = '', headers }, response) => {
  checks.push({ method, url, headers });
  response.writeHead(reply.status, reply.headers);
  response.end(reply.body);
});
const app = createServer(({ method = '', url = '', headers }, response) => {
  reached.push({ method, url, headers });
  response.end('ok');
});

/** HAProxy with a test certificate, and a free port for HTTP. */
const withCertificate = (httpPort: number): Front => ({
  ...haproxyFront,
  start({ dir, port, text }) {
    const issued = certificate({ names: ['auth.example.com'], usages: [SERVER_AUTH] });
    const file = join(dir, 'certificate.pem');
    writeFileSync(file, `${issued.pem}\n${keyPem(issued)}`);
    const changed = text
      .replaceAll('/etc/haproxy/certs/', file)
      .replace('bind :80\n', `bind :${httpPort}\n`);
    return haproxyFront.start({ dir, port, text: changed });
  },
});

describe.skipIf(!haproxyFront.isHere())('HAProxy over TLS', () => {
  let front: RunningFront;
  let [port, httpPort] = [0, 0];
  const dir = mkdtempSync(join(tmpdir(), 'doorward-socket-'));
  const socket = join(dir, 'doorward.sock');

  beforeAll(async () => {
    [port, httpPort] = [await freePort(), await freePort()];
    const upstream = `http://127.0.0.1:${await listening(app)}`;
    doorward.listen(socket);
    await once(doorward, 'listening');
    const snapshot = testSnapshot({
      publicUrl: `https://auth.example.com:${port}`,
      identity: testIdentity(),
      routes: [
        { id: 'wiki', host: `wiki.example.com:${port}`, upstream },
        { id: 'wild', host: `*.wild.example.com:${port}`, upstream },
      ],
    });
    const settings = { file: 'doorward.yaml', listen: [`unix:${socket}`], grpcListen: null };
    const text = writeConfig(proxyPlan({ snapshot, settings }, null));
    front = await startFront(withCertificate(httpPort), { port, text });
  });
  afterAll(async () => {
    await front?.stop();
    for (const server of [doorward, app]) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(dir, { recursive: true, force: true });
  });
  beforeEach(() => {
    checks.length = 0;
    reached.length = 0;
    reply = { status: 200, headers: ALLOW, body: '' };
  });

  /** Sends one request over HTTP/2. */
  async function ask(host: string, path: string, fields: Http2Headers = {}): Promise<Answer> {
    const session = connectHttp2(`https://127.0.0.1:${port}`, {
      servername: 'wiki.example.com',
      rejectUnauthorized: false,
    });
    const stream = session.request({ ':path': path, ':authority': host, ...fields });
    const [headers] = (await once(stream, 'response')) as [Http2Headers];
    let body = '';
    for await (const chunk of stream.setEncoding('utf8')) body += chunk;
    session.destroy();
    return { status: Number(headers[':status']), headers, body };
  }

  it.each([
    ['wiki.example.com', '/a?b=%20c'],
    ['auth.example.com', '/flow/login'],
    ['any.wild.example.com', '/'],
  ])('redirects http://%s%s to the same URL over https', async (host, target) => {
    const lines = [`GET ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close', '', ''];
    const raw = await sendRaw(httpPort, lines.join('\r\n'));
    expect(raw).toMatch(/^HTTP\/1.1 301 /);
    expect(raw).toContain(`location: https://${host}:${port}${target}\r\n`);
    expect([...checks, ...reached]).toEqual([]);
  });

  it('replies 421 over http to a host without a route', async () => {
    const lines = ['GET / HTTP/1.1', 'Host: other.example.com', 'Connection: close', '', ''];
    expect(await sendRaw(httpPort, lines.join('\r\n'))).toMatch(/^HTTP\/1.1 421 /);
  });

  it.each([
    ['wiki.example.com', 'wiki.example.com'],
    ['WIKI.example.com.:1', 'wiki.example.com'],
    ['B.wild.example.com', 'b.wild.example.com'],
  ])('checks and forwards %s over HTTP/2 as %s', async (host, name) => {
    expect((await ask(host, '/x%2fy?z', { cookie: 'a=1' })).status).toBe(200);
    expect(checks).toMatchObject([
      {
        method: 'GET',
        url: '/.doorward/check/haproxy',
        headers: {
          'x-forwarded-method': 'GET',
          'x-forwarded-proto': 'https',
          'x-forwarded-host': `${name}:${port}`,
          'x-forwarded-uri': '/x%2fy?z',
          'x-forwarded-for': '127.0.0.1',
          cookie: 'a=1',
        },
      },
    ]);
    expect(reached).toMatchObject([
      {
        url: '/x%2fy?z',
        headers: {
          'remote-user': 'ann',
          'remote-groups': '',
          'x-request-id': 'r1',
          'x-forwarded-host': `${name}:${port}`,
          'x-forwarded-proto': 'https',
        },
      },
    ]);
    // The check did not reply with the cookie.
    expect(reached[0]?.headers).not.toHaveProperty('cookie');
  });

  it.each([
    ['other.example.com', '/', 421],
    ['a.b.wild.example.com', '/', 421],
    ['wiki.example.com', '/.doorward/check/haproxy', 404],
    ['auth.example.com', '/.doorward/check/nginx', 404],
  ])('replies to %s%s with %i itself', async (host, path, status) => {
    expect((await ask(host, path)).status).toBe(status);
    expect([...checks, ...reached]).toEqual([]);
  });

  it('passes a page of 48 KB, its headers and each of its cookies to the browser', async () => {
    const cookies = ['a=1; Path=/', 'b=2; Path=/'];
    reply = {
      status: 403,
      headers: { 'Content-Type': 'text/html', 'Set-Cookie': cookies, 'X-Request-Id': 'r1' },
      body: 'é'.repeat(24_000),
    };
    const heard = await ask('wiki.example.com', '/x');
    expect([heard.status, heard.headers['set-cookie'], heard.body]).toEqual([
      403,
      cookies,
      reply.body,
    ]);
    expect(heard.headers).toMatchObject({ 'content-type': 'text/html', 'x-request-id': 'r1' });
    expect(reached).toEqual([]);
  });

  it.each([
    ['200 without an identity header', { status: 200, headers: {}, body: '' }, 503],
    ['200 with one of two values', { status: 200, headers: twice(), body: '' }, 503],
    ['204', { status: 204, headers: ALLOW, body: '' }, 204],
    ['a page too long for a buffer', { status: 403, headers: {}, body: 'x'.repeat(99_999) }, 500],
  ])('forwards nothing after %s', async (_, given, status) => {
    reply = given;
    expect((await ask('wiki.example.com', '/x')).status).toBe(status);
    expect([checks.length, reached]).toEqual([1, []]);
  });

  it('forwards nothing while Doorward is gone', async () => {
    doorward.closeAllConnections();
    doorward.close();
    expect((await ask('wiki.example.com', '/x')).status).toBe(503);
    expect(reached).toEqual([]);
    doorward.listen(socket);
    await once(doorward, 'listening');
    expect((await ask('wiki.example.com', '/x')).status).toBe(200);
  });
});

interface Answer {
  readonly status: number;
  readonly headers: Http2Headers;
  readonly body: string;
}

function twice(): OutgoingHttpHeaders {
  return { ...ALLOW, 'Remote-User': ['ann', 'bob'] };
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
