/**
 * Cookies from clients and cookies of ours: any Cookie header is the session of one user or of
 * none, and the cookies we set are safe, small and never cached.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clearedTickets, ticketCookies } from '../../src/flow/browser/cookies.ts';
import { Client, FETCH, NAVIGATION } from '../support/client.ts';
import { answersOf, sendRaw, statuses } from '../support/raw.ts';
import { testSnapshot } from '../support/snapshot.ts';
import { signedIn, startWorld, type World } from './fixture.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ trusted: true });
});
afterAll(() => world.close());

async function get(path: string, cookie: string, host = 'app.gw.test'): Promise<string> {
  const lines = [`GET ${path} HTTP/1.1`, `Host: ${host}`, `Cookie: ${cookie}`, 'Connection: close'];
  return sendRaw(world.gateway.port, `${lines.join('\r\n')}\r\n\r\n`);
}

/** A check that a forward-auth proxy would send with this Cookie header. */
async function check(cookie: string): Promise<string> {
  const lines = [
    'GET /.doorward/check/traefik HTTP/1.1',
    'Host: auth.internal',
    'X-Forwarded-Method: GET',
    'X-Forwarded-Proto: http',
    'X-Forwarded-Host: app.gw.test',
    'X-Forwarded-Uri: /admin/secret',
    'X-Forwarded-For: 203.0.113.9',
    `Cookie: ${cookie}`,
    'Connection: close',
  ];
  return sendRaw(world.gateway.port, `${lines.join('\r\n')}\r\n\r\n`);
}

/** A reply without the parts that differ from request to request. */
function shape(raw: string): string {
  return raw
    .replaceAll(/^(?:x-request-id|date|content-length): .*\r\n/gim, '')
    .replaceAll(/"request_id":"[^"]*"/g, '')
    .replaceAll('https://', 'http://');
}

describe('the session cookie', () => {
  it('SESS-cookie-malformed: with a malformed value gets the same reply as no cookie', async () => {
    const sealed = (await signedIn(world.gateway, 'bob')).pair.slice('doorward='.length);
    const middle = Math.floor(sealed.length / 2);
    const flipped = (at: number): string =>
      sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
    const malformed: Record<string, string> = {
      empty: '',
      'one letter': 'a',
      '4 KiB': 'A'.repeat(4096),
      'a byte flipped': flipped(middle),
      'a byte flipped at the start': flipped(9),
      'a byte flipped at the end': flipped(sealed.length - 4),
      'prefix and junk': 'Fe26.2*junk*junk*junk**junk*junk',
      'another version': sealed.replace('Fe26.2', 'Fe26.1'),
      truncated: sealed.slice(0, middle),
      'without its last part': sealed.slice(0, sealed.lastIndexOf('*')),
      'NUL as base64': Buffer.alloc(96).toString('base64'),
      JSON: '{"id":"x","secret":"y"}',
      percents: '%00%ff%zz%',
      'the seal encoded': encodeURIComponent(sealed).replaceAll('*', '%2A'),
      quoted: `"${sealed}"`,
      'the public parts of a ticket': 'c29tZWJvZHlz',
      __proto__: '__proto__',
    };
    for (const [name, value] of Object.entries(malformed)) {
      const pair = `doorward=${value}`;
      expect(statuses(await get('/admin/secret', pair)), name).toEqual([401]);
      expect(shape(await get('/admin/secret', pair)), name).toBe(
        shape(await get('/admin/secret', 'x=y')),
      );
      expect(shape(await check(pair)), name).toBe(shape(await check('x=y')));
    }
    const pieces = [`doorward.0=${sealed.slice(0, middle)}`, `doorward.1=${sealed.slice(middle)}`];
    for (const pair of [pieces.join('; '), pieces[0] as string, pieces[1] as string]) {
      expect(statuses(await get('/admin/secret', pair))).toEqual([401]);
      expect(statuses(await check(pair))).toEqual([401]);
    }
    expect(world.app.seen.some(({ target }) => target.startsWith('/admin'))).toBe(false);
    expect(statuses(await get('/admin/secret', `doorward=${sealed}`))).toEqual([200]);
  });
});

describe('many and large cookies', () => {
  it('COOK-size: are refused above the limit and parsed in linear time below it', async () => {
    const { gateway } = world;
    const floods = [
      Array.from({ length: 60 }, (_, i) => `c${i}=${'x'.repeat(4096)}`).join('; '),
      `big=${'x'.repeat(200 * 1024)}`,
      'a=b; '.repeat(10_000),
    ];
    for (const flood of floods) {
      const raw = await get('/x', flood);
      // Refused while the request is still being sent, so the connection may close before the reply
      // is read.
      if (raw !== '') expect(statuses(raw)).toEqual([431]);
    }
    const { pair } = await signedIn(gateway, 'alice');
    const nearly = ['doorward ;', 'doorward.=;', 'xdoorward=;', ' = ;', ';;;;;'].map((piece) =>
      piece.repeat(Math.floor(28_000 / piece.length)),
    );
    for (const filler of nearly) {
      const [answer] = answersOf(await get('/x', `${filler} ${pair}`));
      expect([200, 401]).toContain(answer?.status);
    }
    expect(statuses(await get('/x', pair))).toEqual([200]);
  });

  it('COOK-csrf-count: 200 open pages leave only one small cookie', async () => {
    const client = new Client();
    const opened = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        client.open(`${world.gateway.app('app')}/tab/${i}`).then((a) => client.open(a.location)),
      ),
    );
    expect(new Set(opened.map((answer) => answer.status))).toEqual(new Set([200]));
    const header = client.cookieHeader('auth.gw.test');
    expect(header.split('; ').map((pair) => pair.split('=')[0])).toEqual(['doorward-browser']);
    expect(header.length).toBeLessThan(100);
    expect(client.cookieHeader('app.gw.test')).toBe('');
    // Every one of those pages still has a working form.
    const again = await client.open(opened[0]?.url ?? '');
    const next = await client.submitAndFollow(again, { login: 'alice' });
    expect(next.body).toContain('current-password');
  });
});

describe('caching', () => {
  it('COOK-cdn: is forbidden for replies that depend on the visitor, and no redirect is permanent', async () => {
    const { gateway } = world;
    const { client, pair } = await signedIn(gateway, 'alice');
    const login = await new Client().open(`${gateway.portal}/flow/login`);
    const app = gateway.app('app');
    const answers = {
      'redirect to the sign-in': await new Client().open(app),
      'redirect after a POST': await new Client().send(app, {
        method: 'POST',
        headers: NAVIGATION,
      }),
      'sign-in page with Set-Cookie': login,
      401: await new Client().send(app, { headers: FETCH }),
      403: await client.open(`${app}/admin/`),
      '403 for a script': await client.send(`${app}/admin/`, { headers: FETCH }),
      'unknown host': await new Client().open(gateway.app('nowhere')),
      'front page': await client.open(gateway.portal),
      'signed out front page': await new Client().open(gateway.portal),
      'signed in on the sign-in page': await client.open(`${gateway.portal}/flow/login`),
      'sign-out': await client.open(`${app}/.doorward/sign-out`),
    };
    for (const [name, answer] of Object.entries(answers)) {
      expect(answer.headers['cache-control'], name).toMatch(/no-store/);
      expect([301, 308], name).not.toContain(answer.status);
    }
    const visits = ['redirect to the sign-in', 401, 403, '403 for a script'] as const;
    for (const name of visits)
      expect(answers[name].headers['vary'], String(name)).toMatch(/cookie/i);
    const allowed = (await check((await signedIn(gateway, 'bob')).pair)) + (await check(pair));
    for (const answer of answersOf(allowed))
      expect(answer.head).toMatch(/^cache-control: .*no-store/im);
    expect(answersOf(allowed).map((a) => a.status)).toEqual([200, 403]);
  });
});

describe('headers that we write', () => {
  it('COOK-undici-jar: contain no value that becomes an attribute or another line', () => {
    const snapshot = testSnapshot();
    for (const bad of [
      'a; Domain=evil.test',
      'a\r\nSet-Cookie: b=c',
      'a b',
      'a,b',
      'a"b',
      'ä',
      '\0',
    ]) {
      expect(() => ticketCookies(snapshot, { portal: bad, apps: '' })).toThrow(/forbidden/);
      expect(() => ticketCookies(snapshot, { portal: '', apps: bad })).toThrow(/forbidden/);
    }
    // Percent-encoded, it stays unchanged: nothing on the way decodes it.
    const value = 'a%0d%0aSet-Cookie:%20b=c%3b';
    const lines = ticketCookies(snapshot, { portal: value, apps: value });
    const names = ['__Host-doorward-portal', snapshot.session.cookieName];
    for (const [i, line] of lines.entries()) {
      expect(line.startsWith(`${names[i]}=${value}; Path=/`)).toBe(true);
      expect(clearedTickets(snapshot)[i]?.split('; ').slice(1)).toEqual([
        ...line.split('; ').slice(1),
        'Max-Age=0',
      ]);
    }
    expect(lines).toHaveLength(2);
  });

  it('contain no text from a request in Set-Cookie', async () => {
    const nasty = 'x%0d%0aSet-Cookie:%20evil=1;%20Domain=gw.test';
    const client = new Client();
    for (const query of [`rd=${nasty}`, `plan=${nasty}`, `notice=${nasty}`, `as=${nasty}`]) {
      const answer = await client.open(`${world.gateway.portal}/flow/login?${query}`);
      for (const line of answer.cookies) {
        expect(line).toMatch(/^doorward-browser=[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax$/);
      }
    }
  });
});
