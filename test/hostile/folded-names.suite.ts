/**
 * Header names that CGI maps to another one, through a proxy that runs what `generate` printed; the
 * app is a real lighttpd with mod_cgi. A request is refused, or the app learns nothing from the
 * header.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CgiApp, startCgiApp, variablesOf } from '../support/lighttpd.ts';
import { ODD_CHARACTERS } from '../support/odd-names.ts';
import { isLeftOut } from '../support/packages.ts';
import { answersOf, sendRaw } from '../support/raw.ts';
import { startWorld, type World } from './fixture.ts';
import { isAway, type Mode } from './modes.ts';

/** Every token character that is no letter or digit; the names themselves contain the hyphen. */
const CHARACTERS: readonly (readonly [string, string])[] = [
  ...ODD_CHARACTERS,
  ['HDR-fold-2d', '-'],
];

/** Registers the tests for one mode. */
export function foldedNames(mode: Mode): void {
  describe.skipIf(isAway(mode) || isLeftOut('lighttpd'))(`a CGI app through ${mode.name}`, () => {
    let app: CgiApp;
    let world: World;
    beforeAll(async () => {
      app = await startCgiApp();
      const paths = 'paths: [{ path: /public/**, public: true }]';
      world = await startWorld({
        trusted: mode.front !== null,
        ...(mode.front === null ? {} : { front: mode.front }),
        apps: { cgi: app.port },
        routes: () => [`{ id: cgi, host: cgi.gw.test, upstream: "${app.url}", ${paths} }`],
      });
      await world.cookieOf('alice');
    });
    afterAll(async () => {
      await world?.close();
      await app?.close();
    });

    /** The app's environment, or the status of a refusal. */
    const ask = async (path: string, lines: readonly string[]) => {
      const head = [`GET ${path} HTTP/1.1`, `Host: cgi.gw.test:${world.port}`, ...lines];
      const bytes = `${[...head, 'Connection: close'].join('\r\n')}\r\n\r\n`;
      const raw = await sendRaw(world.port, bytes, { quiet: 60_000, longest: 60_000 });
      const [answer] = answersOf(raw);
      return answer?.status === 200 ? variablesOf(answer.body) : answer?.status;
    };

    it('is reached, and receives the signed-in user', async () => {
      const cookie = `Cookie: ${await world.cookieOf('alice')}; a=1`;
      expect(await ask('/env.sh', [cookie])).toMatchObject({
        HTTP_REMOTE_USER: 'alice',
        HTTP_COOKIE: 'a=1',
        HTTP_X_REAL_IP: '127.0.0.1',
      });
    });

    it.each(CHARACTERS)('%s: receives nothing from names with %s', async (_, character) => {
      const cookie = `Cookie: ${await world.cookieOf('alice')}`;
      const forged = ['Remote#User: admin', 'Remote#Groups: admins', 'X#Real#IP: 10.6.6.6'];
      const lines = forged.map((line) => line.replaceAll('#', character));
      for (const [path, own] of [
        ['/env.sh', [cookie]],
        ['/public/env.sh', []],
      ] as const) {
        const seen = await ask(path, [...own, ...lines]);
        if (seen === 400) continue;
        expect(seen).toMatchObject({ HTTP_X_REAL_IP: '127.0.0.1' });
        expect(JSON.stringify(seen)).not.toMatch(/"(?:admins?|10\.6\.6\.6)"/);
      }
    });

    it('HDR-proxy: receives no proxy to use', async () => {
      for (const name of ['Proxy', 'PROXY', 'Pro_xy', 'HTTP_PROXY', 'Http!Proxy']) {
        const seen = await ask('/public/env.sh', [`${name}: http://evil.test`]);
        expect(JSON.stringify(seen)).not.toContain('evil.test');
      }
    });
  });
}
