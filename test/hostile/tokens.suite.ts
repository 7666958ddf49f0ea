/**
 * Tokens through each mode: what they open, what they do not, and that no app sees one. A client shows
 * them as a program does, in the Authorization field.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tokenIdOf } from '../../src/core/people/token.ts';
import { PASSWORD } from '../support/gateway.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { basic, withId } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { startWorld, type World } from './fixture.ts';
import { isAway, type Mode } from './modes.ts';

const PATHS = [
  '{ path: /public/**, public: true }',
  '{ path: /browsers/**, accepts: [session] }',
  '{ path: /programs/**, accepts: [bearer] }',
  '{ path: /fresh/**, max_age: 1h }',
  '{ path: /fresh/for-tokens/**, tokens: true }',
  '{ path: /admin/**, policies: [{ type: group, any: [admins] }] }',
];

/** A redirect to the sign-in page. */
const LOGIN = /^location: .*\/flow\/login/im;

/** Registers the tests for one mode. */
export function tokens(mode: Mode): void {
  // It turns every 401 into a redirect to the sign-in page.
  const isIngress = mode.front?.generator === 'ingress-nginx';
  const refused = isIngress ? 302 : 401;
  describe.skipIf(isAway(mode))(`tokens through ${mode.name}`, () => {
    let world: World;
    let token: string;
    beforeAll(async () => {
      world = await startWorld({
        trusted: mode.front !== null,
        ...(mode.front === null ? {} : { front: mode.front }),
        routes: ({ origin }) => [
          `{ id: api, host: api.gw.test, upstream: "${origin}", accepts: [session, basic, bearer], paths: [${PATHS.join(', ')}] }`,
          `{ id: open, host: open.gw.test, upstream: "${origin}", accepts: [session, basic], pass_authorization: true }`,
          `{ id: dav, host: dav.gw.test, upstream: "${origin}", accepts: [session, basic], basic_passwords: true }`,
        ],
      });
      token = await created('alice');
    });
    afterAll(() => world?.close());
    beforeEach(() => void (world.app.seen.length = 0));

    /** A new token of this user. */
    async function created(user: string, ...options: string[]): Promise<string> {
      const line = ['token', 'create', user, '--name', 'test', ...options];
      const { code, out, err } = await world.gateway.run(line);
      if (code !== 0) throw new Error(err);
      return out.trim();
    }

    interface Answer {
      readonly status: number | undefined;
      readonly raw: string;
      /** The fields of these names that the app received; null if it received no request. */
      readonly app: Readonly<Record<string, string[]>> | null;
    }

    async function ask(
      lines: readonly string[],
      { host = 'api.gw.test', target = '/x', method = 'GET' } = {},
    ): Promise<Answer> {
      world.app.seen.length = 0;
      const head = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, ...lines];
      const raw = await sendRaw(world.port, [...head, 'Connection: close', '', ''].join('\r\n'));
      const [seen] = world.app.seen;
      return {
        status: statuses(raw)[0],
        raw,
        app: seen === undefined ? null : of(seen.rawHeaders),
      };
    }

    const bearer = (text: string) => [`Authorization: Bearer ${text}`];
    const password = (name: string, text: string) => [`Authorization: ${basic(name, text)}`];
    const statusOf = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).status;

    it('open what their user may open, and stay away from the app', async () => {
      for (const lines of [bearer(token), password('alice', token), password('ALICE', token)]) {
        const { status, app } = await ask(lines);
        expect([status, app?.['remote-user']]).toEqual([200, ['alice']]);
        expect(app).not.toHaveProperty('authorization');
      }
      expect(await statusOf(bearer(token), { target: '/admin/x' })).toBe(403);
      expect(await statusOf(bearer(await created('bob')), { target: '/admin/x' })).toBe(200);
    });

    it('open nothing that is wrong in one character, unknown, or another user’s', async () => {
      const id = tokenIdOf(token) ?? '';
      const other = await created('bob');
      for (const lines of [
        bearer(`${token}x`),
        bearer(token.slice(0, -1)),
        bearer(token.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))),
        bearer(withId(other, id)),
        bearer(withId(token, 'unknown')),
        password('bob', token),
        password('', token),
        password('alice', 'correct horse battery'),
        [`Authorization: Basic ${btoa(token)}`],
        [`Authorization: ${token}`],
        [`Authorization: Token ${token}`],
        [`X-Authorization: Bearer ${token}`],
        [`Proxy-Authorization: Bearer ${token}`],
        [...bearer(token), ...bearer(token)],
        [...bearer(token), ...bearer(other)],
      ]) {
        const { status, app } = await ask(lines);
        // Some servers refuse a repeated field themselves.
        expect([lines, status]).toEqual([
          lines,
          lines.length === 2 && status === 400 ? 400 : refused,
        ]);
        expect(app).toBeNull();
      }
      expect(await statusOf([], { target: `/x?access_token=${token}` })).toBe(refused);
    });

    it('are refused as a bad request where they cannot be read', async () => {
      for (const field of [
        'Bearer',
        `Bearer ${token} ${token}`,
        `Bearer ${token}, Bearer ${token}`,
      ]) {
        const { status, raw, app } = await ask([`Authorization: ${field}`]);
        expect([field, status, app]).toEqual([field, isIngress ? 403 : 400, null]);
        if (!isIngress) {
          expect(raw).toMatch(
            /^www-authenticate: Bearer realm="api\.gw\.test", error="invalid_request"\r/im,
          );
        }
      }
    });

    it('end at once when they are revoked', async () => {
      const short = await created('alice');
      expect(await statusOf(bearer(short))).toBe(200);
      expect(await statusOf(password('alice', short))).toBe(200);
      const { code } = await world.gateway.run(['token', 'revoke', tokenIdOf(short) ?? '']);
      expect(code).toBe(0);
      expect(await statusOf(bearer(short))).toBe(refused);
      expect(await statusOf(password('alice', short))).toBe(refused);
    });

    it('end at their time', async () => {
      const short = await created('alice', '--expires', '1s');
      let last: Answer | null = null;
      await until(
        'it has expired',
        async () => (last = await ask(bearer(short))).status === refused,
      );
      expect(last).toMatchObject({ app: null });
      expect(last ?? { raw: '' }).toMatchObject({
        raw: expect.stringContaining(isIngress ? '/flow/login' : 'token/expired'),
      });
    });

    it('open only their routes, methods and networks', async () => {
      const limited = await created('alice', '--route', 'app', '--route', 'api');
      expect(await statusOf(bearer(limited))).toBe(200);
      const other = await ask(bearer(await created('alice', '--route', 'app')));
      expect([other.status, other.app]).toEqual([403, null]);
      if (!isIngress) {
        expect(other.raw).toMatch(
          /^www-authenticate: Bearer realm="api\.gw\.test", error="insufficient_scope"\r/im,
        );
      }
      const reading = bearer(await created('alice', '--method', 'GET'));
      expect(await statusOf(reading, { method: 'HEAD' })).toBe(200);
      expect(await statusOf(reading, { method: 'DELETE' })).toBe(403);
      const elsewhere = bearer(await created('alice', '--network', '10.0.0.0/8'));
      expect(await statusOf(elsewhere)).toBe(403);
      expect(await statusOf([...elsewhere, 'X-Forwarded-For: 10.0.0.1'])).toBe(403);
      expect(await statusOf(bearer(await created('alice', '--network', '127.0.0.1')))).toBe(200);
    });

    it('open no path that does not accept them, nor what needs a fresh sign-in', async () => {
      expect(await statusOf(bearer(token), { target: '/browsers/x' })).toBe(refused);
      // A browser cannot sign in for it, so ingress-nginx is not asked to redirect there.
      expect(await statusOf(password('alice', token), { target: '/programs/x' })).toBe(
        isIngress ? 403 : 401,
      );
      expect(await statusOf(bearer(token), { target: '/programs/x' })).toBe(200);
      expect(await statusOf(bearer(token), { target: '/fresh/x' })).toBe(refused);
      expect(await statusOf(bearer(token), { target: '/fresh/for-tokens/x' })).toBe(200);
      // Some servers read this path as one that accepts sessions alone.
      expect(await statusOf(bearer(token), { target: '/programs/..%2fbrowsers/x' })).not.toBe(200);
    });

    it('open no app without `accepts`, and no page of the portal', async () => {
      const { status, raw, app } = await ask(bearer(token), { host: 'app.gw.test' });
      expect([status, app]).toEqual([refused, null]);
      expect(raw).toMatch(isIngress ? LOGIN : /^www-authenticate: Doorward /im);
      const portal = { host: 'auth.gw.test', target: '/' };
      const page = await ask([...bearer(token), 'Accept: text/html'], portal);
      expect(page.raw).not.toContain('Alice');
      expect([302, 303]).toContain(page.status);
    });

    it('are not asked for by a browser’s own dialog', async () => {
      const page = await ask(['Sec-Fetch-Mode: navigate', 'Accept: text/html']);
      expect(page.status).toBe(302);
      expect(page.raw).toMatch(LOGIN);
      for (const lines of [['Sec-Fetch-Mode: cors'], ['User-Agent: Mozilla/5.0']]) {
        const { status, raw } = await ask(lines);
        expect(status).toBe(refused);
        expect(raw).not.toMatch(/^www-authenticate: basic/im);
        expect(raw).toMatch(
          isIngress ? LOGIN : /^www-authenticate: Bearer realm="api\.gw\.test"\r/im,
        );
      }
      const program = await ask(['User-Agent: git/2.47']);
      expect(program.raw).toMatch(
        isIngress ? LOGIN : /^www-authenticate: Basic realm="api\.gw\.test", charset="UTF-8"\r/im,
      );
    });

    it('never reach the app, not even beside a session or where none is needed', async () => {
      const cookie = `Cookie: ${await world.cookieOf('bob')}`;
      const unknown = withId(token, 'unknown');
      for (const lines of [bearer(unknown), password('x', unknown), bearer('dwt_x')]) {
        const anonymous = await ask(lines, { target: '/public/x' });
        // nginx sends no empty field.
        const name = anonymous.app?.['remote-user']?.join() ?? '';
        expect([anonymous.status, name]).toEqual([200, '']);
        expect(anonymous.app).not.toHaveProperty('authorization');
      }
      const both = await ask([...bearer(token), cookie]);
      // The token says more than a cookie: only a program sends one.
      expect([both.status, both.app?.['remote-user']]).toEqual([200, ['alice']]);
      expect(both.app).not.toHaveProperty('authorization');
      const passed = await ask(password('alice', token), { host: 'open.gw.test' });
      expect(passed.app?.['authorization']).toEqual([basic('alice', token)]);
    });

    it('never reach the app in a form that Doorward does not accept', async () => {
      const cookie = `Cookie: ${await world.cookieOf('bob')}`;
      const forms = [
        basic(token, ''),
        basic(token, 'x-oauth-basic'),
        basic('alice\0', token),
        basic('alice', `${token}\n`),
        `Token ${token}`,
        `Bearer ${token}, Bearer ${token}`,
        `Digest username="${token}"`,
        token,
      ];
      const named = forms.map((form) => [`Authorization: ${form}`]);
      for (const lines of [...named, [...bearer(token), 'Authorization: Bearer of-the-app']]) {
        const anonymous = await ask(lines, { target: '/public/x' });
        const beside = await ask([...lines, cookie]);
        for (const { status, app } of [anonymous, beside]) {
          expect([lines, lines.length === 2 && status === 400 ? 200 : status]).toEqual([
            lines,
            200,
          ]);
          expect(app ?? {}).not.toHaveProperty('authorization');
        }
      }
    });

    it('never reach the app in an odd spelling of the field', async () => {
      for (const lines of [
        [`authorization: Bearer ${token}`],
        [`AUTHORIZATION: bearer ${token}`],
        ['Authorization:', ` Bearer ${token}`],
        ['Authorization: Bearer', `\t${token}`],
        [`Authorization : Bearer ${token}`],
        [`Authorization\t: ${basic('alice', token)}`],
        ['Authorization: Bearer of-the-app', `authorization: Bearer ${token}`],
        [`authorization: Bearer ${token}`, 'AUTHORIZATION:'],
      ]) {
        for (const target of ['/public/x', '/x']) {
          const { status, raw, app } = await ask(lines, { target });
          const isServed = status === 200;
          expect([lines, isServed || raw === '' || (status ?? 0) >= 300]).toEqual([lines, true]);
          expect([lines, app !== null]).toEqual([lines, isServed]);
          expect(app ?? {}).not.toHaveProperty('authorization');
          expect(JSON.stringify(app)).not.toContain(token);
          if (isServed && target === '/x') expect(app?.['remote-user']).toEqual(['alice']);
        }
      }
    });

    it('have the user’s own password beside them, where it is accepted', async () => {
      const dav = { host: 'dav.gw.test' };
      const right = await ask(password('alice', PASSWORD), dav);
      expect([right.status, right.app?.['remote-user']]).toEqual([200, ['alice']]);
      expect(right.app).not.toHaveProperty('authorization');
      expect(await statusOf(password('alice', token), dav)).toBe(200);
      const cookie = `Cookie: ${await world.cookieOf('bob')}`;
      for (const lines of [
        password('alice', 'wrong'),
        password('unknown', PASSWORD),
        password('dan', PASSWORD),
        [...password('alice', 'wrong'), cookie],
        [...password('alice', PASSWORD), ...password('alice', PASSWORD)],
      ]) {
        const { status, app, raw } = await ask(lines, dav);
        expect([400, refused]).toContain(status);
        expect(app).toBeNull();
        if (lines.length === 1) {
          expect(raw).toMatch(
            isIngress
              ? LOGIN
              : /^www-authenticate: Basic realm="dav\.gw\.test", charset="UTF-8"\r/im,
          );
        }
      }
      expect(await statusOf(password('alice', PASSWORD), { host: 'open.gw.test' })).toBe(refused);
    });

    it('leave an app its own Authorization field', async () => {
      const cookie = `Cookie: ${await world.cookieOf('bob')}`;
      const login = basic('bob', 'of the app');
      const api = { host: 'api.gw.test' };
      for (const [own, place] of [
        ['Bearer of-the-app', { host: 'app.gw.test' }],
        [login, { host: 'app.gw.test' }],
        ['Bearer of-the-app', { ...api, target: '/browsers/x' }],
        [login, { ...api, target: '/browsers/x' }],
        ['Digest realm="x"', api],
        ['Bearer of-the-app', { host: 'open.gw.test' }],
      ] as const) {
        const { status, app } = await ask([`Authorization: ${own}`, cookie], place);
        expect([status, app?.['remote-user'], app?.['authorization']]).toEqual([
          200,
          ['bob'],
          [own],
        ]);
      }
      const { app } = await ask(['Authorization: Digest x'], { target: '/public/x' });
      expect(app?.['authorization']).toEqual(['Digest x']);
    });

    it('take every credential in a scheme that the path accepts', async () => {
      const cookie = `Cookie: ${await world.cookieOf('bob')}`;
      for (const own of ['Bearer of-the-app', basic('bob', 'of the app'), 'basic x', 'BEARER']) {
        const beside = await ask([`Authorization: ${own}`, cookie]);
        expect([own, beside.status, beside.app?.['remote-user']]).toEqual([own, 200, ['bob']]);
        const anonymous = await ask([`Authorization: ${own}`], { target: '/public/x' });
        for (const { app } of [beside, anonymous]) expect(app).not.toHaveProperty('authorization');
      }
    });
  });
}

/** Values by lower-case name. */
function of(rawHeaders: readonly string[]): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) {
    (fields[rawHeaders[i]?.toLowerCase() ?? ''] ??= []).push(rawHeaders[i + 1] ?? '');
  }
  return fields;
}
