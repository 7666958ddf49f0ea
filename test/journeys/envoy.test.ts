/**
 * The generated configuration in a real Envoy, which no Debian package provides: these tests run
 * where its binary is on PATH.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { proxyPlan } from '../../src/cli/rules/proxy-plan.ts';
import { writers } from '../../src/dialects/index.ts';
import { certificate, keyPem, SERVER_AUTH } from '../support/certificate.ts';
import { envoyFront, type Front, type RunningFront, startFront } from '../support/fronts.ts';
import { needBinary } from '../support/packages.ts';
import { freePort } from '../support/ports.ts';
import { HTTP, HTTPS, SOCKET } from '../support/proxy-plans.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { testIdentity, testSnapshot } from '../support/snapshot.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

const dir = mkdtempSync(join(tmpdir(), 'doorward-envoy-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** The text with a test certificate where it says "Change this". */
function withCertificate(text: string, folder: string): string {
  const issued = certificate({ names: ['auth.example.com'], usages: [SERVER_AUTH] });
  writeFileSync(join(folder, 'cert.pem'), issued.pem);
  writeFileSync(join(folder, 'key.pem'), keyPem(issued));
  return text
    .replaceAll('/etc/envoy/tls/fullchain.pem', join(folder, 'cert.pem'))
    .replaceAll('/etc/envoy/tls/privkey.pem', join(folder, 'key.pem'));
}

const textOf = (target: string, plan: typeof HTTP): string =>
  writers.find((writer) => writer.target === target)?.write(plan) ?? '';

describe.skipIf(!envoyFront.isHere())('a real Envoy accepts the generated configuration', () => {
  it.each([
    ['over http', HTTP],
    ['over https', HTTPS],
    ['with unix sockets', { ...SOCKET, doorward: 'unix:/run/doorward.sock' }],
  ])('envoy %s', (_, plan) => {
    expect(validated(textOf('envoy', plan))).toContain(' OK');
  });

  it('and the filter of docs/proxies/envoy.md', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/proxies/envoy.md'), 'utf8');
    const [, block = ''] = /^```yaml envoy$(.*?)^```$/ms.exec(page) ?? [];
    const { http_filters: filters } = parse(block) as { http_filters: object[] };
    expect(filters).toHaveLength(1);
    // JSON is YAML, so the block can replace the filter in the generated text.
    const written = textOf('envoy', HTTP);
    const own = /^ {18}- name: envoy\.filters\.http\.ext_authz$.*?(?=^ {18}- name: )/ms;
    expect(written).toMatch(own);
    expect(
      validated(written.replace(own, `                  - ${JSON.stringify(filters[0])}\n`)),
    ).toContain(' OK');
  });
});

/** What Envoy says of a configuration. */
function validated(text: string): string {
  const file = join(dir, 'envoy.yaml');
  writeFileSync(file, withCertificate(text, dir));
  const args = ['--mode', 'validate', '-c', file, '-l', 'warning'];
  return execFileSync(needBinary('envoy'), args, { encoding: 'utf8' });
}

describe.skipIf(!envoyFront.isHere())('behind a real Envoy over TLS', () => {
  const checks: Seen[] = [];
  const reached: Seen[] = [];
  const doorward = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    checks.push({ method, url, headers });
    if (url.endsWith('/silent')) return void request.socket.destroy();
    const status = Number(/\/reply-(\d+)$/.exec(url)?.[1] ?? 200);
    const cookies = ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'];
    const own = status === 200 ? ['Remote-User', 'ann', 'Remote-Groups', ''] : cookies;
    response.writeHead(status, ['Content-Type', 'text/html', ...own]);
    response.end(status === 200 ? '' : `page ${status}`);
  });
  const app = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    reached.push({ method, url, headers });
    response.end('app');
  });
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
    const text = textOf('envoy', proxyPlan({ snapshot, settings }, null));
    front = await startFront(overTls(httpPort), { port, text });
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

  /** Sends one request over HTTP/2; returns the status and what came with it. */
  async function ask(path: string, headers: Readonly<Record<string, string | string[]>> = {}) {
    const session = connectHttp2(`https://127.0.0.1:${port}`, {
      servername: 'wiki.example.com',
      rejectUnauthorized: false,
    });
    try {
      const stream = session.request({
        ':path': path,
        ':authority': `wiki.example.com:${port}`,
        ...headers,
      });
      let body = '';
      stream.on('data', (chunk: Buffer) => (body += chunk.toString()));
      const [head] = (await once(stream, 'response')) as [Record<string, unknown>];
      await once(stream, 'close');
      return { status: head[':status'], cookies: head['set-cookie'], body };
    } finally {
      session.destroy();
    }
  }

  it('checks the exact path, and forwards an allowed request under its own name', async () => {
    const cookies = { cookie: ['a=1', 'doorward=t'] };
    expect((await ask('/a%2Fb//c/../d;e?x=%C3%A4', cookies)).status).toBe(200);
    expect(checks.map(({ url }) => url)).toEqual([
      '/.doorward/check/envoy/a%2Fb//c/../d;e?x=%C3%A4',
    ]);
    expect(checks[0]?.headers).toMatchObject({
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '127.0.0.1',
      cookie: 'a=1; doorward=t',
    });
    expect(reached.map(({ url }) => url)).toEqual(['/a%2Fb//c/../d;e?x=%C3%A4']);
    expect(reached[0]?.headers).toMatchObject({
      'remote-user': 'ann',
      'remote-groups': '',
      'x-forwarded-host': `wiki.example.com:${port}`,
      'x-forwarded-proto': 'https',
    });
    expect(reached[0]?.headers).not.toHaveProperty('x-envoy-original-path');
  });

  it.each([302, 401, 403, 404, 421])(
    'passes a reply %i whole, with each cookie',
    async (status) => {
      const answer = await ask(`/reply-${status}`);
      expect(answer).toEqual({ status, cookies: ['a=1', 'b=2'], body: `page ${status}` });
      expect(reached).toEqual([]);
    },
  );

  it.each(['/silent', '/reply-500', '/reply-503'])(
    'GEN-envoy-fault: opens nothing when Doorward fails: %s',
    async (path) => {
      expect((await ask(path)).status).toBe(503);
      expect(reached).toEqual([]);
    },
  );

  it.each([201, 202, 204, 206])('takes no %i for an allow', async (status) => {
    await ask(`/reply-${status}`);
    expect(reached).toEqual([]);
  });

  it('redirects plain HTTP to the same URL over https, and knows no other host', async () => {
    const get = (host: string) =>
      sendRaw(httpPort, `GET /a?b=%20c HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(await get('any.wild.example.com')).toContain(
      `location: https://any.wild.example.com:${port}/a?b=%20c\r\n`,
    );
    expect(statuses(await get('other.example.com'))).toEqual([421]);
    expect([...checks, ...reached]).toEqual([]);
  });
});

/** Envoy with a test certificate, and a free port for HTTP. */
function overTls(httpPort: number): Front {
  return {
    ...envoyFront,
    start: ({ dir: folder, port, text }) =>
      envoyFront.start({
        dir: folder,
        port,
        text: withCertificate(text, folder).replace(/port_value: 80$/m, `port_value: ${httpPort}`),
      }),
  };
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
