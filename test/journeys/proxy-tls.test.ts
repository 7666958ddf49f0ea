/** Apps behind TLS: real certificates, right and wrong ones, for requests and websockets. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { CHECKED_TLS, plainUpstream, type UpstreamTls } from '../../src/core/routes/upstream.ts';
import {
  authority,
  type CertificateWords,
  certificate,
  keyPem,
  SERVER_AUTH,
} from '../support/certificate.ts';
import { ALICE, type Proxied, startProxied } from '../support/proxied.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { until } from '../support/until.ts';
import { startBytes, startSockets } from '../support/upstreams.ts';

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.close();
});

const DAY = 86_400_000;
/** TLS uses the machine's own clock. */
const SPAN = { from: Date.now() - 365 * DAY, until: Date.now() + 365 * DAY };
const CA = authority(SPAN);

interface Case {
  readonly words?: CertificateWords;
  readonly isSelfSigned?: boolean;
  readonly host?: 'localhost' | '127.0.0.1';
  readonly tls?: Partial<UpstreamTls>;
  /** The app requires a certificate of this authority. */
  readonly clients?: string;
  readonly preserveHost?: boolean;
}

/** A TLS app with this certificate, and the gateway in front of it. */
async function behindTls({ words = {}, isSelfSigned = false, ...rest }: Case) {
  const { host = 'localhost', preserveHost = true } = rest;
  const issued = certificate(
    { names: ['app'], usages: [SERVER_AUTH], ...SPAN, ...words },
    isSelfSigned ? null : CA,
  );
  const clients = rest.clients === undefined ? {} : { ca: rest.clients };
  const app = await startSockets({ tls: { key: keyPem(issued), cert: issued.pem, ...clients } });
  running.push(app);
  const upstream = {
    ...plainUpstream(`https://${host}:${app.port}`, 10_000),
    tls: { ...CHECKED_TLS, ca: CA.pem, ...rest.tls },
  };
  const proxied = await startProxied(upstream, { preserveHost });
  running.push(proxied);
  return { app, proxied };
}

async function get(proxied: Proxied): Promise<string> {
  const lines = ['GET /x HTTP/1.1', 'Host: app.gw.test', `Cookie: ${ALICE}`, 'Connection: close'];
  return sendRaw(proxied.port, [...lines, '', ''].join('\r\n'), { quiet: 5_000, longest: 15_000 });
}

function dial(proxied: Proxied): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${proxied.port}/ws`, {
    headers: { Host: 'app.gw.test', Cookie: ALICE },
  });
}

/** 101, or the status of the refusal. */
function outcome(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.on('open', () => resolve(101));
  });
}

const FOR_NAME = { dns: ['localhost'] };
const FOR_ADDRESS = { addresses: ['127.0.0.1'] };

describe('a certificate is verified against the upstream itself, whatever Host is sent', () => {
  it.each<[string, Case]>([
    ['UP-tls-ws: by its name, with the client’s Host preserved', { words: FOR_NAME }],
    [
      'UP-tls-ws: by its name, with the upstream’s own Host',
      { words: FOR_NAME, preserveHost: false },
    ],
    ['UP-tls-ws: by its address', { words: FOR_ADDRESS, host: '127.0.0.1' }],
    [
      'UP-tls-ws: by its address, the upstream’s own Host',
      { words: FOR_ADDRESS, host: '127.0.0.1', preserveHost: false },
    ],
    [
      'by the name of the configuration',
      {
        words: { dns: ['wiki.internal'] },
        host: '127.0.0.1',
        tls: { servername: 'wiki.internal' },
      },
    ],
    [
      'by the address of the configuration',
      { words: FOR_ADDRESS, tls: { servername: '127.0.0.1' } },
    ],
    ['not at all if the operator configures so', { isSelfSigned: true, tls: { insecure: true } }],
  ])('%s', async (_, how) => {
    const { app, proxied } = await behindTls(how);
    // The app itself refuses plain requests, so it was reached.
    expect(await get(proxied)).toMatch(/^HTTP\/1\.1 403 [^]*\r\nno\r\n/);
    expect(await get(proxied)).toMatch(/^HTTP\/1\.1 403 /);
    const socket = dial(proxied);
    expect(await outcome(socket)).toBe(101);
    socket.send('hello');
    expect(String((await once(socket, 'message'))[0])).toBe('hello');
    socket.terminate();
    const own = new URL(`http://${how.host ?? 'localhost'}:${app.port}`);
    const hosts = new Set(app.seen.flatMap((one) => one.values('host')));
    expect(hosts).toEqual(new Set([how.preserveHost === false ? own.host : 'app.gw.test']));
  });

  it('another Host reuses the same connections', async () => {
    const { app, proxied } = await behindTls({ words: FOR_ADDRESS, host: '127.0.0.1' });
    for (let i = 0; i < 4; i += 1) await get(proxied);
    expect(app.connections().made).toBe(1);
  });
});

describe('UP-cause: a TLS fault is in the log and not in the reply', () => {
  it.each<[string, Case, string]>([
    [
      'a certificate of an unknown authority',
      { words: FOR_NAME, tls: { ca: null } },
      'tls/authority',
    ],
    ['a self-signed certificate', { words: FOR_NAME, isSelfSigned: true }, 'tls/self-signed'],
    [
      'a certificate that has expired',
      { words: { ...FOR_NAME, from: Date.now() - 9 * DAY, until: Date.now() - DAY } },
      'tls/expired',
    ],
    [
      'a certificate that is not valid yet',
      { words: { ...FOR_NAME, from: Date.now() + DAY, until: Date.now() + 9 * DAY } },
      'tls/not-yet-valid',
    ],
    ['a certificate of another name', { words: { dns: ['other.test'] } }, 'tls/name'],
    [
      'a certificate of another address',
      { words: { addresses: ['127.0.0.2'] }, host: '127.0.0.1' },
      'tls/name',
    ],
    [
      'a certificate of the Host that the client sent',
      { words: { dns: ['app.gw.test'] } },
      'tls/name',
    ],
  ])('UP-cause: %s', async (_, how, word) => {
    const { app, proxied } = await behindTls(how);
    const answer = await get(proxied);
    expect(statuses(answer)).toEqual([502]);
    expect(answer).toContain('upstream/down');
    expect(await outcome(dial(proxied))).toBe(502);
    await until('both are told', () => ofApp(proxied).length === 2);
    for (const event of ofApp(proxied)) {
      expect(event).toMatchObject({ status: 502, fault: 'upstream/down', cause: { word } });
      expect(event).toHaveProperty('cause.message', expect.stringMatching(/certificate|altnames/i));
    }
    expect(answer).not.toMatch(/certificate|altnames|localhost/i);
    expect(app.seen).toEqual([]);
  });

  it.each<[string, string, string, number]>([
    ['a port where nothing listens', 'http://127.0.0.1:1', 'refused', 502],
    ['a name that does not exist', 'http://wiki.invalid:8080', 'dns', 502],
    ['a missing socket', 'unix:/tmp/doorward-test-missing.sock', 'socket/missing', 502],
  ])('UP-cause: %s', async (_, url, word, status) => {
    const proxied = await startProxied(url);
    running.push(proxied);
    const answer = await get(proxied);
    expect(statuses(answer)).toEqual([status]);
    expect(answer).not.toMatch(/ECONNREFUSED|ENOTFOUND|ENOENT|EAI_AGAIN|invalid|sock\b/);
    expect(await outcome(dial(proxied))).toBe(status);
    await until('both are told', () => ofApp(proxied).length === 2);
    for (const event of ofApp(proxied)) {
      expect(event).toMatchObject({ fault: 'upstream/down', cause: { word } });
    }
  });

  it.each<[string, (socket: Socket) => void, string, string, number?]>([
    ['an app that resets', (socket) => socket.resetAndDestroy(), 'upstream/broken', 'reset'],
    ['an app that is silent', () => undefined, 'upstream/timeout', 'timeout', 500],
    [
      'an app that speaks no HTTP',
      (socket) => socket.end('220 mail ready\r\n'),
      'upstream/broken',
      'answer/not-http',
    ],
  ])('UP-cause: %s', async (_, behave, fault, word, timeout = 60_000) => {
    const app = await startBytes(behave);
    running.push(app);
    const proxied = await startProxied(app.url, { timeout });
    running.push(proxied);
    await get(proxied);
    await outcome(dial(proxied));
    await until('both are told', () => ofApp(proxied).length === 2);
    for (const event of ofApp(proxied)) expect(event).toMatchObject({ fault, cause: { word } });
  });
});

function ofApp({ events }: Proxied) {
  return events.filter((event) => event.type === 'upstream');
}

describe('an app on a Unix socket', () => {
  it('UP-unix: gets requests and websockets', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'doorward-'));
    try {
      const app = await startSockets({ path: join(directory, 'app.sock') });
      running.push(app);
      const proxied = await startProxied(app.url);
      running.push(proxied);
      expect(await get(proxied)).toMatch(/^HTTP\/1\.1 403 [^]*\r\nno\r\n/);
      const socket = dial(proxied);
      expect(await outcome(socket)).toBe(101);
      socket.terminate();
      expect(app.seen.map((one) => one.url)).toEqual(['/x', '/ws']);
      expect(app.seen.map((one) => one.values('host'))).toEqual([['localhost'], ['localhost']]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('an app that requires a certificate', () => {
  const OURS = certificate({ names: ['gateway'], ...SPAN }, CA);
  const identity = { cert: OURS.pem, key: keyPem(OURS) };

  it('gets that of the configuration, for requests and websockets', async () => {
    const { proxied } = await behindTls({ words: FOR_NAME, clients: CA.pem, tls: { identity } });
    expect(await get(proxied)).toMatch(/^HTTP\/1\.1 403 /);
    const socket = dial(proxied);
    expect(await outcome(socket)).toBe(101);
    socket.terminate();
  });

  it.each<[string, Partial<UpstreamTls>]>([
    ['none', {}],
    ['one of another authority', { identity: strange() }],
  ])('refuses %s, and the log says so', async (_, tls) => {
    const { app, proxied } = await behindTls({ words: FOR_NAME, clients: CA.pem, tls });
    expect(await get(proxied)).toMatch(/^HTTP\/1\.1 502 /);
    await until('the failure is reported', () =>
      proxied.events.some((event) => event.type === 'upstream'),
    );
    // The app's alert comes after our side of the handshake; the end of the connection may overtake it.
    expect(proxied.events.find((event) => event.type === 'upstream')).toMatchObject({
      cause: { word: expect.stringMatching(/^(?:tls\/client-certificate|reset)$/) },
    });
    expect(app.seen).toEqual([]);
  });
});

/** A certificate that the app has no reason to trust. */
function strange(): NonNullable<UpstreamTls['identity']> {
  const issued = certificate({ names: ['gateway'], ...SPAN }, authority(SPAN));
  return { cert: issued.pem, key: keyPem(issued) };
}
