/**
 * The configuration for Apache over TLS, before a Doorward of the test: what reaches
 * Doorward is the host, the client and the path as they are, whatever a client writes.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { proxyPlan } from '../../src/cli/rules/proxy-plan.ts';
import { writeConfig } from '../../src/dialects/direct/apache-writer.ts';
import { certificate, keyPem, SERVER_AUTH } from '../support/certificate.ts';
import { apacheFront, type Front, type RunningFront, startFront } from '../support/fronts.ts';
import { freePort } from '../support/ports.ts';
import { sendRaw } from '../support/raw.ts';
import { testIdentity, testSnapshot } from '../support/snapshot.ts';

interface Seen {
  readonly url: string;
  readonly rawHeaders: readonly string[];
}

const seen: Seen[] = [];
const doorward = createServer(({ url = '', rawHeaders }, response) => {
  seen.push({ url, rawHeaders });
  response.end('ok');
});

/** Apache with a test certificate, and a free port for HTTP. */
const withCertificate = (httpPort: number): Front => ({
  ...apacheFront,
  start({ dir, port, text }) {
    const issued = certificate({ names: ['auth.example.com'], usages: [SERVER_AUTH] });
    writeFileSync(join(dir, 'cert.pem'), issued.pem);
    writeFileSync(join(dir, 'key.pem'), keyPem(issued));
    const changed = text
      .replaceAll('/etc/apache2/tls/fullchain.pem', join(dir, 'cert.pem'))
      .replaceAll('/etc/apache2/tls/privkey.pem', join(dir, 'key.pem'))
      .replaceAll('<VirtualHost *:80>', `<VirtualHost *:${httpPort}>`);
    return apacheFront.start({ dir, port, text: `Listen ${httpPort}\n${changed}` });
  },
});

describe.skipIf(!apacheFront.isHere())('Apache over TLS', () => {
  let front: RunningFront;
  let [port, httpPort] = [0, 0];

  beforeAll(async () => {
    [port, httpPort] = [await freePort(), await freePort()];
    doorward.listen(0, '127.0.0.1');
    await once(doorward, 'listening');
    const own = (doorward.address() as AddressInfo).port;
    const snapshot = testSnapshot({
      publicUrl: `https://auth.example.com:${port}`,
      identity: testIdentity(),
      routes: [
        { id: 'wiki', host: `wiki.example.com:${port}` },
        { id: 'wild', host: `*.wild.example.com:${port}` },
      ],
    });
    const settings = { file: 'doorward.yaml', listen: [`127.0.0.1:${own}`], grpcListen: null };
    const text = writeConfig(proxyPlan({ snapshot, settings }, null));
    front = await startFront(withCertificate(httpPort), { port, text });
  });
  afterAll(async () => {
    await front?.stop();
    doorward.closeAllConnections();
    doorward.close();
  });
  beforeEach(() => void (seen.length = 0));

  /** Sends one request over TLS as bytes; returns the status of the response. */
  const ask = (lines: readonly string[]): Promise<number> =>
    new Promise((resolve, reject) => {
      const options = { port, servername: 'wiki.example.com', rejectUnauthorized: false };
      const socket = connectTls({ ...options, host: '127.0.0.1' }, () =>
        socket.write([...lines, '', ''].join('\r\n')),
      );
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        if (text.includes('\r\n\r\n')) socket.end();
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(Number(text.slice(9, 12))));
    });

  /** The values of a field that reached Doorward. */
  const values = (name: string): readonly string[] =>
    seen.flatMap(({ rawHeaders }) =>
      rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name),
    );

  it.each([
    ['wiki.example.com', '/a%2Fb//c?b=%20c'],
    ['any.wild.example.com', '/'],
  ])('redirects http://%s%s to the same URL over https', async (host, target) => {
    const lines = [`GET ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close', '', ''];
    const raw = await sendRaw(httpPort, lines.join('\r\n'));
    expect(raw).toMatch(/^HTTP\/1.1 301 /);
    expect(raw).toContain(`Location: https://${host}:${port}${target}\r\n`);
    expect(seen).toEqual([]);
  });

  it.each([
    '/',
    '//x',
    '/a//b/',
    '/@scope%2fname',
    '/a%2F..%2fb',
    '/a;b=c/d',
    '/100%25?x=%2F&y=%zz',
    '/caf%c3%a9%20"',
    '/a%5cb',
    '/?',
  ])('passes the target on byte for byte: %s', async (target) => {
    expect(await ask([`GET ${target} HTTP/1.1`, 'Host: wiki.example.com'])).toBe(200);
    expect(seen.map(({ url }) => url)).toEqual([target]);
  });

  it.each([
    ['wiki.example.com', 'wiki.example.com'],
    ['WIKI.example.com.:1', 'wiki.example.com'],
    ['B.wild.example.com', 'b.wild.example.com'],
  ])('names %s as %s', async (host, name) => {
    expect(await ask(['GET / HTTP/1.1', `Host: ${host}`])).toBe(200);
    expect(values('host').map((one) => one.replace('.:', ':'))).toEqual([`${name}:${port}`]);
    expect(values('x-forwarded-proto')).toEqual(['https']);
  });

  it.each([
    ['GET / HTTP/1.1', 'other.example.com', 421],
    ['GET https://wiki.example.com/ HTTP/1.1', 'wiki.example.com', 400],
    ['GET https://other.example.com/ HTTP/1.1', 'wiki.example.com', 421],
    ['GET /.doorward/check/envoy/x HTTP/1.1', 'wiki.example.com', 404],
    ['GET /.doorward/%63heck/nginx HTTP/1.1', 'wiki.example.com', 404],
  ])('replies to %s at %s with %i itself', async (line, host, status) => {
    expect(await ask([line, `Host: ${host}`])).toBe(status);
    expect(seen).toEqual([]);
  });

  it.each(['close', 'X-Forwarded-For', 'Host, X-Forwarded-Proto', 'Upgrade, X-Forwarded-For'])(
    'sends its own fields whatever a client lists in Connection: %s',
    async (connection) => {
      const forged = [
        'X-Forwarded-For: 10.0.0.1',
        'X-Forwarded-Proto: http',
        'X-Real-IP: 10.0.0.1',
      ];
      const lines = ['GET / HTTP/1.1', 'Host: wiki.example.com', `Connection: ${connection}`];
      expect(await ask([...lines, ...forged, 'X-WebAuth-User: root', 'Proxy: x'])).toBe(200);
      expect(values('x-forwarded-for')).toEqual(['127.0.0.1']);
      expect(values('x-forwarded-proto')).toEqual(['https']);
      expect(values('host')).toEqual([`wiki.example.com:${port}`]);
      expect(values('x-real-ip')).toEqual(['127.0.0.1']);
      for (const name of ['x-webauth-user', 'proxy']) expect(values(name)).toEqual([]);
    },
  );
});
