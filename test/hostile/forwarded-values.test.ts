/**
 * Values from clients that a trusted proxy forwards: addresses, hosts, targets and Referers in
 * every spelling. Each is read in one way or refused, and none leads away from our own hosts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answersOf, sendRaw } from '../support/raw.ts';
import { startWorld, type World } from './fixture.ts';

let world: World;
let alice: string;
beforeAll(async () => {
  world = await startWorld({ trusted: true });
  alice = `Cookie: ${await world.cookieOf('alice')}`;
});
afterAll(() => world?.close());

const DIALECTS = ['traefik', 'caddy', 'nginx'] as const;
type DialectName = (typeof DIALECTS)[number];

interface Original {
  readonly method?: string;
  readonly host?: string;
  readonly target?: string;
  readonly client?: string;
}

/**
 * The headers in which each proxy describes the original request; PORT is the port of the app's
 * host.
 */
function headerLines(dialect: DialectName, original: Original): string[] {
  const { method = 'GET', target = '/x', client = '203.0.113.9' } = original;
  const host = (original.host ?? 'app.gw.test:PORT').replaceAll('PORT', String(world.port));
  const from = `X-Forwarded-For: ${client}`;
  if (dialect === 'nginx') {
    return [`X-Original-Method: ${method}`, `X-Original-URL: http://${host}${target}`, from];
  }
  const head = [`X-Forwarded-Method: ${method}`, 'X-Forwarded-Proto: http'];
  return [...head, `X-Forwarded-Host: ${host}`, `X-Forwarded-Uri: ${target}`, from];
}

async function ask(dialect: DialectName, original: Original, ...fields: readonly string[]) {
  const lines = [`GET /.doorward/check/${dialect} HTTP/1.1`, 'Host: doorward'];
  const all = [...lines, ...headerLines(dialect, original), ...fields, 'Connection: close', '', ''];
  const raw = await sendRaw(world.port, all.join('\r\n'), { quiet: 60_000, longest: 60_000 });
  return { raw, status: answersOf(raw)[0]?.status };
}

describe.each(DIALECTS)('%s', (dialect) => {
  it.each([
    '',
    ' ',
    '1.2.3.4:',
    '1.2.3.4:99999',
    '1.2.3.4:80:80',
    '[::1]:',
    '[::1]:x',
    '[1.2.3.4]',
    '[1.2.3.4]:80',
    '::1]:80',
    'fe80::1%eth0',
    '[fe80::1%25eth0]:1',
    '01.2.3.4',
    '1.2.3',
    '0x7f.1',
    'unknown',
    '_hidden',
    'for=1.2.3.4',
    '"[2001:db8::1]:1"',
    '1.2.3.4,',
    '1.2.3.4;5.6.7.8',
    '1.2.3.4 5.6.7.8',
    'evil, 127.0.0.1',
    '1.2.3.4, [127.0.0.1]:80',
  ])('reads no client from X-Forwarded-For: %j', async (client) => {
    expect((await ask(dialect, { client }, alice)).status).toBe(400);
  });

  it.each([
    '203.0.113.5:4711',
    '[2001:db8::1]:99',
    '[2001:db8::1]',
    '::ffff:1.2.3.4',
    'evil, 1.2.3.4',
    '1.2.3.4,,5.6.7.8',
    '1.2.3.4\t,127.0.0.1:80',
    '127.0.0.1',
  ])('reads the nearest hop as the client from X-Forwarded-For: %j', async (client) => {
    expect((await ask(dialect, { client }, alice)).status).toBe(200);
  });

  it.each([
    'app.gw.test:PORT, admin.gw.test',
    'app.gw.test:PORT@evil.test',
    'evil@app.gw.test:PORT',
    '[::1]',
    'app.gw.test:0PORT',
    'app.gw.test:',
    'app.gw.test..',
    'app\xe9.gw.test',
    ' ',
  ])('reads no host from %j', async (host) => {
    expect((await ask(dialect, { host }, alice)).status).toBe(400);
  });

  it.each([
    '/ADMIN/x',
    '/%61dmin/x',
    '/admin%20/x',
    '/admin./x',
    '/admin?x',
    '/%EF%BD%81dmin/x',
    '/adm%C4%B0n/x',
    '/adm%C4%B1n/x',
    '/ADMI%CC%87N/x',
    '/admin%E2%80%8B/x',
    '/admin%E1%9A%80/x',
    '/%E2%92%B6dmin',
    '//admin/x',
    '/./admin/x',
    '/x/../admin/x',
    '/admin%2fx',
    '/admin;x/x',
    '/public/%2e%2e/admin',
    '/public/..%2fadmin',
    '/admin%00',
    '/%E2%80%8B/admin',
    '/public/.%E2%80%8B./admin',
    '/public/%E2%80%8B../admin',
  ])('reads %s as below /admin', async (target) => {
    const { raw, status } = await ask(dialect, { target }, alice);
    expect(status).toBe(403);
    expect(raw).not.toMatch(/^remote-user: alice/im);
  });

  it.each(['/admin#x', '/public/x#/../admin', '/admin%c0%afx', '/admin%'])(
    'refuses %s',
    async (target) => {
      expect((await ask(dialect, { target }, alice)).status).toBe(400);
    },
  );

  it.each([
    'http://evil.test/x',
    '//ORIGIN/x',
    'ORIGIN@evil.test/',
    'ORIGIN.evil.test/',
    'ORIGIN\\@evil.test/',
    'ORIGIN/\\evil.test',
    'ORIGIN//evil.test/',
    'ORIGIN/x?y="><script>',
    'javascript:alert(1)//ORIGIN',
    'http://auth.gw.test/flow/logout',
    'ORIGIN/%0d%0aSet-Cookie:x',
  ])('returns a lost form with Referer %s to its own app', async (referer) => {
    const own = `http://app.gw.test:${world.port}`;
    const form = `Referer: ${referer.replace('ORIGIN', own)}`;
    const { raw } = await ask(dialect, { method: 'POST' }, form, 'Accept: text/html');
    const to = new URL(/^location: (.*)\r$/im.exec(raw)?.[1] ?? '');
    expect(to.host).toBe(`auth.gw.test:${world.port}`);
    expect(new URL(to.searchParams.get('rd') ?? '').origin).toBe(own);
    expect(raw).not.toMatch(/^set-cookie/im);
  });
});
