/**
 * Behind a real HAProxy that passes connections on, with both versions of the PROXY protocol: the
 * client's address is the one that HAProxy saw, and nothing that a client sends changes it.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { isLeftOut, needBinary } from '../support/packages.ts';
import { freePort } from '../support/ports.ts';
import { isListening, type Program, startProgram } from '../support/program.ts';
import { BLOCKS, KINDS, v1, v2 } from '../support/proxy-headers.ts';
import { answersOf, sendRaw, statuses } from '../support/raw.ts';
import { until } from '../support/until.ts';
import { type EchoApp, logOf, signedIn, startEcho } from './fixture.ts';

/** Where the office is; the gateway trusts `CDN` on the listener behind HAProxy. */
const OFFICE = '127.0.0.5';
const CDN = '127.0.0.9';

let app: EchoApp;
let gateway: Gateway;
let pair: string;
/** The listener that takes PROXY headers. */
let inner: number;

beforeAll(async () => {
  app = await startEcho('app');
  inner = await freePort();
  gateway = await startGateway({
    listen: ({ port, dir }) => `
  - 127.0.0.1:${port}
  - { at: "unix:${join(dir, 'doorward.sock')}", trusts: peer }
  - { at: "127.0.0.1:${inner}", trusts: [127.0.0.1, ${CDN}], proxy_protocol: true }`,
    config: () => `session: { cookie_domains: [gw.test] }
trusted_proxies: [unix]
routes:
  - id: office
    host: office.gw.test
    upstream: ${app.origin}
    policies: [{ type: network, any: [${OFFICE}/32, 10.0.0.0/8] }]
  - { id: app, host: app.gw.test, upstream: "${app.origin}" }
`,
  });
  ({ pair } = await signedIn(gateway, 'alice'));
});
beforeEach(() => void (app.seen.length = 0));
afterAll(async () => {
  await gateway.remove();
  await app.close();
});

const get = (path: string, ...lines: string[]): string =>
  `${[`GET ${path} HTTP/1.1`, 'Host: office.gw.test', `Cookie: ${pair}`, ...lines].join('\r\n')}\r\n\r\n`;
const checked = (...lines: string[]): string =>
  `${[
    'GET /.doorward/check/caddy HTTP/1.1',
    'Host: auth.internal',
    `Cookie: ${pair}`,
    'X-Forwarded-Method: GET',
    'X-Forwarded-Proto: http',
    'X-Forwarded-Host: office.gw.test',
    'X-Forwarded-Uri: /',
    'X-Forwarded-For: 10.1.2.3',
    ...lines,
  ].join('\r\n')}\r\n\r\n`;
const HANDSHAKE = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: eA=='];

const clients = (): unknown[] =>
  logOf(gateway).flatMap((line) => ('client_ip' in line ? [line['client_ip']] : []));
/** The clients in the log since then, once there are this many. */
async function logged(before: number, count: number): Promise<unknown[]> {
  await until('the lines in the log', () => clients().length >= before + count);
  return clients().slice(before);
}

describe.skipIf(isLeftOut('haproxy')).each(['send-proxy', 'send-proxy-v2'])('%s', (option) => {
  let haproxy: Program;
  let dir: string;
  let port: number;
  let stats: number;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'doorward-haproxy-'));
    chmodSync(dir, 0o755);
    [port, stats] = [await freePort(), await freePort()];
    writeFileSync(
      join(dir, 'haproxy.cfg'),
      `defaults
    mode tcp
    timeout connect 10s
    timeout client 60s
    timeout server 60s
    timeout check 60s
frontend clients
    bind 127.0.0.1:${port}
    default_backend doorward
frontend stats
    mode http
    bind 127.0.0.1:${stats}
    stats enable
    stats uri /
backend doorward
    option httpchk GET / HTTP/1.1
    http-check send hdr Host auth.gw.test
    http-check expect rstatus ^[2345]
    server doorward 127.0.0.1:${inner} ${option} check check-send-proxy inter 100ms fall 1000
`,
    );
    haproxy = await startProgram(needBinary('haproxy'), ['-f', join(dir, 'haproxy.cfg'), '-db'], {
      isReady: () => isListening(port),
    });
  });
  afterAll(async () => {
    await haproxy.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('names the client for every request of a connection', async () => {
    const raw = await sendRaw(port, get('/1') + get('/2'), { from: OFFICE });
    expect(statuses(raw)).toEqual([200, 200]);
    for (const { rawHeaders } of app.seen) {
      const sent = rawHeaders[rawHeaders.indexOf('X-Forwarded-For') + 1];
      expect(sent).toBe(OFFICE);
    }
    expect(app.seen).toHaveLength(2);
  });

  it.each([
    ['X-Forwarded-For', `X-Forwarded-For: ${OFFICE}`],
    ['X-Real-IP', `X-Real-IP: ${OFFICE}`],
    ['Forwarded', `Forwarded: for=${OFFICE}`],
  ])('is not overruled by a client’s %s', async (_, line) => {
    const raw = await sendRaw(port, get('/', line), { from: '127.0.0.6' });
    expect(statuses(raw)).toEqual([403]);
    expect(app.seen).toEqual([]);
  });

  it('is not overruled by a header of the client’s own', async () => {
    for (const header of [
      v1(`TCP4 ${OFFICE} 127.0.0.1 1 2`),
      v2(0x20, KINDS.unspecified, BLOCKS.none),
    ]) {
      const bytes = Buffer.concat([header, Buffer.from(get('/'))]);
      expect(statuses(await sendRaw(port, bytes, { from: '127.0.0.6' }))).toEqual([400]);
    }
    expect(app.seen).toEqual([]);
  });

  it('lets X-Forwarded-For of a trusted client name the one behind it', async () => {
    const before = clients().length;
    const raw = await sendRaw(port, get('/', 'X-Forwarded-For: 10.9.9.9, 10.1.2.3'), { from: CDN });
    expect(statuses(raw)).toEqual([200]);
    expect(await logged(before, 1)).toContain('10.1.2.3');
  });

  it('carries websockets, decided by the client’s address', async () => {
    const open = await sendRaw(port, get('/ws', ...HANDSHAKE), { from: OFFICE });
    expect(statuses(open)[0]).toBe(101);
    app.seen.length = 0;
    const closed = await sendRaw(port, get('/ws', ...HANDSHAKE), { from: '127.0.0.6' });
    expect(statuses(closed)).toEqual([403]);
    expect(app.seen).toEqual([]);
  });

  it('gives clients no check, although the proxy is trusted', async () => {
    const [answer] = answersOf(await sendRaw(port, checked(), { from: OFFICE }));
    expect([answer?.status, answer?.body]).toEqual([
      403,
      expect.stringContaining('peer/untrusted'),
    ]);
  });

  it('passes the proxy’s own health checks', async () => {
    const states = async () => (await fetch(`http://127.0.0.1:${stats}/;csv`)).text();
    // A star while the next check is under way.
    const isUp = /^doorward,doorward,(?:[^,]*,){15}UP,(?:[^,]*,){18}(?:\* )?L7OK,/m;
    await until('the server is up', async () => isUp.test(await states()));
    expect(await states()).toMatch(isUp);
  });
});

describe('a connection that is reset', () => {
  it.each([
    ['a client of a unix socket', v2(0x21, KINDS.unix, BLOCKS.unix)],
    ['an unknown client', v1('UNKNOWN')],
    ['the proxy itself, untrusted', v2(0x20, KINDS.unspecified, BLOCKS.none)],
  ])('TRUST-rst: never passes for the trusted Unix socket: %s', async (_, header) => {
    const before = clients().length;
    const from = header[12] === 0x20 ? '127.0.0.8' : '127.0.0.1';
    for (let round = 0; round < 100; round += 1) {
      await new Promise<void>((resolve) => {
        const socket = connect({ port: inner, host: '127.0.0.1', localAddress: from });
        socket.on('error', () => undefined).on('close', () => resolve());
        const bytes = Buffer.concat([header, Buffer.from(get('/', 'X-Forwarded-For: 10.1.2.3'))]);
        socket.write(bytes, () => socket.resetAndDestroy());
      });
    }
    // Connections are accepted in order: after this reply, none of the above is pending.
    const last = Buffer.concat([v1('UNKNOWN'), Buffer.from(checked())]);
    expect(statuses(await sendRaw(inner, last))).toEqual([403]);
    const seen = new Set(await logged(before, 1));
    expect([...seen].filter((client) => client !== 'unknown')).toEqual([]);
    expect(app.seen).toEqual([]);
  });
});
