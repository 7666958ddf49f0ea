/** Probes of what crosses the gateway: hop-by-hop fields, identity fields, framing, upgrades. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { foldHeader } from '../../src/core/access/identity.ts';
import { ALICE, BOB, type Proxied, type ProxiedOptions, startProxied } from '../support/proxied.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { type App, startApp, startSockets } from '../support/upstreams.ts';

interface Probe {
  readonly id: string;
  readonly expect: string;
  readonly request?: {
    readonly method: string;
    readonly target: string;
    readonly headers: readonly (readonly [string, string])[];
    readonly body: string;
    readonly raw?: string;
  };
}

const probes = JSON.parse(
  readFileSync(join(import.meta.dirname, 'cases/attacks.json'), 'utf8'),
) as readonly Probe[];

/** Probes of these families that are given as bytes; the others are steps, with tests elsewhere. */
function family(pattern: RegExp): (readonly [string, Probe])[] {
  return probes.filter((p) => pattern.test(p.id) && p.request !== undefined).map((p) => [p.id, p]);
}

function bytesOf({ request }: Probe): string {
  if (request === undefined) throw new Error('a probe of steps');
  const head = [
    `${request.method} ${request.target} HTTP/1.1`,
    ...request.headers.map(([name, value]) => `${name}: ${value}`),
  ];
  const raw = request.raw ?? `${head.join('\r\n')}\r\n\r\n${request.body}`;
  // The probes assume HTTPS; this gateway speaks HTTP, and so do its pages.
  const here = raw.replaceAll('Origin: https://app.', 'Origin: http://app.');
  return here.replaceAll(/\{\{session:alice\w*\}\}/g, ALICE);
}

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.close();
});

async function behind(options?: ProxiedOptions): Promise<{ app: App; proxied: Proxied }> {
  const app = await startApp();
  running.push(app);
  const proxied = await startProxied(app.url, { limits: { connections: 1 }, ...options });
  running.push(proxied);
  return { app, proxied };
}

const MANAGED = ['remoteuser', 'remotegroups', 'remotename', 'remoteemail'];

/** The values that the app received under any spelling of a managed name. */
function claims(app: App): string[] {
  const raw = app.seen[0]?.rawHeaders ?? [];
  return raw.filter((_, i) => i % 2 === 1 && MANAGED.includes(foldHeader(raw[i - 1] ?? '')));
}

describe('identity fields of a client', () => {
  it.each(family(/^IDH-(?!anon|options|crlf|authz-basic)/))(
    '%s: do not reach the app',
    async (_, probe) => {
      const { app, proxied } = await behind();
      expect(statuses(await sendRaw(proxied.port, bytesOf(probe)))).toEqual([200]);
      expect(app.seen).toHaveLength(1);
      // Alice has a username and nothing else; all our fields arrive, the others empty.
      expect(claims(app)).toEqual(['alice', '', '', '']);
      expect(app.bytes()).not.toMatch(/\bbob\b|\broot\b/);
    },
  );

  it.each(family(/^IDH-anon-public$/))('%s: leave a visitor anonymous', async (_, probe) => {
    const { app, proxied } = await behind();
    expect(statuses(await sendRaw(proxied.port, bytesOf(probe)))).toEqual([200]);
    expect(claims(app)).toEqual(['', '', '', '']);
  });

  it.each(family(/^IDH-options-preflight$/))('%s: do not change the check', async (_, probe) => {
    const { app, proxied } = await behind();
    expect(statuses(await sendRaw(proxied.port, bytesOf(probe)))).toEqual([401]);
    expect(app.seen).toHaveLength(0);
  });

  it.each(family(/^IDH-authz-basic$/))(
    '%s: are forwarded if we do not manage them',
    async (_, probe) => {
      const { app, proxied } = await behind();
      await sendRaw(proxied.port, bytesOf(probe));
      expect(app.seen[0]?.values('authorization')).toEqual(['Basic Ym9iOng=']);
    },
  );
});

describe('hop-by-hop fields', () => {
  it.each(family(/^HOP-(?!response)/))('%s: do not remove our own fields', async (_, probe) => {
    const { app, proxied } = await behind();
    expect(statuses(await sendRaw(proxied.port, bytesOf(probe)))).toEqual([200]);
    const seen = app.seen[0];
    expect(seen?.values('remote-user')).toEqual(['alice']);
    expect(seen?.values('x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(seen?.values('x-forwarded-host')).toEqual(['app.gw.test']);
    expect(seen?.values('x-forwarded-proto')).toEqual(['http']);
    expect(seen?.values('host')).toHaveLength(1);
    expect(seen?.values('connection')).toEqual(['keep-alive']);
    expect(seen?.values('proxy-connection')).toEqual([]);
  });

  it('are removed if a client lists them in Connection, in any spelling', async () => {
    const { app, proxied } = await behind();
    const lines = [
      'Connection: X-One, x-TWO',
      'connection: cookie',
      'x-one: 1',
      'X-Two: 2',
      'X-Three: 3',
    ];
    const head = ['GET /x HTTP/1.1', 'Host: app.gw.test', `Cookie: c=1; ${ALICE}`, ...lines];
    await sendRaw(proxied.port, `${head.join('\r\n')}\r\n\r\n`);
    const seen = app.seen[0];
    expect(seen?.values('x-one')).toEqual([]);
    expect(seen?.values('x-two')).toEqual([]);
    expect(seen?.values('cookie')).toEqual([]);
    expect(seen?.values('x-three')).toEqual(['3']);
  });
});

describe('framing', () => {
  it.each(family(/^SMUG-(?!connect|pipeline|upgrade|h2c)/))(
    '%s: smuggles no request',
    async (_, probe) => {
      const { app, proxied } = await behind();
      const raw = await sendRaw(proxied.port, bytesOf(probe));
      const [first] = statuses(raw);
      expect(app.seen.map((one) => one.url)).not.toContain('/smuggled');
      const isForwarded = first === 200 || first === 100;
      expect(app.seen).toHaveLength(isForwarded ? 1 : 0);
      expect(isForwarded || (first ?? 0) >= 400).toBe(true);
      for (const one of app.seen) {
        expect(
          one.values('content-length').length + one.values('transfer-encoding').length,
        ).toBeLessThanOrEqual(1);
        // A spelling that some apps treat as the real one.
        expect(one.rawHeaders.join('\n')).not.toMatch(/content_length|transfer_encoding/i);
      }
      // The next request on that connection gets its own reply.
      const next = `GET /next HTTP/1.1\r\nHost: app.gw.test\r\nCookie: ${BOB}\r\nConnection: close\r\n\r\n`;
      expect(await sendRaw(proxied.port, next)).toContain('"url":"/next"');
    },
  );

  it.each(family(/^SMUG-connect$/))('%s: opens no tunnel', async (_, probe) => {
    const { app, proxied } = await behind();
    expect([405, 501]).toContain(statuses(await sendRaw(proxied.port, bytesOf(probe)))[0]);
    expect(app.seen).toHaveLength(0);
  });

  it.each(family(/^SMUG-pipeline-auth$/))('%s: keeps requests separate', async (_, probe) => {
    const { app, proxied } = await behind();
    const raw = await sendRaw(proxied.port, bytesOf(probe));
    expect(statuses(raw)).toEqual([200, 401]);
    expect(app.seen.map((one) => one.url)).toEqual(['/app/a']);
  });

  it.each(family(/^SMUG-(?:upgrade|h2c)/))('%s: opens no tunnel', async (_, probe) => {
    const { app, proxied } = await behind();
    const raw = await sendRaw(proxied.port, bytesOf(probe));
    expect(statuses(raw)).not.toContain(101);
    expect(app.seen.map((one) => one.url)).not.toContain('/smuggled');
    for (const one of app.seen) {
      expect(one.values('upgrade')).toEqual([]);
      expect(one.values('http2-settings')).toEqual([]);
      expect(one.values('connection')).toEqual(['keep-alive']);
    }
  });
});

describe('handshakes', () => {
  it.each(family(/^WS-(?:lower|origin)$/))(
    '%s: refused before they reach the app',
    async (_, probe) => {
      const app = await startSockets();
      running.push(app);
      const proxied = await startProxied(app.url);
      running.push(proxied);
      const status = probe.id === 'WS-origin' ? 403 : 401;
      expect(statuses(await sendRaw(proxied.port, bytesOf(probe)))).toEqual([status]);
      expect(app.connections().made).toBe(0);
    },
  );

  it.each(family(/^WS-idheader$/))('%s: cleaned like any request', async (_, probe) => {
    const app = await startSockets();
    running.push(app);
    const proxied = await startProxied(app.url);
    running.push(proxied);
    expect(statuses(await sendRaw(proxied.port, bytesOf(probe)))).toEqual([101]);
    expect(claims(app)).toEqual(['alice', '', '', '']);
  });
});

describe('the body of an anonymous request', () => {
  it.each([
    ['with a length', 'Content-Length: 1000000', 'x'.repeat(1000)],
    ['in chunks', 'Transfer-Encoding: chunked', '3\r\nabc\r\n'],
  ])('%s never reaches the app, and is not read indefinitely', async (_, framing, body) => {
    const { app, proxied } = await behind();
    const head = `POST /app/up HTTP/1.1\r\nHost: app.gw.test\r\n${framing}\r\n\r\n`;
    expect(statuses(await sendRaw(proxied.port, head + body))).toEqual([401]);
    expect(app.connections().made).toBe(0);
  });

  it('is cut off if it does not end', async () => {
    const { app, proxied } = await behind();
    const head = 'POST /app/up HTTP/1.1\r\nHost: app.gw.test\r\nContent-Length: 100000000\r\n\r\n';
    // Ends only when the gateway closes: `quiet` is longer than the test timeout.
    const raw = await sendRaw(proxied.port, head + 'x'.repeat(8 << 20), {
      quiet: 60_000,
      longest: 60_000,
    });
    expect(statuses(raw).every((status) => status === 401)).toBe(true);
    expect(app.connections().made).toBe(0);
  });
});

describe('faults during a check', () => {
  it('never allow a request', async () => {
    const { app, proxied } = await behind({ brokenVisitors: true });
    const head = `GET /app HTTP/1.1\r\nHost: app.gw.test\r\nCookie: ${ALICE}\r\nConnection: close\r\n\r\n`;
    const raw = await sendRaw(proxied.port, head);
    expect(statuses(raw)).toEqual([500]);
    expect(raw).not.toContain('the store is down');
    expect(app.connections().made).toBe(0);
  });

  it('do not result from a slow policy', async () => {
    const { app, proxied } = await behind({ slowVisitors: true });
    const head = `POST /app HTTP/1.1\r\nHost: app.gw.test\r\nCookie: ${ALICE}\r\nContent-Length: 3\r\n`;
    expect(statuses(await sendRaw(proxied.port, `${head}Connection: close\r\n\r\nabc`))).toEqual([
      200,
    ]);
    expect(app.seen[0]?.body.toString()).toBe('abc');
  });
});
