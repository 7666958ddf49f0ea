/**
 * Between the decision and the app, through each mode: the app receives the target that was
 * checked, a refused upload is cheap, and an app's response does not touch our cookies.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sendRaw, statuses } from '../support/raw.ts';
import { until } from '../support/until.ts';
import { startWorld, type World } from './fixture.ts';
import { isAway, type Mode } from './modes.ts';

const PATHS = 'paths: [{ path: /public/**, public: true }]';

const TARGETS = [
  '/public/x?',
  '/public/x?a=1?b=2&&=',
  '/public//x',
  '/public/a%41%7e%2B+',
  '/public/a%25b',
  '/public/a%20b%26c=d&e',
  '/public/a%3Fb',
  '/public/a%3Fb?c=%2e',
  '/public/a%23b',
  '/public/caf%c3%a9',
  '/public/a:b@c',
  "/public/a'b(c)*!",
  '/public/$1$x',
  '/public/{env.HOME}',
  '/public/%7Benv.HOME%7D',
  '/public/{http.request.header.X-Target}',
  '/public/%7Bhttp.request.header.X-Target%7D',
  '/public/x?{env.HOME}={http.request.header.X-Target}',
  '/public/$request_uri/$http_x_target',
];

/** App cookies that a browser would send back as one of ours, and others that only look similar. */
const COOKIES = {
  ours: [
    'doorward=evil; Domain=gw.test; Path=/',
    ' doorward\t= evil; Secure',
    '=doorward=evil',
    ' = "doorward"=evil',
    'DOORWARD=evil',
    '__Secure-doorward=evil;Secure',
    'doorward-device=evil',
    'doorward;evil',
  ],
  others: ['ok=1; Path=/', 'a=doorward=1', 'xdoorward=1', 'doorwards=1'],
};

/** Registers the tests for one mode. */
export function toTheApp(mode: Mode): void {
  describe.skipIf(isAway(mode))(`through ${mode.name}, never replayed`, () => {
    let world: World;
    let rude: Server;
    beforeAll(async () => {
      rude = createServer((_request, response) => {
        response.setHeader('Set-Cookie', [...COOKIES.ours, ...COOKIES.others]);
        response.setHeader('Clear-Site-Data', '"cookies", "cache"');
        response.end('rude');
      });
      rude.listen(0, '127.0.0.1');
      await once(rude, 'listening');
      const { port } = rude.address() as AddressInfo;
      world = await startWorld({
        trusted: mode.front !== null,
        ...(mode.front === null ? {} : { front: mode.front }),
        routes: ({ origin }) => [
          `{ id: rude, host: rude.gw.test, upstream: "http://127.0.0.1:${port}", ${PATHS} }`,
          `{ id: based, host: based.gw.test, upstream: "${origin}/base/$1", ${PATHS} }`,
        ],
      });
    });
    afterAll(async () => {
      await world?.close();
      rude?.closeAllConnections();
      rude?.close();
    });
    beforeEach(() => void (world.app.seen.length = 0));

    const ask = (method: string, target: string, host: string, lines: readonly string[] = []) =>
      sendRaw(
        world.port,
        [
          `${method} ${target} HTTP/1.1`,
          `Host: ${host}`,
          ...lines,
          'Connection: close',
          '',
          '',
        ].join('\r\n'),
      );

    describe('the target', () => {
      // Envoy Gateway decodes letters, digits and tildes before it asks (docs/proxies/gateway-api.md).
      const isExact = mode.front?.generator !== 'gateway-api';
      it.each(TARGETS.filter((target) => isExact || !target.includes('%41')))(
        'is the one that was checked, also below a base path: %s',
        async (target) => {
          for (const [host, base] of [
            ['app.gw.test', ''],
            ['based.gw.test', '/base/$1'],
          ] as const) {
            world.app.seen.length = 0;
            const raw = await ask('GET', target, host, ['X-Target: /../../admin/secret']);
            expect(statuses(raw)).toEqual([200]);
            expect(world.app.seen.map((seen) => encoded(seen.target))).toEqual([
              encoded(base + target),
            ]);
          }
        },
      );
    });

    describe('a refused upload', () => {
      const length = ['with a length', 'Content-Length: 1000000000', ''] as const;
      const chunks = ['in chunks', 'Transfer-Encoding: chunked', '10000000\r\nbegin'] as const;
      // Apache collects the first 16 KiB (docs/proxies/apache.md).
      const isEager = mode.front?.generator !== 'apache';
      // Caddy buffers up to 256 KiB of chunks first, and stores none of it.
      it.runIf(isEager).each(mode.front?.generator === 'caddy' ? [length] : [length, chunks])(
        '%s gets a reply before its body is complete',
        async (_, framing, beginning) => {
          const lines = ['POST /app/upload HTTP/1.1', 'Host: app.gw.test', framing, '', beginning];
          const socket = connect(world.port, '127.0.0.1');
          let text = '';
          socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
          socket.on('error', () => socket.destroy());
          socket.write(lines.join('\r\n'));
          await until('it is refused', () => text.includes('\r\n\r\n'));
          socket.destroy();
          expect(text).toMatch(/^HTTP\/1\.1 401 /);
          expect(world.app.seen).toEqual([]);
        },
      );

      it.each([
        ['GET', 302],
        ['HEAD', 302],
        ['POST', 303],
      ] as const)('as a navigation by %s leads to the portal with %i', async (method, code) => {
        const raw = await ask(method, '/app/x', 'app.gw.test', ['Sec-Fetch-Mode: navigate']);
        expect(statuses(raw)).toEqual([code]);
        expect(raw.match(/^location: /gim)).toHaveLength(1);
        expect(world.app.seen).toEqual([]);
      });
    });

    describe('the response of an app', () => {
      it('cannot clear the cookies of the whole domain', async () => {
        const raw = await ask('GET', '/public/x', 'rude.gw.test');
        expect(statuses(raw)).toEqual([200]);
        expect(raw).not.toMatch(/^clear-site-data:.*cookies/im);
      });

      // nginx cannot remove one Set-Cookie of several (docs/proxies/nginx.md).
      it.skipIf(['nginx', 'npm', 'gateway-api'].includes(mode.front?.generator ?? ''))(
        'cannot set our cookies',
        async () => {
          const raw = await ask('GET', '/public/x', 'rude.gw.test');
          const set = [...raw.matchAll(/^set-cookie: *(.*)\r$/gim)].map(([, value]) => value);
          expect(set.filter((value) => value !== '')).toEqual(COOKIES.others);
        },
      );
    });

    // Encoded or not, these mean the same; Caddy encodes some of them in paths.
    function encoded(target: string): string {
      const [path = '', ...query] = target.split('?');
      const same = path.replace(
        /[$'()*!{}]/g,
        (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
      );
      return [same, ...query].join('?');
    }
  });
}
