/**
 * JSON Web Tokens of another issuer through each mode: what they open, which are refused, and that no app
 * sees one. The issuer is a real server.
 */
import { createHmac } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testKey, type TestKey } from '../support/jwt.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { basic } from '../support/tokens.ts';
import { logOf, startWorld, type World } from './fixture.ts';
import { isAway, type Mode } from './modes.ts';

/** An issuer that says where its keys are. */
async function startIssuer(keys: readonly TestKey[]) {
  const asked: string[] = [];
  const waiting: ServerResponse[] = [];
  const state = { keys, mode: 'right' as 'right' | 'down' | 'silent' };
  const server: Server = createServer((request, response) => {
    const { url = '' } = request;
    asked.push(url);
    if (state.mode === 'silent') return void waiting.push(response);
    if (state.mode === 'down') return void response.writeHead(500).end();
    const page =
      url === '/keys'
        ? { keys: state.keys.map(({ jwk }) => jwk) }
        : { issuer: origin, jwks_uri: `${origin}/keys` };
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(page));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    asked,
    origin,
    state,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Registers the tests for one mode. */
export function jsonWebTokens(mode: Mode): void {
  describe.skipIf(isAway(mode))(`JSON Web Tokens through ${mode.name}`, () => {
    let world: World;
    let issuer: Awaited<ReturnType<typeof startIssuer>>;
    let slow: Awaited<ReturnType<typeof startIssuer>>;
    let key: TestKey;
    let other: TestKey;
    beforeAll(async () => {
      [key, other] = [await testKey('one'), await testKey('two')];
      issuer = await startIssuer([key]);
      slow = await startIssuer([key]);
      world = await startWorld({
        trusted: mode.front !== null,
        ...(mode.front === null ? {} : { front: mode.front }),
        extra: `throttle: { free: 1000 }
jwt:
  - name: ci
    issuer: ${issuer.origin}
    audience: [http://api.gw.test, http://more.gw.test]
    claims: { repository: [org/app, org/lib] }
    user: alice
    groups: [deployers]
    routes: [api]
    methods: [GET, PUT]
  - name: cluster
    issuer: ${issuer.origin}
    audience: cluster
    user: { claim: sub, prefix: "sa:", member_of: [staff] }
  - { name: slow, issuer: ${slow.origin}, audience: slow, claims: { repository: org/app }, user: alice }`,
        routes: ({ origin }) => [
          `{ id: api, host: api.gw.test, upstream: "${origin}", accepts: [session, basic, bearer], policies: [{ type: expression, when: "credential != 'jwt' || user.in_group('deployers') || user.in_group('staff')" }], paths: [{ path: /public/**, public: true }, { path: /browsers/**, accepts: [session] }, { path: /fresh/**, max_age: 1h }, { path: /totp/**, policies: [{ type: method, any: [totp] }] }, { path: /trusted/**, max_age: 1h, tokens: true }] }`,
          `{ id: more, host: more.gw.test, upstream: "${origin}", accepts: [session, bearer] }`,
        ],
      });
    });
    afterAll(async () => {
      await world?.close();
      await issuer?.close();
      await slow?.close();
    });
    beforeEach(() => void (world.app.seen.length = 0));

    const claims = (changes: Readonly<Record<string, unknown>> = {}) => {
      const iat = Math.floor(Date.now() / 1000);
      return {
        iss: issuer.origin,
        aud: 'http://api.gw.test',
        sub: 'repo:org/app',
        repository: 'org/app',
        iat,
        exp: iat + 300,
        ...changes,
      };
    };
    const bearer = (text: string) => [`Authorization: Bearer ${text}`];

    async function ask(
      lines: readonly string[],
      { host = 'api.gw.test', target = '/x', method = 'GET' } = {},
    ) {
      world.app.seen.length = 0;
      const head = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, ...lines];
      const raw = await sendRaw(world.port, [...head, 'Connection: close', '', ''].join('\r\n'), {
        quiet: 8_000,
      });
      const [seen] = world.app.seen;
      return { status: statuses(raw)[0], raw, app: seen?.rawHeaders ?? null };
    }
    const statusOf = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).status;

    it('open what their issuer may open, and stay away from the app', async () => {
      for (const name of ['Bearer', 'bearer', 'BEARER ']) {
        const { status, app } = await ask([`Authorization: ${name} ${await key.sign(claims())}`]);
        expect(status).toBe(200);
        const names = app?.map((field) => field.toLowerCase()) ?? [];
        expect(app?.[names.indexOf('remote-user') + 1]).toBe('alice');
        expect(app?.[names.indexOf('remote-groups') + 1]).toContain('deployers');
        expect(names).not.toContain('authorization');
      }
      const token = await key.sign(claims());
      const deleted = await ask(bearer(token), { method: 'DELETE' });
      expect([deleted.status, deleted.app]).toEqual([403, null]);
      expect(deleted.raw).toMatch(
        /^www-authenticate: Bearer realm="api\.gw\.test", error="insufficient_scope"\r/im,
      );
      expect(await statusOf(bearer(token), { host: 'more.gw.test' })).toBe(403);
      const cluster = await key.sign(claims({ aud: 'cluster', sub: 'sa:carol' }));
      expect(await statusOf(bearer(cluster), { host: 'more.gw.test' })).toBe(200);
      const logged = logOf(world.gateway).find(({ credential }) => credential === 'jwt');
      expect(logged).toMatchObject({ token_id: 'ci repo:org/app' });
    });

    it('open nothing with a wrong claim, header, key or signature', async () => {
      const right = await key.sign(claims());
      const [head, body, signature] = right.split('.') as [string, string, string];
      const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const hmac = encoded({ alg: 'HS256', kid: 'one' });
      const mac = createHmac('sha256', JSON.stringify(key.jwk)).update(`${hmac}.${body}`);
      const now = Math.floor(Date.now() / 1000);
      for (const text of [
        `${encoded({ alg: 'none' })}.${body}.`,
        `${encoded({ alg: 'none' })}.${body}.${signature}`,
        `${hmac}.${body}.${mac.digest('base64url')}`,
        `${head}.${encoded(claims({ sub: 'other' }))}.${signature}`,
        `${head}.${body}.`,
        `${head}.${body}.${signature.slice(0, -4)}AAAA`,
        await other.sign(claims()),
        await other.sign(claims(), { kid: 'one' }),
        await other.sign(claims(), { kid: 'one', jwk: other.jwk }),
        await other.sign(claims(), { jku: `${slow.origin}/keys` }),
        await other.sign(claims(), { kid: '../../keys' }),
        await key.sign(claims(), { typ: 'secevent+jwt' }),
        await key.sign(claims({ iss: 'https://other.example' })),
        await key.sign(claims({ iss: `${issuer.origin}/` })),
        await key.sign(claims({ aud: 'http://more.gw.test.evil' })),
        await key.sign(claims({ aud: undefined })),
        await key.sign(claims({ exp: now - 120 })),
        await key.sign(claims({ exp: undefined })),
        await key.sign(claims({ nbf: now + 600 })),
        await key.sign(claims({ exp: now + 10 * 86_400 })),
        await key.sign(claims({ repository: 'org/other' })),
        await key.sign(claims({ aud: 'cluster', sub: 'sa:alice' })),
        await key.sign(claims({ aud: 'cluster', sub: 'carol' })),
      ]) {
        const { status, raw, app } = await ask(bearer(text));
        expect([text, status, app]).toEqual([text, 401, null]);
        expect(raw).toMatch(
          /^www-authenticate: Bearer realm="api\.gw\.test", error="invalid_token"\r/im,
        );
      }
    });

    it('open nothing in another field or form, or twice', async () => {
      const token = await key.sign(claims());
      for (const lines of [
        [...bearer(token), ...bearer(token)],
        [`Authorization: Bearer ${token}, Bearer ${token}`],
        [`Authorization: Token ${token}`],
        [`Authorization: ${basic('alice', token)}`],
        [`Authorization: ${token}`],
        [`X-Authorization: Bearer ${token}`],
        [`X-Forwarded-Access-Token: ${token}`],
        bearer(await key.sign(claims({ pad: 'x'.repeat(7_000) }))),
      ]) {
        const { status, app } = await ask(lines);
        expect([lines.length, [400, 401, 431].includes(status ?? 0)]).toEqual([lines.length, true]);
        expect(app).toBeNull();
      }
      expect(await statusOf([], { target: `/x?access_token=${token}` })).toBe(401);
    });

    it('are no sign-in, and open neither the portal nor what accepts sessions alone', async () => {
      const token = await key.sign(claims());
      expect(await statusOf(bearer(token), { target: '/browsers/x' })).toBe(401);
      expect(await statusOf(bearer(token), { target: '/fresh/x' })).toBe(401);
      expect(await statusOf(bearer(token), { target: '/totp/x' })).toBe(403);
      expect(await statusOf(bearer(token), { target: '/trusted/x' })).toBe(200);
      const portal = { host: 'auth.gw.test', target: '/' };
      expect((await ask([...bearer(token), 'Accept: text/html'], portal)).raw).not.toContain(
        'Alice',
      );
    });

    it('decide alone, also beside a session and where none is needed', async () => {
      const cookie = `Cookie: ${await world.cookieOf('bob')}`;
      const wrong = bearer(await other.sign(claims()));
      expect(await statusOf([...wrong, cookie])).toBe(401);
      const { status, app } = await ask(wrong, { target: '/public/x' });
      expect(status).toBe(200);
      expect(app?.map((field) => field.toLowerCase())).not.toContain('authorization');
    });

    // The deadline is no matter of the proxy in front.
    if (mode.front !== null) return;
    it('fail with an issuer that is down or silent, and cause few requests to it', async () => {
      slow.state.mode = 'silent';
      const token = (jti: number) => key.sign(claims({ iss: slow.origin, aud: 'slow', jti }));
      const tokens = await Promise.all(Array.from({ length: 20 }, (_, i) => token(i)));
      const all = await Promise.all(tokens.map((text) => statusOf(bearer(text))));
      expect(new Set(all)).toEqual(new Set([503]));
      expect(slow.asked).toHaveLength(1);
      // Others are not held up.
      expect(await statusOf(bearer(await key.sign(claims())))).toBe(200);
    });
  });
}
