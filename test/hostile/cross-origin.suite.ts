/** Requests of other origins' pages, through each mode, for anonymous visitors and for alice. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answersOf, type RawAnswer, sendRaw } from '../support/raw.ts';
import { startWorld, type World } from './fixture.ts';
import { isAway, type Mode } from './modes.ts';

const SHOP = 'http://shop.test:3000';

/** A field of a response, joined if it is repeated; null for none. */
function field({ head }: RawAnswer, name: string): string | null {
  const start = `${name}:`;
  const lines = head.split('\r\n').filter((line) => line.toLowerCase().startsWith(start));
  return lines.length === 0
    ? null
    : lines.map((line) => line.slice(start.length).trim()).join(', ');
}

/** Registers the tests for one mode. */
export function crossOriginRequests(mode: Mode): void {
  describe.skipIf(isAway(mode))(`through ${mode.name}`, () => {
    let world: World;
    let cookie: string;
    beforeAll(async () => {
      const cors = (more: string) => `cors: { origins: ["${SHOP}"], credentials: true${more} }`;
      const closed = 'paths: [{ path: /internal/**, closed: true }]';
      world = await startWorld({
        trusted: mode.front !== null,
        ...(mode.front === null ? {} : { front: mode.front }),
        routes: ({ origin }) => [
          `{ id: api, host: api.gw.test, upstream: "${origin}", ${cors('')}, ${closed} }`,
          `{ id: own, host: own.gw.test, upstream: "${origin}", ${cors(', preflight: pass')}, ${closed} }`,
        ],
      });
      cookie = await world.cookieOf('alice');
    });
    afterAll(() => world?.close());
    beforeEach(() => void (world.app.seen.length = 0));

    const send = async (
      request: string,
      host: string,
      fields: readonly string[] = [],
    ): Promise<RawAnswer> => {
      const lines = [`${request} HTTP/1.1`, `Host: ${host}.gw.test`, ...fields];
      const bytes = [...lines, 'Connection: close', '', ''].join('\r\n');
      const [answer] = answersOf(await sendRaw(world.port, bytes));
      if (answer === undefined) throw new Error('no answer');
      return answer;
    };
    const asking = (origin: string, method = 'PUT') => [
      `Origin: ${origin}`,
      `Access-Control-Request-Method: ${method}`,
      'Access-Control-Request-Headers: content-type',
    ];

    it('answers a preflight of a listed origin, on every path, with or without a session', async () => {
      for (const path of ['/', '/internal', '/x/..%2finternal', '/a;b']) {
        for (const more of [[], [`Cookie: ${cookie}`]]) {
          const answer = await send(`OPTIONS ${path}`, 'api', [...asking(SHOP), ...more]);
          expect([path, answer.status]).toEqual([path, 204]);
          expect(field(answer, 'access-control-allow-origin')).toBe(SHOP);
          expect(field(answer, 'access-control-allow-credentials')).toBe('true');
          expect(field(answer, 'access-control-allow-methods')).toContain('PUT');
          expect(field(answer, 'access-control-allow-headers')).toBe('content-type');
          expect(field(answer, 'vary')).toContain('Origin');
        }
      }
      expect(world.app.seen).toEqual([]);
    });

    it('passes it on without a user where the app answers, except to a closed path', async () => {
      const more = [`Cookie: ${cookie}`, 'X-HTTP-Method-Override: DELETE', 'Remote-User: bob'];
      const answer = await send('OPTIONS /data', 'own', [...asking(SHOP), ...more]);
      expect(answer.status).toBe(200);
      expect(field(answer, 'access-control-allow-origin')).toBeNull();
      expect(world.app.seen.map(({ method, target }) => [method, target])).toEqual([
        ['OPTIONS', '/data'],
      ]);
      const received = JSON.stringify(world.app.seen);
      for (const secret of ['alice', 'bob', 'DELETE', 'doorward=']) {
        expect(received).not.toContain(secret);
      }
      expect((await send('OPTIONS /x/..%2finternal', 'own', asking(SHOP))).status).toBe(403);
      expect(world.app.seen).toHaveLength(1);
    });

    it.each([
      ['an unlisted origin', 'OPTIONS /', asking('http://evil.test')],
      ['another port', 'OPTIONS /', asking('http://shop.test')],
      ['a longer name', 'OPTIONS /', asking(`${SHOP}.evil.test`)],
      ['a sandbox', 'OPTIONS /', asking('null')],
      ['two origins', 'OPTIONS /', [...asking(SHOP), `Origin: ${SHOP}`]],
      ['a list', 'OPTIONS /', asking(`${SHOP}, ${SHOP}`)],
      ['no method', 'OPTIONS /', [`Origin: ${SHOP}`]],
      ['no origin', 'OPTIONS /', ['Access-Control-Request-Method: PUT']],
      ['another method', 'GET /', asking(SHOP)],
      [
        'a websocket',
        'OPTIONS /',
        [...asking(SHOP), 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='],
      ],
    ])('decides as usual about a request that is no preflight: %s', async (_, request, fields) => {
      for (const host of ['api', 'own']) {
        const answer = await send(request, host, fields);
        expect([302, 400, 401, 403]).toContain(answer.status);
      }
      expect(world.app.seen).toEqual([]);
    });

    it('lets a listed origin read why a request is refused, and no other', async () => {
      for (const origin of [SHOP, 'http://evil.test', 'null']) {
        const given = [`Origin: ${origin}`, 'Sec-Fetch-Mode: cors'];
        const anonymous = await send('GET /', 'api', given);
        const closed = await send('GET /internal', 'api', [...given, `Cookie: ${cookie}`]);
        expect([anonymous.status, closed.status]).toEqual([401, 403]);
        expect(JSON.parse(anonymous.body)).toMatchObject({ login_url: expect.any(String) });
        for (const answer of [anonymous, closed]) {
          const allowed = field(answer, 'access-control-allow-origin');
          expect(allowed).toBe(origin === SHOP ? SHOP : null);
          expect(field(answer, 'vary')).toContain('Origin');
        }
      }
    });

    it('leaves the fields of the app alone', async () => {
      const answer = await send('GET /data', 'api', [`Origin: ${SHOP}`, `Cookie: ${cookie}`]);
      expect(answer.status).toBe(200);
      expect(field(answer, 'access-control-allow-origin')).toBeNull();
    });
  });
}
