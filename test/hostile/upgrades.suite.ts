/** Upgrades, tunnels, streams and uploads through each mode, checked by what reaches which app. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type H2cApp, startH2cApp } from '../support/h2c-app.ts';
import { type LiveApp, startLiveApp } from '../support/live-app.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { askForH2c } from '../support/tunnel-client.ts';
import { until } from '../support/until.ts';
import { startWorld, type World } from './fixture.ts';
import { isAway, type Mode } from './modes.ts';
import { valuesOf } from './probes.ts';

const PATHS =
  '[{ path: /public/**, public: true }, { path: /admin/**, policies: [{ type: group, any: [admins] }] }]';
const HANDSHAKE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
];
const H2C = [
  'Connection: Upgrade, HTTP2-Settings',
  'Upgrade: h2c',
  'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
];

/** Registers the tests for one mode. */
export function hostileUpgrades(mode: Mode): void {
  describe.skipIf(isAway(mode))(`through ${mode.name}, never replayed`, () => {
    let world: World;
    let live: LiveApp;
    let h2c: H2cApp;
    beforeAll(async () => {
      live = await startLiveApp();
      h2c = await startH2cApp();
      const route = (id: string, port: number): string =>
        `{ id: ${id}, host: ${id}.gw.test, upstream: "http://127.0.0.1:${port}", paths: ${PATHS} }`;
      const front = mode.front === null ? {} : { front: mode.front };
      world = await startWorld({
        trusted: mode.front !== null,
        ...front,
        routes: (app) => [
          route('live', live.port),
          route('h2c', h2c.port),
          `{ id: wild, host: "*.wild.gw.test", upstream: "${app.origin}", paths: ${PATHS} }`,
        ],
      });
      for (const user of ['alice', 'bob']) await world.cookieOf(user);
    });
    afterAll(async () => {
      await world?.close();
      await live?.close();
      await h2c?.close();
    });
    beforeEach(() => {
      world.app.seen.length = 0;
      world.admin.seen.length = 0;
      live.opened.length = 0;
      h2c.heads.length = 0;
      h2c.streams.length = 0;
    });

    /**
     * Sends one request as bytes, on a connection that closes after it unless its headers say
     * otherwise.
     */
    const ask = (target: string, host: string, lines: readonly string[]): Promise<string> => {
      const isOpen = lines.some((line) => /^connection:/i.test(line));
      const all = [`GET ${target} HTTP/1.1`, `Host: ${host}`, ...lines];
      return sendRaw(
        world.port,
        [...all, ...(isOpen ? [] : ['Connection: close']), '', ''].join('\r\n'),
      );
    };
    const cookie = async (user: string): Promise<string> => `Cookie: ${await world.cookieOf(user)}`;

    it('GEN-caddy-upgrade: a handshake is checked by its own path, and refused as plain HTTP', async () => {
      const raw = await ask('/admin/secret', 'app.gw.test', [await cookie('alice'), ...HANDSHAKE]);
      expect(statuses(raw)).toEqual([403]);
      expect([...world.app.seen, ...world.admin.seen]).toEqual([]);
    });

    it.each(['h2c', 'websocket', 'WebSocket', 'TLS/1.0', 'foo', 'websocket, h2c'])(
      'Upgrade: %s gives no access to a protected path',
      async (token) => {
        const lines = ['Connection: Upgrade', `Upgrade: ${token}`];
        for (const [target, host] of [
          ['/admin/secret', 'app.gw.test'],
          ['/secret', 'admin.gw.test'],
        ] as const) {
          const raw = await ask(target, host, [await cookie('alice'), ...lines]);
          for (const code of statuses(raw)) expect([400, 403, 404]).toContain(code);
        }
        expect([...world.app.seen, ...world.admin.seen]).toEqual([]);
      },
    );

    describe('websockets', () => {
      it('GEN-caddy-websocket: are checked by their own path and opened there', async () => {
        const dialed = [];
        for (const [user, path] of [
          [null, '/public/ws'],
          [null, '/app/ws'],
          ['alice', '/app/ws'],
          ['alice', '/admin/ws'],
          ['bob', '/admin/ws'],
        ] as const) {
          dialed.push([user, path, await dial(user, path)]);
        }
        expect(dialed).toEqual([
          [null, '/public/ws', 'echoed'],
          [null, '/app/ws', 401],
          ['alice', '/app/ws', 'echoed'],
          ['alice', '/admin/ws', 403],
          ['bob', '/admin/ws', 'echoed'],
        ]);
        expect(live.opened.map(({ path, user }) => [path, user])).toEqual([
          ['/public/ws', ''],
          ['/app/ws', 'alice'],
          ['/admin/ws', 'bob'],
        ]);
        expect(live.opened.map((one) => one.cookie).join('')).not.toContain('doorward=');
      });

      it('are not opened from another origin', async () => {
        expect(await dial('bob', '/admin/ws', 'http://evil.example')).toBe(403);
        expect(live.opened).toEqual([]);
      });

      /** Opens a socket and sends a message: `echoed`, or the status of the refusal. */
      async function dial(
        user: string | null,
        path: string,
        origin = `http://live.gw.test:${world.port}`,
      ): Promise<number | 'echoed'> {
        const pair = user === null ? null : await world.cookieOf(user);
        const socket = new WebSocket(`ws://127.0.0.1:${world.port}${path}`, {
          headers: {
            host: `live.gw.test:${world.port}`,
            origin,
            ...(pair === null ? {} : { cookie: pair }),
          },
        });
        socket.on('error', () => undefined);
        const refused = once(socket, 'unexpected-response').then(([, response]) => {
          (response as { resume: () => void }).resume();
          return (response as { statusCode: number }).statusCode;
        });
        const opened = once(socket, 'open').then(async () => {
          socket.send('hello');
          const [data] = (await once(socket, 'message')) as [Buffer];
          return data.toString() === 'hello' ? ('echoed' as const) : 0;
        });
        // Only one of the two ever resolves.
        const outcome = await Promise.any([refused, opened]);
        socket.terminate();
        return outcome;
      }
    });

    describe('tunnels', () => {
      const inside = {
        ':path': '/admin/secret',
        ':authority': 'h2c.gw.test',
        'remote-user': 'bob',
        'remote-groups': 'admins',
      };
      const lines = (host: string): string[] => ['GET /public/x HTTP/1.1', `Host: ${host}`, ...H2C];

      it('to the app itself are opened, so the tests below are meaningful', async () => {
        const direct = await askForH2c(h2c.port, lines('h2c.gw.test'), inside);
        expect(direct).toEqual({ status: 101, inside: 200 });
        expect(h2c.streams).toEqual(['/admin/secret']);
      });

      it('GEN-h2c: are not opened, since the Upgrade never reaches an app that supports h2c', async () => {
        const { status, inside: none } = await askForH2c(world.port, lines('h2c.gw.test'), inside);
        expect([200, 400, 404]).toContain(status);
        expect(none).toBeNull();
        expect(h2c.streams).toEqual([]);
        for (const head of h2c.heads) expect(head).not.toMatch(/^(?:upgrade|http2-settings):/im);
      });

      it.each(['TLS/1.0', 'foo', 'h2c, websocket', 'IRC/6.9'])(
        'for %s are opened by no app',
        async (token) => {
          const raw = await ask('/public/x', 'app.gw.test', [
            'Connection: Upgrade',
            `Upgrade: ${token}`,
          ]);
          expect(statuses(raw)).not.toContain(101);
          for (const { rawHeaders } of world.app.seen) {
            expect(valuesOf(rawHeaders, 'Upgrade')).toEqual([]);
            expect(valuesOf(rawHeaders, 'Connection').join()).not.toMatch(/upgrade/i);
          }
        },
      );
    });

    describe('the host of an app', () => {
      const forms = [
        'https://admin.gw.test/secret',
        'http://admin.gw.test/secret',
        'http://ADMIN.gw.test:80/secret',
      ];

      it.each(forms)(
        'GEN-nginx-absolute: in %s under another Host gives alice no access',
        async (target) => {
          const raw = await ask(target, 'app.gw.test', [await cookie('alice')]);
          expect(
            statuses(raw).every((code) => code >= 300 && code < 500),
            raw,
          ).toBe(true);
          expect([...world.app.seen, ...world.admin.seen]).toEqual([]);
        },
      );

      it.each(forms)('in %s is checked and forwarded under one name', async (target) => {
        await ask(target, 'app.gw.test', [await cookie('bob')]);
        expect(world.app.seen).toEqual([]);
        for (const { rawHeaders } of world.admin.seen) {
          for (const name of ['Host', 'X-Forwarded-Host']) {
            const told = valuesOf(rawHeaders, name);
            // Traefik and Envoy Gateway forward case and port as the client wrote them; their routes
            // match the name alone.
            const names = told.map((host) => host.toLowerCase().replace(/:\d+$/, ''));
            const isAsWritten = ['traefik', 'gateway-api'].includes(mode.front?.generator ?? '');
            if (isAsWritten) expect(names).toEqual(['admin.gw.test']);
            else expect(told).toEqual([`admin.gw.test:${world.port}`]);
          }
        }
      });

      it.each([
        ['/public/x', 'a.wild.gw.test'],
        ['/public/x', 'A.Wild.gw.test'],
        ['http://a.wild.gw.test/public/x', 'admin.gw.test'],
        ['http://admin.gw.test/secret', 'a.wild.gw.test'],
        ['/public/x', 'x@a.wild.gw.test'],
        ['/public/x', 'evil.example/.wild.gw.test'],
        ['/public/x', 'a.wild.gw.test:99999'],
        ['/public/x', 'a..wild.gw.test'],
        ['/public/x', 'admin.gw.test, a.wild.gw.test'],
      ])('under a wildcard is the one that was checked: %s at %s', async (target, host) => {
        const raw = await ask(target, host, [await cookie('alice')]);
        expect(world.admin.seen).toEqual([]);
        for (const { target: path, rawHeaders } of world.app.seen) {
          expect(path).toBe('/public/x');
          for (const name of ['Host', 'X-Forwarded-Host']) {
            expect(valuesOf(rawHeaders, name).join()).toMatch(/^a\.wild\.gw\.test(?::\d+)?$/i);
          }
        }
        if (host === 'a.wild.gw.test' && target === '/public/x')
          expect(statuses(raw)).toEqual([200]);
      });
    });

    describe('long exchanges', () => {
      it('GEN-sse: events arrive one by one, each before the next is sent', async () => {
        const [socket, text] = await open([
          'GET /public/events HTTP/1.1',
          'Host: live.gw.test',
          '',
          '',
        ]);
        await until('the app has the stream', () => live.streams() === 1);
        for (const event of ['first', 'second', 'third', 'fourth', 'fifth']) {
          live.emit(event);
          await until(`the ${event} event is here`, () => text().includes(`data: ${event}`));
        }
        expect(text().match(/^data: .*$/gm)).toHaveLength(5);
        socket.destroy();
        await until('the stream is closed', () => {
          // Apache notices it at the next event.
          if (mode.front?.generator === 'apache') live.emit('last');
          return live.streams() === 0;
        });
      });

      // Apache collects the first 16 KiB (docs/proxies/apache.md).
      it.skipIf(mode.front?.generator === 'apache')(
        'an upload reaches the app while it is being sent',
        async () => {
          const head = [
            'POST /public/upload HTTP/1.1',
            'Host: live.gw.test',
            'Content-Length: 12',
            '',
            '',
          ];
          const [socket, text] = await open(head);
          socket.write('begin ');
          await until('the app has the beginning', () => live.received().endsWith('begin '));
          socket.write('andend');
          await until('the app has answered', () => text().includes('whole'));
          expect(live.received()).toMatch(/begin andend$/);
          socket.destroy();
        },
      );

      async function open(lines: readonly string[]): Promise<[Socket, () => string]> {
        const socket = connect(world.port, '127.0.0.1');
        let text = '';
        socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
        socket.on('error', () => socket.destroy());
        await once(socket, 'connect');
        socket.write(lines.join('\r\n'));
        return [socket, () => text];
      }
    });
  });
}
