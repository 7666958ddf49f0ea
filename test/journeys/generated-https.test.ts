/**
 * The configuration for nginx over TLS, with a certificate where it says "Change this": HTTP
 * redirects to HTTPS, HTTP/2 works, and each block checks and forwards under its own name.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeConfig as nginxConfig } from '../../src/dialects/nginx/writer.ts';
import { proxyPlan } from '../../src/cli/rules/proxy-plan.ts';
import { certificate, keyPem, SERVER_AUTH } from '../support/certificate.ts';
import { type Front, nginxFront, type RunningFront, startFront } from '../support/fronts.ts';
import { freePort } from '../support/ports.ts';
import { sendRaw } from '../support/raw.ts';
import { testIdentity, testSnapshot } from '../support/snapshot.ts';

interface Seen {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

const checks: Seen[] = [];
const reached: Seen[] = [];
const doorward = recorder(checks, { 'Remote-User': 'ann', 'Remote-Groups': '' });
const app = recorder(reached, {});

function recorder(seen: Seen[], answer: Readonly<Record<string, string>>): Server {
  return createServer((request, response) => {
    seen.push({ url: request.url ?? '', headers: request.headers });
    response.writeHead(200, answer);
    response.end('ok');
  });
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** nginx with a test certificate, and a free port for HTTP. */
const withCertificate = (httpPort: number): Front => ({
  ...nginxFront,
  start({ dir, port, text }) {
    const issued = certificate({ names: ['auth.example.com'], usages: [SERVER_AUTH] });
    writeFileSync(join(dir, 'cert.pem'), issued.pem);
    writeFileSync(join(dir, 'key.pem'), keyPem(issued));
    const changed = text
      .replaceAll('/etc/nginx/tls/fullchain.pem', join(dir, 'cert.pem'))
      .replaceAll('/etc/nginx/tls/privkey.pem', join(dir, 'key.pem'))
      .replaceAll('listen 80;', `listen ${httpPort};`);
    return nginxFront.start({ dir, port, text: changed });
  },
});

describe.skipIf(!nginxFront.isHere())('nginx over TLS', () => {
  let front: RunningFront;
  let [port, httpPort] = [0, 0];

  beforeAll(async () => {
    [port, httpPort] = [await freePort(), await freePort()];
    const [own, behind] = [await listening(doorward), await listening(app)];
    const upstream = `http://127.0.0.1:${behind}`;
    const snapshot = testSnapshot({
      publicUrl: `https://auth.example.com:${port}`,
      identity: testIdentity(),
      routes: [
        { id: 'wiki', host: `wiki.example.com:${port}`, upstream },
        { id: 'wild', host: `*.wild.example.com:${port}`, upstream },
      ],
    });
    const settings = {
      file: 'doorward.yaml',
      listen: [`127.0.0.1:${own}`],
      grpcListen: null,
      adminListen: null,
    };
    const text = nginxConfig(proxyPlan({ snapshot, settings }, null));
    front = await startFront(withCertificate(httpPort), { port, text });
  });
  afterAll(async () => {
    await front?.stop();
    for (const server of [doorward, app]) {
      server.closeAllConnections();
      server.close();
    }
  });
  beforeEach(() => {
    checks.length = 0;
    reached.length = 0;
  });

  /** Sends one request over TLS as bytes; returns the status of the response. */
  const ask = (name: string, lines: readonly string[]): Promise<number> =>
    new Promise((resolve, reject) => {
      const options = { port, host: '127.0.0.1', servername: name, rejectUnauthorized: false };
      const socket = connectTls(options, () => {
        socket.write([...lines, 'Connection: close', '', ''].join('\r\n'));
      });
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      socket.on('error', reject);
      socket.on('end', () => resolve(Number(text.slice(9, 12))));
    });

  it.each([
    ['wiki.example.com', '/a?b=%20c'],
    ['auth.example.com', '/flow/login'],
    ['any.wild.example.com', '/'],
  ])('redirects http://%s%s to the same URL over https', async (host, target) => {
    const lines = [`GET ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close', '', ''];
    const raw = await sendRaw(httpPort, lines.join('\r\n'));
    expect(raw).toMatch(/^HTTP\/1.1 301 /);
    expect(raw).toContain(`Location: https://${host}:${port}${target}\r\n`);
    expect([...checks, ...reached]).toEqual([]);
  });

  it('supports HTTP/2, and uses the name of the block there, too', async () => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, {
      servername: 'wiki.example.com',
      rejectUnauthorized: false,
    });
    const stream = session.request({ ':path': '/x?y', ':authority': 'wiki.example.com' });
    const [answer] = (await once(stream, 'response')) as [{ ':status': number }];
    session.destroy();
    expect(answer[':status']).toBe(200);
    expect(checks[0]?.headers['x-original-url']).toBe(`https://wiki.example.com:${port}/x?y`);
    expect(reached[0]?.headers['x-forwarded-host']).toBe(`wiki.example.com:${port}`);
  });

  it.each([
    ['wiki.example.com', 'GET /x HTTP/1.1', 'wiki.example.com', 'wiki.example.com'],
    ['wiki.example.com', 'GET /x HTTP/1.1', 'WIKI.example.com.:1', 'wiki.example.com'],
    [
      'wiki.example.com',
      'GET https://wiki.example.com/x HTTP/1.1',
      'b.wild.example.com',
      'wiki.example.com',
    ],
    [
      'wiki.example.com',
      'GET https://b.wild.example.com/x HTTP/1.1',
      'wiki.example.com',
      'b.wild.example.com',
    ],
    ['a.wild.example.com', 'GET /x HTTP/1.1', 'B.wild.example.com', 'b.wild.example.com'],
  ])(
    'checks requests with the name %s in TLS, %s and Host: %s as %s',
    async (sni, line, host, name) => {
      expect(await ask(sni, [line, `Host: ${host}`])).toBe(200);
      const authority = `${name}:${port}`;
      expect(checks.map(({ headers }) => headers['x-original-url'])).toEqual([
        `https://${authority}/x`,
      ]);
      expect(reached.map(({ headers }) => headers['x-forwarded-host'])).toEqual([authority]);
    },
  );
});
