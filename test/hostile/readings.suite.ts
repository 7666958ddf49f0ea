/**
 * Paths that servers read in several ways, through each mode: where one rule guards everything they
 * reach the app as they were sent; beside a stricter rule they need what that rule needs.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sendRaw, statuses } from '../support/raw.ts';
import { startWorld, type World } from './fixture.ts';
import { isAway, type Mode, sentOn } from './modes.ts';

/** With one rule, all of these are ordinary addresses. */
const PLAIN: readonly (readonly [string, string])[] = [
  ['PATH-npm', '/@scope%2fname'],
  ['PATH-npm', '/@scope%2Fname/-/name-1.0.0.tgz'],
  ['PATH-vhost', '/api/queues/%2F/q1'],
  ['PATH-percent', '/100%25effective.pdf'],
  ['PATH-percent', '/50%2520off.txt'],
  ['PATH-percent', '/a%3Bb.txt'],
  ['PATH-fullwidth', '/wiki/%E4%BD%95%EF%BC%9F'],
  ['PATH-fullwidth', '/wiki/a%EF%BC%8Fb%E2%81%87%EF%B8%96'],
  ['PATH-jsession', '/app;jsessionid=1A2B'],
  ['PATH-latin1', '/caf%E9.txt'],
  ['PATH-double-slash', '/web/2020/https://example.com/'],
  ['a GitLab project', '/api/v4/projects/group%2Fsub%2Fproject?x=%2e'],
  ['a registry', '/v2/library/alpine/manifests/sha256:0a1b'],
  ['a CalDAV calendar', '/cal/ann%40example.com/Arbeit%20%26%20Haus/'],
  ['a home folder', '/~ann/index.html'],
];

/** `/admin/secret` to some server. */
const TRICKS: readonly (readonly [string, string])[] = [
  ['PATH-matrix-admin', '/x;/../admin/secret'],
  ['PATH-matrix-admin', '/admin;x/secret'],
  ...[
    '%E2%80%8B',
    '%E2%80%8D',
    '%C2%AD',
    '%EF%BB%BF',
    '%E2%81%A0',
    '%E2%80%AE',
    '%EF%B8%8F',
    '%CD%8F',
    '%F3%A0%81%A1',
    '%E1%A0%8E',
  ].map((unseen) => ['PATH-zero-width', `/admin${unseen}/secret`] as const),
  ['a stream', '/admin::$INDEX_ALLOCATION/secret'],
  ['a short name', '/ADMIN~1/secret'],
  ['a full-width slash', '/x%EF%BC%8F..%EF%BC%8Fadmin/secret'],
  ['a double encoding', '/%2561dmin/secret'],
  ['an encoded backslash', '/x%5C..%5Cadmin/secret'],
  ['a host of any number of slashes', '/%5C%5Cx/admin/secret'],
  ['a trimmed segment', '/%20admin/secret'],
  ['a dropped tab', '/ad%09min/secret'],
  ['an escape of UTF-16', '/x%25u002f..%25u002fadmin/secret'],
  ['a session in the path', '/(S(x))/admin/secret'],
  ['a search of Windows', '/adm%3C%3C/secret'],
  ['an accent', '/%C3%A1dmin/secret'],
];

/** Registers the tests for one mode. */
export function readingsOfPaths(mode: Mode): void {
  describe.skipIf(isAway(mode))(`through ${mode.name}, a path with several readings`, () => {
    let world: World;
    let alice: string;
    let bob: string;
    beforeAll(async () => {
      world = await startWorld({
        trusted: mode.front !== null,
        ...(mode.front === null ? {} : { front: mode.front }),
        routes: ({ origin }) => [
          `{ id: plain, host: plain.gw.test, upstream: "${origin}" }`,
          `{ id: strict, host: strict.gw.test, upstream: "${origin}", strict_paths: true }`,
          `{ id: star, host: star.gw.test, upstream: "${origin}", paths: [{ path: /foo/*/bar, public: true }] }`,
          `{ id: php, host: php.gw.test, upstream: "${origin}", front_controllers: [index.php], paths: [{ path: /admin/**, policies: [{ type: group, any: [admins] }] }] }`,
          `{ id: based, host: based.gw.test, upstream: "${origin}/base" }`,
          `{ id: scoped, host: scoped.gw.test, upstream: "${origin}", paths: [{ path: /@ours%2fsecret, policies: [{ type: group, any: [admins] }] }] }`,
        ],
      });
      [alice, bob] = [await world.cookieOf('alice'), await world.cookieOf('bob')];
    });
    afterAll(() => world?.close());
    beforeEach(() => void (world.app.seen.length = 0));

    const ask = async (
      host: string,
      target: string,
      cookie: string,
      { method = 'GET', fields = [] }: { method?: string; fields?: readonly string[] } = {},
    ): Promise<number> => {
      const lines = [
        `${method} ${target} HTTP/1.1`,
        `Host: ${host}`,
        ...(cookie === '' ? [] : [`Cookie: ${cookie}`]),
        ...fields,
      ];
      const raw = await sendRaw(world.port, [...lines, 'Connection: close', '', ''].join('\r\n'));
      return statuses(raw)[0] ?? 0;
    };
    const received = (): readonly string[] => world.app.seen.map(({ target }) => target);

    it.each(PLAIN)('%s: reaches an app with one rule as it was sent: %s', async (_, target) => {
      expect(await ask('plain.gw.test', target, alice)).toBe(200);
      expect(received()).toEqual([sentOn(mode, target)]);
    });

    it.each(TRICKS)('%s: is refused to alice beside a rule for admins: %s', async (_, target) => {
      expect(await ask('app.gw.test', target, alice)).toBeGreaterThanOrEqual(400);
      expect(received()).toEqual([]);
    });

    it.each(TRICKS)('%s: is open to bob, an admin: %s', async (_, target) => {
      expect(await ask('app.gw.test', target, bob)).toBe(200);
      expect(received()).toEqual([sentOn(mode, target)]);
    });

    it('PATH-hash-in-star: is not public if what a server cuts at # is not', async () => {
      expect(await ask('star.gw.test', '/foo/secret/bar', '')).toBe(200);
      expect(received()).toEqual(['/foo/secret/bar']);
      expect(await ask('star.gw.test', '/foo/secret%23/bar', '')).toBe(401);
      expect(received()).toHaveLength(1);
    });

    it.each(['/a%2fb', '/a;b', '/a/../b', '/a%252fb', '//a'])(
      'is refused on a route with strict_paths: %s',
      async (target) => {
        const status = await ask('strict.gw.test', target, alice);
        // A proxy in front may have resolved it to an ordinary path before it asks.
        const seen = sentOn(mode, target);
        const isPlain = /^(?:\/[a-z]+)+$/.test(seen);
        if (isPlain) expect(status).toBe(200);
        else expect(status).toBeGreaterThanOrEqual(400);
        expect(received()).toEqual(isPlain ? [seen] : []);
      },
    );

    it.each(['/index.php/admin/x', '/INDEX.PHP/admin;x', '/index.php//admin'])(
      'is guarded behind a front controller: %s',
      async (target) => {
        expect(await ask('php.gw.test', target, alice)).toBe(403);
        expect(await ask('php.gw.test', '/index.php/other', alice)).toBe(200);
        expect(await ask('php.gw.test', target, bob)).toBe(200);
        expect(received()).toHaveLength(2);
      },
    );

    it.each(['/../x', '/a/%2e%2e/%2e%2e/x', '/..%2fx', '/..;/x', '/a/..%5c..%5cx'])(
      'does not leave the base path of its app: %s',
      async (target) => {
        const status = await ask('based.gw.test', target, alice);
        // A proxy in front may resolve the segments before it asks.
        for (const seen of received()) expect(seen).toMatch(/^\/base\/(?!.*\.\.)/);
        if (mode.front === null) expect(status).toBe(400);
      },
    );

    it('meets a rule that is written with an encoded slash', async () => {
      expect(await ask('scoped.gw.test', '/@ours%2Fsecret', alice)).toBe(403);
      expect(await ask('scoped.gw.test', '/@ours%2fsecret', bob)).toBe(200);
      expect(await ask('scoped.gw.test', '/@ours%2fother', alice)).toBe(200);
    });

    describe.each(['COPY', 'MOVE'])('%s', (method) => {
      it.each([
        ['/admin/x', 403],
        ['http://app.gw.test/admin', 403],
        ['http://elsewhere.test/ADMIN;x/y', 403],
        ['/x%2f..%2fadmin%2fx', 403],
        ['/', 403],
        ['admin/x', 400],
      ])('needs what its destination needs: %s', async (destination, status) => {
        const fields = [`Destination: ${destination}`];
        expect(await ask('app.gw.test', '/x', alice, { method, fields })).toBe(status);
        expect(received()).toEqual([]);
        if (status === 400) return;
        expect(await ask('app.gw.test', '/x', bob, { method, fields })).toBe(200);
        expect(received()).toEqual(['/x']);
      });

      it('is refused with two destinations, and without one', async () => {
        for (const fields of [['Destination: /y', 'Destination: /admin/x'], []]) {
          expect(await ask('app.gw.test', '/x', alice, { method, fields })).toBe(400);
        }
        expect(received()).toEqual([]);
      });

      it('reaches the app with a destination under the same rule', async () => {
        const fields = ['Destination: http://app.gw.test/y'];
        expect(await ask('app.gw.test', '/x', alice, { method, fields })).toBe(200);
        expect(world.app.seen[0]?.rawHeaders).toContain('http://app.gw.test/y');
      });

      it('is refused below a base path, which its destination would not have', async () => {
        const fields = ['Destination: /y'];
        expect(await ask('based.gw.test', '/x', alice, { method, fields })).toBe(400);
      });
    });
  });
}
