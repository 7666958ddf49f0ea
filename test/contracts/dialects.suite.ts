/**
 * The contract of every dialect: it reads the original request exactly or refuses it, and replies
 * 200 only to allow. `examples.ts` in its folder
 * describes the checks that its proxy sends.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../src/core/request/dialect.ts';
import { dialects } from '../../src/dialects/index.ts';
import { identityValues } from '../../src/core/access/identity.ts';
import urls from '../hostile/cases/url_normalisation.json' with { type: 'json' };
import { tokensContract } from './dialect-tokens.ts';
import { ODD_CHARACTERS } from '../support/odd-names.ts';
import { COOKIE, type Heard, type Pairs, testGate } from '../support/gate.ts';
import { testBinding, presetIdentity, testIdentity, testSnapshot } from '../support/snapshot.ts';

/** A request as the browser sent it. */
export interface Original {
  readonly method: string;
  readonly scheme: string;
  readonly authority: string;
  readonly target: string;
}

/** A check as a proxy sends it. */
export interface CheckRequest {
  /** The method of the check itself. */
  readonly method: string;
  /** What follows the check path: `''`, or the original target. */
  readonly rest: string;
  readonly pairs: Pairs;
}

/** How one proxy sends its checks. */
export interface DialectExamples {
  /** The check for a request of `client`, without the client's own headers. */
  readonly ask: (original: Original, client: string) => CheckRequest;
  /** Names of the headers that are required, in lower case. */
  readonly required: readonly string[];
  /** Headers and values that no honest proxy sends. */
  readonly malformed: Pairs;
  /**
   * The Authorization field that the app receives after an allow with these headers, where the client
   * sent `sent`; null for none. By what the generated configuration does with them.
   */
  readonly authorization: (allow: Heard['headers'], sent: string) => string | null;
}

/** How checks reach the gate. */
export interface Door {
  /** Whether the reply is one of HTTP, which could be cached. */
  readonly isHttp: boolean;
  readonly ask: (
    gate: Awaited<ReturnType<typeof testGate>>,
    dialect: string,
    check: CheckRequest,
    peer: string,
  ) => Promise<Heard>;
}

const overHttp: Door = {
  isHttp: true,
  ask: ({ ask }, dialect, { method, rest, pairs }, peer) =>
    ask(dialect, pairs, { method, rest, peer }),
};

const PAGE: Original = {
  method: 'GET',
  scheme: 'https',
  authority: 'wiki.example.com',
  target: '/a/b?x=1&y=%20%C3%A4',
};
const CLIENT = '192.0.2.7';
const HTML: Pairs = [
  ['Accept', 'text/html,*/*'],
  ['Sec-Fetch-Mode', 'navigate'],
];
const OURS = identityValues(testIdentity(), null).filter((_, i) => i % 2 === 0);

const snapshot = testSnapshot({
  routes: [
    {
      id: 'wiki',
      paths: {
        '/public/**': 'public',
        '/admin/**': [testBinding(false)],
        '/step/**': [testBinding(false, { otherwise: 'step-up' })],
        '/broken/**': [
          testBinding(true, {
            evaluate: () => {
              throw new Error('broken');
            },
          }),
        ],
      },
    },
  ],
});

/** Registers the contract. */
export function dialectContract(
  dialect: Dialect,
  examples: DialectExamples,
  door: Door = overHttp,
): void {
  const { name, passesWhole } = dialect;
  const known = dialects.some((one) => one === dialect) ? dialects : [...dialects, dialect];
  const gate = (routes = snapshot) => testGate({ snapshot: routes, dialects: known });
  type Gate = Awaited<ReturnType<typeof gate>>;

  const checkOf = (changes: Partial<Original>, more: Pairs = HTML): CheckRequest => {
    const check = examples.ask({ ...PAGE, ...changes }, CLIENT);
    return { ...check, pairs: [...check.pairs, ...more] };
  };
  const send = (opened: Gate, check: CheckRequest, peer = '127.0.0.1') =>
    door.ask(opened, name, check, peer);
  const hear = async (changes: Partial<Original> = {}, more: Pairs = HTML): Promise<Heard> =>
    send(await gate(), checkOf(changes, more));
  const signedIn: Pairs = [...HTML, ['Cookie', COOKIE]];

  describe(`the ${name} dialect`, () => {
    it('reads the original request exactly', async () => {
      const opened = await gate();
      await send(opened, checkOf({ method: 'DELETE', target: '/a/b?q' }));
      expect(opened.events.all).toMatchObject([
        { method: 'DELETE', host: 'wiki.example.com', path: '/a/b', clientIp: CLIENT },
      ]);
    });

    it('allows with exactly 200, all identity headers and no body', async () => {
      const heard = await hear({}, signedIn);
      expect(heard).toMatchObject({ status: 200, body: '' });
      expect(heard.headers).toMatchObject({
        'remote-user': 'ann',
        'remote-groups': 'staff',
        'remote-name': 'Ann Example',
        'remote-email': 'ann@example.com',
      });
      expect(heard.headers).not.toHaveProperty('set-cookie');
    });

    it('sends the identity headers of other routes empty, for a proxy with one list', async () => {
      const routes = [{ id: 'wiki' }, { id: 'board', identity: presetIdentity('webauth') }];
      const heard = await send(await gate(testSnapshot({ routes })), checkOf({}, signedIn));
      expect(heard.headers).toMatchObject({ 'remote-user': 'ann', 'x-webauth-user': '' });
      const authority = 'board.example.com';
      const board = await send(
        await gate(testSnapshot({ routes })),
        checkOf({ authority }, signedIn),
      );
      expect(board.headers).toMatchObject({ 'remote-user': '', 'x-webauth-user': 'ann' });
    });

    it('sends every identity header empty for an anonymous visitor, to overwrite forged ones', async () => {
      const heard = await hear({ target: '/public/x' }, [...HTML, ['Remote-User', 'root']]);
      expect(heard.status).toBe(200);
      for (const header of OURS) expect(heard.headers[header.toLowerCase()]).toBe('');
    });

    it('redirects a navigation to the sign-in page with the exact return URL', async () => {
      const heard = await hear();
      expect(heard.status).toBe(passesWhole ? 302 : 401);
      const to = new URL(heard.headers['location'] ?? '');
      expect(to.origin + to.pathname).toBe('https://auth.example.com/flow/login');
      expect(to.searchParams.get('rd')).toBe('https://wiki.example.com/a/b?x=1&y=%20%C3%A4');
    });

    it('never makes a browser repeat its POST to the sign-in page', async () => {
      expect((await hear({ method: 'POST' })).status).toBe(passesWhole ? 303 : 401);
    });

    it.each<[string, Partial<Original>, Pairs]>([
      ['a fetch', {}, [['Sec-Fetch-Mode', 'cors']]],
      ['a request for JSON', {}, [['Accept', 'application/json']]],
      ['a websocket', {}, [['Sec-WebSocket-Key', 'x'], ...HTML]],
      [
        'a preflight',
        { method: 'OPTIONS' },
        [
          ['Origin', 'https://other.example'],
          ['Access-Control-Request-Method', 'PUT'],
        ],
      ],
    ])('asks %s to sign in with 401, without a redirect', async (_, changes, headers) => {
      const heard = await hear(changes, headers);
      expect(heard.status).toBe(401);
      expect(heard.headers).not.toHaveProperty('location');
      expect(JSON.parse(heard.body)).toMatchObject({
        reason: 'session/none',
        login_url: expect.stringContaining('/flow/login?rd=https%3A%2F%2Fwiki.example.com'),
      });
    });

    it.each([
      ['a denied path', '/admin/x'],
      ['a path whose policy breaks', '/broken/x'],
    ])('refuses %s with 403 and no redirect', async (_, target) => {
      const heard = await hear({ target }, signedIn);
      expect(heard.status).toBe(403);
      expect(heard.headers).not.toHaveProperty('location');
    });

    it('redirects a signed-in user to the remedy of a path', async () => {
      const heard = await hear({ target: '/step/x' }, signedIn);
      expect(heard.headers['location']).toContain('/flow/step-up?rd=');
    });

    it.each(['other.example.com', 'wiki.example.com:8443', 'wiki.example.com.evil.test'])(
      'refuses %s, which has no route, with 403 and never a redirect',
      async (authority) => {
        const heard = await hear({ authority }, signedIn);
        expect(heard.status).toBe(403);
        expect(heard.headers).not.toHaveProperty('location');
      },
    );

    it("matches the host's route in any case and with a trailing dot", async () => {
      expect((await hear({ authority: 'WIKI.Example.com.' }, signedIn)).status).toBe(200);
    });

    describe.each(examples.required)('without an honest %s', (header) => {
      const check = checkOf({}, signedIn);
      const others = check.pairs.filter(([key]) => key.toLowerCase() !== header);

      it('refuses when it is missing', async () => {
        expect((await send(await gate(), { ...check, pairs: others })).status).toBe(400);
      });

      it('refuses when it is empty', async () => {
        const pairs: Pairs = [...others, [header, '']];
        expect((await send(await gate(), { ...check, pairs })).status).toBe(400);
      });

      it('never allows, whatever the other headers say', async () => {
        const opened = await gate();
        const anonymous = others.filter(([key]) => key !== 'Cookie');
        await fc.assert(
          fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), async (value) => {
            const pairs: Pairs = [...anonymous, [header, value]];
            expect((await send(opened, { ...check, pairs })).status).not.toBe(200);
          }),
        );
      });
    });

    // X-Forwarded-For is a list by design (RFC 9110 §5.3): HAProxy adds a line, other proxies add
    // an item.
    it.each(examples.required.filter((header) => header !== 'x-forwarded-for'))(
      'refuses two headers %s, even with the same value',
      async (header) => {
        const check = checkOf({}, signedIn);
        const again = check.pairs.filter(([key]) => key.toLowerCase() === header);
        const heard = await send(await gate(), { ...check, pairs: [...check.pairs, ...again] });
        expect([again.length, heard.status]).toEqual([1, 400]);
      },
    );

    it.each(examples.malformed)('refuses %s: %s', async (header, value) => {
      const check = checkOf({}, signedIn);
      const others = check.pairs.filter(([key]) => key.toLowerCase() !== header);
      const heard = await send(await gate(), { ...check, pairs: [...others, [header, value]] });
      expect(heard.status).toBe(400);
    });

    it("refuses another dialect's headers", async () => {
      const foreign = dialects
        .flatMap(({ speaks }) => speaks)
        .filter((header) => !dialect.speaks.includes(header));
      expect(foreign).not.toEqual([]);
      for (const header of foreign) {
        for (const value of ['/public/ok', 'https://wiki.example.com/', 'GET', '']) {
          const heard = await hear({}, [
            ['Cookie', COOKIE],
            [header, value],
          ]);
          expect([header, heard.status]).toEqual([header, 400]);
          expect(heard.body).toContain(header);
        }
      }
    });

    it.each(urls.cases.filter((row) => row.uri !== null && row.proto && row.host))(
      'reads $uri as it was sent: $name',
      async ({ proto, host, uri }) => {
        const routes = testSnapshot({
          routes: [{ id: 'x', host: host === 'example.com:8080' ? host : 'example.com' }],
        });
        const opened = await gate(routes);
        const target = uri as string;
        const original = { scheme: proto as string, authority: host as string, target };
        const heard = await send(opened, checkOf(original, [['Cookie', COOKIE]]));
        const isMalformed = target.includes('\0') || host === 'exa mple.com';
        expect(heard.status).toBe(isMalformed ? 400 : 200);
        if (isMalformed) return;
        const path = target.replace(/\?.*/, '');
        expect(opened.events.all.at(-1)).toMatchObject({ path, route: 'x' });
      },
    );

    it.each(ODD_CHARACTERS)(
      '%s: refuses a header name with %s, which CGI maps to the same variable as a hyphen',
      async (_, character) => {
        for (const field of [
          `Remote${character}User`,
          `X${character}Forwarded-For`,
          `X-Forwarded${character}Host`,
          `My${character}Field`,
        ]) {
          const heard = await hear({}, [...signedIn, [field, 'admin']]);
          expect([field, heard.status]).toEqual([field, 400]);
          expect(heard.body).toContain('header/name');
          expect(heard.headers).not.toHaveProperty('remote-user');
        }
      },
    );

    it.each(['RemoteUser', 'HTTP-Remote-User', 'XForwardedFor', 'Http-X-Original-Url', 'Co-okie'])(
      "refuses %s, which CGI maps to one of our names or a proxy's",
      async (field) => expect((await hear({}, [...signedIn, [field, '1']])).status).toBe(400),
    );

    it.each(['REMOTE-USER', 'remote-groups', 'X-Real-IP', 'Forwarded', 'TE', 'Proxy', 'My-Field'])(
      'accepts %s, which the proxy or its client may send',
      async (field) => expect((await hear({}, [...signedIn, [field, '1']])).status).toBe(200),
    );

    tokensContract({ dialect, examples, gate, checkOf, send });

    it('refuses a peer that is not a trusted proxy, and names the remedy', async () => {
      const opened = await gate();
      const heard = await send(opened, checkOf({}, signedIn), '198.51.100.9');
      expect(heard.status).toBe(403);
      expect(heard.body).toContain('198.51.100.9');
      expect(heard.body).toContain('trusted_proxies');
      expect(opened.sessions.calls).not.toContain('read session:one');
    });

    it('refuses all requests while the store is down', async () => {
      const opened = await gate();
      opened.sessions.fault = new Error('connection refused');
      const heard = await send(opened, checkOf({}, signedIn));
      expect(heard.status).toBe(500);
      expect(heard.headers).not.toHaveProperty('remote-user');
      expect(heard.body).not.toContain('connection refused');
    });

    it('gives no body to HEAD', async () => {
      const check = { ...checkOf({ target: '/admin/x' }, signedIn), method: 'HEAD' };
      expect(await send(await gate(), check)).toMatchObject({ status: 403, body: '' });
    });

    it.each<[string, Partial<Original>, Pairs]>([
      ['an allow', {}, signedIn],
      ['a sign-in', {}, HTML],
      ['a denial', { target: '/admin/x' }, signedIn],
      ['a refusal', { target: '/a/../b' }, HTML],
    ])('marks %s as not cacheable', async (_, changes, headers) => {
      const heard = await hear(changes, headers);
      expect(heard.headers).toMatchObject({ 'x-request-id': 't1-1' });
      // What an allow of gRPC names is for the app, and never cached.
      if (heard.status === 200 && !door.isHttp) return;
      expect(heard.headers).toMatchObject({ 'cache-control': 'no-store', vary: 'Cookie' });
    });

    it('offers sign-out inside the app where the browser reaches us, and nothing else', async () => {
      const out = await hear({ target: '/.doorward/sign-out' }, signedIn);
      const logout = 'https://auth.example.com/flow/logout?rd=https%3A%2F%2Fwiki.example.com%2F';
      expect([out.status, out.headers['location']]).toEqual(
        passesWhole ? [302, logout] : [403, undefined],
      );
      for (const target of ['/.doorward', '/.doorward/check/nginx', '/.DOORWARD/sign-out']) {
        expect((await hear({ target }, signedIn)).status).toBe(passesWhole ? 404 : 403);
      }
    });
  });
}
