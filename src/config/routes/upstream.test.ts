import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { authority, certificate, keyPem } from '../../../test/support/certificate.ts';
import { faultsOf, linkedOf, loadText } from '../../../test/support/configuration.ts';
import { tmpdir } from 'node:os';

const HEAD = 'public_url: https://auth.example.com\nsession: { cookie_domains: [example.com] }\n';

function load(upstream: string, head = '') {
  const route = `{ id: wiki, host: wiki.example.com, upstream: ${upstream} }`;
  return loadText(`${HEAD}${head}routes: [${route}]\n`);
}

async function upstreamOf(upstream: string) {
  return linkedOf(await load(upstream)).snapshot.table.routes[0]?.upstream;
}

async function messagesOf(upstream: string, head = '') {
  return faultsOf(await load(upstream, head)).map(({ path, message, suggestion }) => ({
    path,
    message,
    suggestion,
  }));
}

describe('an upstream', () => {
  it.each([
    ['"unix:/run/app.sock"', 'unix:/run/app.sock'],
    ['"http://unix:/run/app.sock"', 'unix:/run/app.sock'],
    ['{ url: "unix:/run/app.sock" }', 'unix:/run/app.sock'],
  ])('UP-unix: %s is a socket', async (written, url) => {
    expect((await upstreamOf(written))?.urls).toEqual([url]);
  });

  it.each([
    ['unix:run/app.sock', '"unix:/run/app.sock"'],
    ['unix://run/app.sock', '"unix:/run/app.sock"'],
    ['unix:///run/app.sock', '"unix:/run/app.sock"'],
    ['http://unix/run/app.sock', '"unix:/run/app.sock"'],
    ['http://unix:run/app.sock', '"unix:/run/app.sock"'],
    ['http://unix:///run/app.sock', '"unix:/run/app.sock"'],
    ['https://unix:/run/app.sock', '"unix:/run/app.sock"'],
    ['http://unix:/run/app.sock:/base', '"unix:/run/app.sock"'],
    ['HTTP://UNIX:/run/app.sock', '"unix:/run/app.sock"'],
    ['unix:/run/app.sock/', '"unix:/run/app.sock"'],
    ['unix:', null],
    ['unix:/', null],
  ])('UP-unix: %s is a fault with the right form', async (written, suggestion) => {
    expect(await messagesOf(`"${written}"`)).toEqual([
      {
        path: 'routes[0].upstream',
        message: 'expected an absolute socket path: unix:/run/app.sock',
        suggestion,
      },
    ]);
  });

  it('UP-unix: a path that no socket can have, and our own, are faults', async () => {
    const [long] = await messagesOf(`"unix:/${'x'.repeat(110)}"`);
    expect(long?.message).toBe('expected a socket path of at most 103 bytes');
    const listen = 'listen: unix:/run/doorward.sock\n';
    const [own] = await messagesOf('"unix:/run/doorward.sock"', listen);
    expect(own?.message).toMatch(/Doorward’s own listener/);
  });

  it('of one URL is verified by the machine’s authorities, and limited', async () => {
    expect(await upstreamOf('"https://wiki:8443/base/"')).toEqual({
      urls: ['https://wiki:8443/base'],
      balance: 'least_busy',
      health: null,
      tls: { ca: null, servername: null, insecure: false, identity: null },
      connections: 1024,
      timeout: 60_000,
      messages: null,
    });
  });

  it('as an object says how its certificate is verified', async () => {
    const { pem } = authority();
    const path = join(tmpdir(), `doorward-ca-${process.pid}.pem`);
    writeFileSync(path, `Subject: an authority\n${pem}`);
    for (const ca of [JSON.stringify(pem), path]) {
      const tls = `{ ca: ${ca}, servername: wiki.internal }`;
      expect(await upstreamOf(`{ url: "https://10.0.0.7", tls: ${tls}, connections: 64 }`)).toEqual(
        {
          urls: ['https://10.0.0.7'],
          balance: 'least_busy',
          health: null,
          tls: {
            ca: pem.trim(),
            servername: 'wiki.internal',
            insecure: false,
            identity: null,
          },
          connections: 64,
          timeout: 60_000,
          messages: null,
        },
      );
    }
  });

  it('of several members has its balance, checks and time limit', async () => {
    const urls = '["http://a/base/", "http://b:81/base"]';
    const health = '{ path: /up, every: 2s, status: [204] }';
    const written = `{ urls: ${urls}, balance: hash, health: ${health}, timeout: 5s }`;
    expect(await upstreamOf(written)).toMatchObject({
      urls: ['http://a/base', 'http://b:81/base'],
      balance: 'hash',
      health: { path: '/up', every: 2_000, timeout: 5_000, fails: 3, passes: 2, statuses: [204] },
      timeout: 5_000,
    });
    expect((await upstreamOf('{ urls: ["http://a", "unix:/run/b.sock"] }'))?.urls).toHaveLength(2);
  });

  it('has a certificate of its own, as text or in files', async () => {
    const ours = certificate({ names: ['gateway'] }, authority());
    const [cert, key] = ['cert', 'key'].map((name) =>
      join(tmpdir(), `doorward-${name}-${process.pid}.pem`),
    ) as [string, string];
    writeFileSync(cert, ours.pem);
    writeFileSync(key, keyPem(ours));
    for (const tls of [
      { cert, key },
      { cert: ours.pem, key: keyPem(ours) },
    ]) {
      const linked = await upstreamOf(`{ url: "https://a", tls: ${JSON.stringify(tls)} }`);
      expect(linked?.tls.identity).toEqual({ cert: ours.pem.trim(), key: keyPem(ours) });
    }
    const other = keyPem(certificate({ names: ['gateway'] }, authority()));
    for (const [tls, path, message] of [
      [{ cert }, 'cert', /no effect without key/],
      [{ key }, 'key', /no effect without cert/],
      [{ cert, key: other }, 'key', /does not belong/],
      [{ cert, key: '-----BEGIN PRIVATE KEY-----' }, 'key', /private key in PEM/],
      [{ cert, key: '/nowhere' }, 'key', /does not exist/],
    ] as const) {
      const faults = await messagesOf(`{ url: "https://a", tls: ${JSON.stringify(tls)} }`);
      expect(faults).toHaveLength(1);
      expect(faults[0]?.path).toBe(`routes[0].upstream.tls.${path}`);
      expect(faults[0]?.message).toMatch(message);
    }
  });

  it.each<[string, string, RegExp]>([
    ['{ connections: 8 }', '', /either url or urls/],
    ['{ url: "http://a", urls: ["http://b"] }', '', /either url or urls/],
    ['{ urls: ["http://a", "https://b"] }', '.urls[1]', /the scheme and base path of the first/],
    ['{ urls: ["http://a/x", "http://b/y"] }', '.urls[1]', /first member: http:\/\/…\/x/],
    ['{ urls: ["http://a", "http://a/"] }', '.urls[1]', /listed twice/],
    ['{ urls: ["http://a", "demo:whoami"] }', '.urls[1]', /on its own/],
    ['{ url: "http://a", health: { path: up } }', '.health.path', /such as \/healthz/],
    ['{ url: "http://a", health: { path: /, every: 1ms } }', '.health.every', /from 100ms/],
  ])('%s is a fault', async (written, place, message) => {
    const faults = await messagesOf(written);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.path).toBe(`routes[0].upstream${place}`);
    expect(faults[0]?.message).toMatch(message);
  });

  it.each<[string, string, RegExp]>([
    ['{ url: "http://wiki", tls: { insecure: true } }', 'tls', /only https:\/\/ upstreams/],
    [
      '{ url: "https://wiki", tls: { insecure: true, servername: a } }',
      'tls.insecure',
      /have no effect; remove them/,
    ],
    ['{ url: "https://wiki", tls: { servername: "a:443" } }', 'tls.servername', /without port/],
    ['{ url: "https://wiki", tls: { ca: /nowhere.pem } }', 'tls.ca', /does not exist/],
    ['{ url: "https://wiki", tls: { ca: "-----BEGIN X-----" } }', 'tls.ca', /in PEM/],
    [
      '{ url: "https://wiki", tls: { ca: "-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----" } }',
      'tls.ca',
      /in PEM/,
    ],
    ['{ url: "ftp://wiki" }', 'url', /the URL of the app/],
  ])('%s is a fault', async (written, place, message) => {
    const faults = await messagesOf(written);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.path).toBe(`routes[0].upstream.${place}`);
    expect(faults[0]?.message).toMatch(message);
  });
});
