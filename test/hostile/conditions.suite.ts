/**
 * Paths that are open in one network and closed to all, through each mode, for anonymous visitors,
 * for alice and for bob, an admin.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sendRaw, statuses } from '../support/raw.ts';
import { startWorld, type World } from './fixture.ts';
import { isAway, type Mode } from './modes.ts';

const OFFICE = '127.0.0.2';
const OUTSIDE = '127.0.0.1';

/** Path, client address, and the status for an anonymous visitor, alice and bob. */
const EXPECTED: readonly (readonly [string, string, readonly number[]])[] = [
  ['/feed', OFFICE, [200, 200, 200]],
  ['/feed', OUTSIDE, [401, 200, 200]],
  ['/admin', OFFICE, [401, 403, 200]],
  ['/feed/x;/../../admin', OFFICE, [401, 403, 200]],
  ['/board', OFFICE, [200, 200, 200]],
  ['/board', OUTSIDE, [401, 403, 200]],
  ['/account', OFFICE, [401, 200, 200]],
  ['/internal', OFFICE, [403, 403, 403]],
  ['/internal', OUTSIDE, [403, 403, 403]],
  ['/x/..%2finternal', OFFICE, [403, 403, 403]],
  ['/INTERNAL/x', OUTSIDE, [403, 403, 403]],
];

/** Registers the tests for one mode. */
export function pathsUnderConditions(mode: Mode): void {
  describe.skipIf(isAway(mode))(`through ${mode.name}, a path`, () => {
    let world: World;
    let cookies: readonly string[];
    beforeAll(async () => {
      const admins = 'policies: [{ type: group, any: [admins] }]';
      const office = `public_if: [{ type: network, any: [${OFFICE}] }]`;
      world = await startWorld({
        trusted: mode.front !== null,
        ...(mode.front === null ? {} : { front: mode.front }),
        routes: ({ origin }) => [
          `{ id: lan, host: lan.gw.test, upstream: "${origin}", ${office}, paths: [{ path: /admin/**, ${admins} }, { path: /board/**, ${admins}, ${office} }, { path: /account/**, public_if: [] }, { path: /internal/**, closed: true }] }`,
        ],
      });
      cookies = ['', await world.cookieOf('alice'), await world.cookieOf('bob')];
    });
    afterAll(() => world?.close());
    beforeEach(() => void (world.app.seen.length = 0));

    it.each(EXPECTED)('%s from %s: %j', async (target, from, expected) => {
      const got: number[] = [];
      for (const cookie of cookies) {
        const lines = [
          `GET ${target} HTTP/1.1`,
          'Host: lan.gw.test',
          ...(cookie === '' ? [] : [`Cookie: ${cookie}`]),
        ];
        const bytes = [...lines, 'Connection: close', '', ''].join('\r\n');
        got.push(statuses(await sendRaw(world.port, bytes, { from }))[0] ?? 0);
      }
      expect(got).toEqual(expected);
      expect(world.app.seen).toHaveLength(expected.filter((status) => status === 200).length);
    });
  });
}
