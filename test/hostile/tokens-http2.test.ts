/** Tokens over HTTP/2, whose field names are always in lower case. See tokens.suite.ts. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic } from '../support/tokens.ts';
import { startWorld, type World } from './fixture.ts';
import { behindEnvoy, behindEnvoyGrpc, behindTraefik, isAway, ownProxy } from './modes.ts';

for (const mode of [ownProxy, behindTraefik, behindEnvoy, behindEnvoyGrpc]) {
  describe.skipIf(isAway(mode))(`tokens over HTTP/2 through ${mode.name}`, () => {
    let world: World;
    let token: string;
    beforeAll(async () => {
      world = await startWorld({
        trusted: mode.front !== null,
        ...(mode.front === null
          ? { listen: ({ port }) => `[{ at: "127.0.0.1:${port}", http2: true }]` }
          : { front: mode.front }),
        routes: ({ origin }) => [
          `{ id: api, host: api.gw.test, upstream: "${origin}", accepts: [session, basic, bearer], paths: [{ path: /public/**, public: true }] }`,
        ],
      });
      const { out } = await world.gateway.run(['token', 'create', 'alice', '--name', 'test']);
      token = out.trim();
    });
    afterAll(() => world?.close());

    /** The status, and what the app received. curl sends fields as often as they are given. */
    async function ask(values: readonly string[], path = '/x') {
      world.app.seen.length = 0;
      const usual = ['-s', '-o', '/dev/null', '-w', '%{http_version} %{http_code}'];
      const way = ['--http2-prior-knowledge', '--connect-to', `::127.0.0.1:${world.port}`];
      const shown = values.flatMap((value) => ['-H', `Authorization: ${value}`]);
      const line = [...usual, ...way, ...shown, `http://api.gw.test${path}`];
      const { stdout } = await promisify(execFile)('curl', line);
      const [version, status] = stdout.split(' ');
      expect(version).toBe('2');
      return { status, app: world.app.seen.map(({ rawHeaders }) => rawHeaders.join('\n')).join() };
    }

    it('open what their user may open, and stay away from the app', async () => {
      for (const value of [`Bearer ${token}`, basic('alice', token)]) {
        const { status, app } = await ask([value]);
        expect(status).toBe('200');
        expect(app).toMatch(/^remote-user\nalice$/im);
        expect(app).not.toMatch(/authorization/i);
      }
    });

    it('open nothing that is wrong, or beside another one', async () => {
      for (const values of [
        [`Bearer ${token}x`],
        [basic('bob', token)],
        [`Bearer ${token}`, 'Bearer of-the-app'],
        [`Bearer ${token}`, `Bearer ${token}`],
      ]) {
        // Some proxies refuse a repeated field themselves.
        const refused = await ask(values);
        expect([values, refused.app, /^40[01]$/.test(refused.status ?? '')]).toEqual([
          values,
          '',
          true,
        ]);
        const open = await ask(values, '/public/x');
        expect([values, /^(?:200|400)$/.test(open.status ?? '')]).toEqual([values, true]);
        expect(open.app).not.toMatch(/authorization/i);
      }
    });
  });
}
