/** An app's own sign-out address, through each mode: who can end the session there, and that it ends. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sendRaw, statuses } from '../support/raw.ts';
import { startWorld, type World } from './fixture.ts';
import { isAway, type Mode, sentOn } from './modes.ts';

const NAVIGATION = ['Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document', 'Accept: text/html'];
const OWN = ['Sec-Fetch-Site: same-origin', ...NAVIGATION];

/** Registers the tests for one mode. */
export function signOutPaths(mode: Mode): void {
  describe.skipIf(isAway(mode))(`through ${mode.name}, the app's sign-out`, () => {
    let world: World;
    beforeAll(async () => {
      const closed = 'paths: [{ path: /logout/closed, closed: true }]';
      world = await startWorld({
        trusted: mode.front !== null,
        ...(mode.front === null ? {} : { front: mode.front }),
        routes: ({ origin }) => [
          `{ id: git, host: git.gw.test, upstream: "${origin}", sign_out_paths: [/logout, /logout/closed], ${closed} }`,
        ],
      });
    });
    afterAll(() => world?.close());
    beforeEach(() => void (world.app.seen.length = 0));

    const send = async (
      request: string,
      fields: readonly string[],
      cookie: string | null,
    ): Promise<number | undefined> => {
      const session = cookie === null ? [] : [`Cookie: ${cookie}`];
      const lines = [`${request} HTTP/1.1`, 'Host: git.gw.test', ...fields, ...session];
      const bytes = [...lines, 'Connection: close', '', ''].join('\r\n');
      return statuses(await sendRaw(world.port, bytes))[0];
    };
    const signIn = async (): Promise<string> => {
      const { pair } = await world.signIn('alice');
      world.app.seen.length = 0;
      return pair;
    };

    it.each(['/logout', '/LOGOUT/', '/x/..%2flogout'])(
      'ends the session and reaches the app with the user: %s',
      async (target) => {
        const pair = await signIn();
        expect(await send(`GET ${target}`, OWN, pair)).toBe(200);
        expect(world.app.seen.map((seen) => seen.target)).toEqual([sentOn(mode, target)]);
        expect(JSON.stringify(world.app.seen)).toContain('alice');
        expect(await send('GET /', ['Sec-Fetch-Mode: cors'], pair)).toBe(401);
      },
    );

    it('ends no session for requests of other sites, though they reach the app', async () => {
      const pair = await signIn();
      const attempts: readonly (readonly [string, readonly string[]])[] = [
        ['GET /logout', ['Sec-Fetch-Site: cross-site', ...NAVIGATION]],
        ['GET /logout', ['Sec-Fetch-Site: same-site', ...NAVIGATION]],
        ['GET /logout', ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: no-cors']],
        ['GET /logout', [...OWN, 'Sec-Purpose: prefetch']],
        ['POST /logout', ['Origin: http://evil.test', 'Content-Length: 0']],
        ['HEAD /logout', OWN],
        ['GET /other?/logout', OWN],
      ];
      for (const [request, fields] of attempts) expect(await send(request, fields, pair)).toBe(200);
      expect(world.app.seen).toHaveLength(attempts.length);
      expect(await send('GET /', [], pair)).toBe(200);
    });

    it('ends none where the app is not reached', async () => {
      const pair = await signIn();
      expect(await send('GET /logout/closed', OWN, pair)).toBe(403);
      expect(await send('GET /', [], pair)).toBe(200);
      expect(await send('GET /logout', OWN, null)).toBe(302);
    });
  });
}
