/**
 * The configurations that `generate` writes, in real proxies: they load, and treat requests,
 * headers and cookies as promised. A fake Doorward gives known replies.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeConfig as caddyConfig } from '../../src/dialects/caddy/writer.ts';
import { writeSwag } from '../../src/dialects/nginx/swag-writer.ts';
import { writeConfig as nginxConfig } from '../../src/dialects/nginx/writer.ts';
import { proxyPlan } from '../../src/cli/rules/proxy-plan.ts';
import type { ProxyPlan } from '../../src/core/setup/proxy-plan.ts';
import { everyKind } from '../support/every-kind.ts';
import { isLeftOut } from '../support/packages.ts';
import { freePort } from '../support/ports.ts';
import { isListening } from '../support/program.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { testIdentity, testSnapshot } from '../support/snapshot.ts';
import { until } from '../support/until.ts';

const dir = mkdtempSync(join(tmpdir(), 'doorward-generate-'));
const WRAPPER = join(import.meta.dirname, '../../examples/nginx/nginx.conf');
const ENV = { ...process.env, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir };
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const HTTP = proxyPlan(everyKind('http://auth.example.com:18080', ':18080'), null);
const HTTPS = proxyPlan(everyKind('https://auth.example.com:18443', ':18443'), null);

describe.skipIf(isLeftOut('nginx'))('nginx accepts the generated configuration', () => {
  it('over http', () => {
    expect(nginxSays(nginxConfig(HTTP))).toEqual({ status: 0, text: '' });
  });

  it('over https, after the certificate is configured', () => {
    const key = join(dir, 'key.pem');
    const cert = join(dir, 'cert.pem');
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const names = ['-keyout', key, '-out', cert, '-subj', '/CN=auth.example.com', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...curve, ...names], { stdio: 'ignore' });
    const text = nginxConfig(HTTPS)
      .replaceAll('/etc/nginx/tls/fullchain.pem', cert)
      .replaceAll('/etc/nginx/tls/privkey.pem', key);
    expect(nginxSays(text)).toEqual({ status: 0, text: '' });
    // SWAG's own files.
    writeFileSync(join(dir, 'ssl.conf'), `ssl_certificate ${cert}; ssl_certificate_key ${key};`);
    writeFileSync(join(dir, 'resolver.conf'), 'resolver 127.0.0.11 valid=30s;');
    expect(nginxSays(writeSwag(HTTPS).replaceAll('/config/nginx', dir))).toEqual({
      status: 0,
      text: '',
    });
  });
});

describe.skipIf(isLeftOut('caddy'))('Caddy accepts the generated configuration', () => {
  it.each([
    ['over http', HTTP],
    ['over https', HTTPS],
  ])('%s', (_, plan) => {
    const file = join(dir, 'Caddyfile');
    writeFileSync(file, caddyConfig(plan));
    const args = ['validate', '--adapter', 'caddyfile', '--config', file];
    const ran = spawnSync('caddy', args, { encoding: 'utf8', env: ENV });
    expect({ status: ran.status, errors: ran.stderr.match(/error.*/i) }).toEqual({
      status: 0,
      errors: null,
    });
  });

  it('and its formatter changes nothing', () => {
    const file = join(dir, 'formatted.caddy');
    writeFileSync(file, caddyConfig(HTTPS));
    const formatted = execFileSync('caddy', ['fmt', file], { encoding: 'utf8', env: ENV });
    expect(formatted).toBe(caddyConfig(HTTPS));
  });
});

/** What one server received. */
interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Replies that the fake gives, depending on the requested path. */
function standIn(seen: Seen[], isNginx: boolean): Server {
  return createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const { method = '', url = '', headers } = req;
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      const original = String(headers['x-original-url'] ?? headers['x-forwarded-uri'] ?? '');
      if (!url.startsWith('/.doorward/check/')) res.end(`doorward ${url}`);
      else if (original.includes('/closed')) {
        const isWhole = !isNginx || url.endsWith('?answer=whole');
        if (isWhole) res.writeHead(302, { Location: 'http://auth.example.com/flow/login?rd=x' });
        else res.writeHead(401);
        res.end('whole');
      } else if (original.includes('/broken')) {
        res.writeHead(503);
        res.end('store');
      } else {
        res.writeHead(200, {
          'Remote-User': 'ann',
          'Remote-Groups': '',
          'Remote-Name': '',
          'Remote-Email': '',
        });
        res.end();
      }
    });
  });
}

describe.each(['nginx', 'caddy'] as const)('behind a real %s', (kind) => {
  describe.skipIf(isLeftOut(kind))('that runs what was written', () => {
    describeBehind(kind);
  });
});

function describeBehind(kind: 'nginx' | 'caddy'): void {
  const checks: Seen[] = [];
  const reached: Seen[] = [];
  const doorward = standIn(checks, kind === 'nginx');
  const app = standIn(reached, false);
  let proxy: ChildProcess;
  let port = 0;

  beforeAll(async () => {
    port = await freePort();
    const plan = await planFor(port, doorward, app);
    proxy = kind === 'nginx' ? startNginx(nginxConfig(plan)) : startCaddy(caddyConfig(plan));
    await until(`${kind} listens`, () => isListening(port));
  });
  afterAll(async () => {
    const gone = once(proxy, 'exit');
    proxy.kill('SIGTERM');
    await gone;
    for (const server of [doorward, app]) {
      server.closeAllConnections();
      server.close();
    }
  });

  /**
   * Sends lines as one request and waits until the connection closes; without a body, they are the
   * whole head.
   */
  const send = async (lines: readonly string[], body: string | null = ''): Promise<string> => {
    checks.length = 0;
    reached.length = 0;
    const usual = [`Host: wiki.example.com:${port}`, 'Connection: close'];
    const head = [...lines, ...(body === null ? [] : usual)].join('\r\n');
    return sendRaw(port, `${head}\r\n\r\n${body ?? ''}`);
  };

  it('checks the exact URL, and forwards an allowed request with our headers', async () => {
    const answer = await send(['GET /a%20b?x=1&y=%C3%A9 HTTP/1.1']);
    expect(statuses(answer)).toEqual([200]);
    const { headers } = checks[0] as Seen;
    const uri = kind === 'nginx' ? headers['x-original-url'] : headers['x-forwarded-uri'];
    expect(uri).toMatch(/\/a%20b\?x=1&y=%C3%A9$/);
    expect(reached[0]?.url).toBe('/a%20b?x=1&y=%C3%A9');
    expect(reached[0]?.headers['remote-user']).toBe('ann');
  });

  it('forwards no forged identity header, however it is spelled', async () => {
    await send([
      'GET / HTTP/1.1',
      'Remote-User: root',
      'remote_user: root',
      'Remote.User: root',
      'REMOTE_GROUPS: admins',
      'Remote-Groups: admins',
    ]);
    const values = Object.entries(reached[0]?.headers ?? {}).filter(([name]) =>
      /remote/i.test(name),
    );
    expect(values.filter(([, value]) => value !== '')).toEqual([['remote-user', 'ann']]);
  });

  it('keeps our header when the client names it in Connection', async () => {
    reached.length = 0;
    const lines = ['GET / HTTP/1.1', `Host: wiki.example.com:${port}`];
    await sendRaw(port, [...lines, 'Connection: close, Remote-User', '', ''].join('\r\n'));
    await sendRaw(
      port,
      [...lines, 'Connection: close', 'Connection: remote-user', '', ''].join('\r\n'),
    );
    expect(reached.map((seen) => seen.headers['remote-user'])).toEqual(['ann', 'ann']);
  });

  it.each([
    ['doorward=secret', ''],
    ['a=1; doorward=secret; b=2', 'a=1; b=2'],
    ['doorward=secret; b=2', 'b=2'],
    ['a=1; doorward=secret', 'a=1'],
    ['xdoorward=1; doorwards=2', 'xdoorward=1; doorwards=2'],
    ['a=1; doorward-browser=2', 'a=1'],
    ['a=1', 'a=1'],
  ])('forwards %j without our cookies', async (cookie, rest) => {
    await send(['GET / HTTP/1.1', `Cookie: ${cookie}`]);
    expect(checks[0]?.headers.cookie).toBe(cookie);
    expect(cookiesOf(reached[0]?.headers.cookie)).toEqual(cookiesOf(rest));
  });

  it('never forwards a ticket, even if there are two', async () => {
    await send(['GET / HTTP/1.1', 'Cookie: doorward=one; a=1; doorward=two']);
    expect(reached[0]?.headers.cookie ?? '').not.toMatch(/doorward/);
  });

  it('returns the full reply to a visitor who must sign in, and sends the app nothing', async () => {
    const body = 'q=1';
    const answer = await send(['POST /closed HTTP/1.1', `Content-Length: ${body.length}`], body);
    expect(statuses(answer)).toEqual([302]);
    expect(answer).toContain('Location: http://auth.example.com/flow/login?rd=x');
    expect(reached).toEqual([]);
    expect(checks.map((a) => a.body).join('')).toBe('');
  });

  it('refuses requests when Doorward does not respond', async () => {
    const answer = await send(['GET /broken HTTP/1.1']);
    expect(statuses(answer)[0]).toBe(503);
    expect(reached).toEqual([]);
  });

  it('sends the body of an allowed request to the app alone', async () => {
    await send(['POST /form HTTP/1.1', 'Content-Length: 5'], 'hello');
    expect(reached[0]?.body).toBe('hello');
    expect(checks[0]?.body).toBe('');
  });

  it('routes our own paths to Doorward, and accepts no checks from clients', async () => {
    expect(await send(['GET /.doorward/sign-out HTTP/1.1'])).toContain(
      'doorward /.doorward/sign-out',
    );
    expect(statuses(await send([`GET /.doorward/check/${kind} HTTP/1.1`]))).toEqual([404]);
    expect(checks).toEqual([]);
  });

  it('does not let a client pose as another proxy', async () => {
    await send(['GET / HTTP/1.1', 'X-Original-URL: http://evil/', 'X-Forwarded-For: 1.2.3.4']);
    const { headers } = checks[0] as Seen;
    expect(headers['x-forwarded-for']).toBe('127.0.0.1');
    expect(headers['x-original-url'] ?? '').not.toContain('evil');
  });

  it('forwards websockets after they are allowed', async () => {
    const answer = await send(
      [
        'GET /ws HTTP/1.1',
        'Connection: Upgrade',
        'Upgrade: WebSocket',
        'Sec-WebSocket-Key: eA==',
        `Host: wiki.example.com:${port}`,
      ],
      null,
    );
    expect(statuses(answer)).toEqual([200]);
    expect(checks[0]?.headers['sec-websocket-key']).toBe('eA==');
    expect(checks[0]?.headers.upgrade).toBeUndefined();
    expect(reached[0]?.headers.upgrade).toBe('websocket');
    expect(reached[0]?.headers.connection).toMatch(/^upgrade$/i);
  });
}

function cookiesOf(header = ''): string[] {
  return header.split(/;\s*/).filter((pair) => pair !== '');
}

function nginxSays(text: string): { status: number | null; text: string } {
  writeFileSync(join(dir, 'doorward.conf'), text);
  writeFileSync(join(dir, 'nginx.conf'), readFileSync(WRAPPER));
  const args = ['-t', '-q', '-p', dir, '-c', join(dir, 'nginx.conf')];
  const ran = spawnSync('nginx', args, { encoding: 'utf8' });
  return { status: ran.status, text: ran.stderr };
}

function startNginx(text: string): ChildProcess {
  expect(nginxSays(text)).toEqual({ status: 0, text: '' });
  return spawn('nginx', ['-p', dir, '-c', join(dir, 'nginx.conf')], { stdio: 'ignore' });
}

function startCaddy(text: string): ChildProcess {
  const file = join(dir, 'Caddyfile.run');
  writeFileSync(file, `{\n\tadmin off\n}\n\n${text}`);
  const args = ['run', '--adapter', 'caddyfile', '--config', file];
  return spawn('caddy', args, { stdio: 'ignore', env: ENV });
}

/** One app behind the proxy, and the portal, on one port. */
async function planFor(port: number, doorward: Server, app: Server): Promise<ProxyPlan> {
  const [own, behind] = await Promise.all([listening(doorward), listening(app)]);
  const snapshot = testSnapshot({
    publicUrl: `http://auth.example.com:${port}`,
    identity: testIdentity(),
    routes: [
      { id: 'wiki', host: `wiki.example.com:${port}`, upstream: `http://127.0.0.1:${behind}` },
    ],
  });
  const settings = {
    file: 'doorward.yaml',
    listen: [`127.0.0.1:${own}`],
    grpcListen: null,
    adminListen: null,
  };
  return proxyPlan({ snapshot, settings }, null);
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
