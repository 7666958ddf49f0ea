/**
 * Hosts by pattern, and of one user or group, through each mode: however a Host is written, the app
 * that the proxy chooses is the one whose rules Doorward applied, and it learns the host that was checked.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sendRaw, statuses } from '../support/raw.ts';
import { startWorld, type World } from './fixture.ts';
import { isAway, type Mode } from './modes.ts';
import { valuesOf } from './probes.ts';

/** Host fields, each with the name at `$`, in ways that some program might read as that name. */
const SPELLINGS: readonly string[] = [
  'Host: $',
  'Host: $:80',
  'Host: $:443',
  'Host: $:0080',
  'Host: $:',
  'Host: $:80:80',
  'Host: $.',
  'Host: $..',
  'Host: $.:80',
  'Host: .$',
  'Host: $:80.',
  'Host: \t$\t',
  'Host: $,$',
  'Host: $, other.gw.test',
  'Host: other.gw.test, $',
  'Host: $ other.gw.test',
  'Host: x@$',
  'Host: $@other.gw.test',
  'Host: http://$',
  'Host: $/',
  'Host: $/x',
  'Host: $?x',
  'Host: $#x',
  'Host: $\\x',
  'Host: $;x',
  'Host: $%00',
  'Host: $%2e',
  'Host: "$"',
  'Host: [$]',
  'Host: $\xa0',
  'Host: $\xe2\x80\x8b',
  'Host: $\xc2\xad',
  'Host: ${.}',
  'Host: x.$',
  'Host: x_$',
  'Host : $',
  'Host:\r\n $',
  'host: $',
  'Host: $\r\nX-Forwarded-Host: OTHER',
  'Host: OTHER\r\nX-Forwarded-Host: $',
  'Host: OTHER\r\nX-Original-Host: $',
  'Host: OTHER\r\nForwarded: host=$',
  'Host: OTHER\r\nX-Forwarded-Server: $\r\nX-Host: $',
  'Host: $\r\nHost: OTHER',
  'Host: OTHER\r\nHost: $',
  'Host: $\r\nHost: $',
  'Host: OTHER\r\nhost: $',
  'Host: OTHER\r\n Host: $',
];

/** Request lines; the name is the one the attacker may not use. */
const TARGETS: readonly string[] = [
  'GET http://$/x HTTP/1.1',
  'GET HTTP://$:80/x HTTP/1.1',
  'GET https://$/x HTTP/1.1',
  'GET http://x@$/x HTTP/1.1',
  'GET http://$./x HTTP/1.1',
  'GET http://$\\@OTHER/x HTTP/1.1',
  'GET http://OTHER@$/x HTTP/1.1',
  'GET http://OTHER\\.$/x HTTP/1.1',
  'GET http:/$/x HTTP/1.1',
  'GET http:///$/x HTTP/1.1',
  'GET //$/x HTTP/1.1',
  'GET ws://$/x HTTP/1.1',
  'GET http://$/x HTTP/1.0',
];

/** Ways to write a name that compare equal to it somewhere. */
const NAMES: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toUpperCase(),
  (name) => name.replace(/\w/, (letter) => letter.toUpperCase()),
  (name) => name.replace('.', '%2e'),
  (name) => name.replace('.', '\xe3\x80\x82'),
  // Full width, and a long s: NFKC and case folding make ASCII of them.
  (name) => name.replace('b', '\xef\xbd\x82'),
  (name) => name.replace('s', '\xc5\xbf'),
  (name) => name.replace('-', '_'),
];

/** Registers the tests for one mode. */
export function patternHosts(mode: Mode): void {
  describe.skipIf(isAway(mode))(`through ${mode.name}, a host by pattern`, () => {
    let world: World;
    let alice: string;
    let bob: string;
    beforeAll(async () => {
      world = await startWorld({
        trusted: mode.front !== null,
        ...(mode.front === null ? {} : { front: mode.front }),
        routes: (app, admin) => [
          `{ id: previews, host: "prev-*.pre.gw.test", upstream: "${app.origin}" }`,
          `{ id: subs, host: prev-subs.pre.gw.test, upstream: "${admin.origin}", policies: [{ type: group, any: [admins] }] }`,
          `{ id: own, host: ["{user}.nb.gw.test", "{group}.nb.gw.test"], upstream: "${app.origin}" }`,
        ],
      });
      [alice, bob] = [await world.cookieOf('alice'), await world.cookieOf('bob')];
    });
    afterAll(() => world?.close());
    beforeEach(() => {
      world.app.seen.length = 0;
      world.admin.seen.length = 0;
    });

    const ask = async (lines: readonly string[], cookie: string): Promise<readonly number[]> => {
      const bytes = [...lines, `Cookie: ${cookie}`, 'Connection: close', '', ''].join('\r\n');
      const raw = await sendRaw(world.port, bytes);
      return raw.startsWith('HTTP/') ? statuses(raw) : [];
    };
    /** Names as the app may use them: its own, without port, case and the dot of the root. */
    const received = (name: string): readonly string[] =>
      world.app.seen.flatMap(({ rawHeaders }) =>
        valuesOf(rawHeaders, name).map((host) =>
          host
            .toLowerCase()
            .replace(/(?::\d*)?$/, '')
            .replace(/\.$/, ''),
        ),
      );

    it('serves its app, with the name that the client used', async () => {
      for (const host of ['prev-a.pre.gw.test', 'PREV-b.pre.gw.test', 'alice.nb.gw.test']) {
        world.app.seen.length = 0;
        expect(await ask(['GET /x HTTP/1.1', `Host: ${host}`], alice)).toEqual([200]);
        expect(received('Host')).toEqual([host.toLowerCase()]);
      }
      expect(await ask(['GET /x HTTP/1.1', 'Host: admins.nb.gw.test'], bob)).toEqual([200]);
      expect(await ask(['GET /x HTTP/1.1', 'Host: prev-subs.pre.gw.test'], bob)).toEqual([200]);
      expect(world.admin.seen).toHaveLength(1);
    });

    it.each([
      'other.pre.gw.test',
      'prev.pre.gw.test',
      'prev-a.b.pre.gw.test',
      'nb.gw.test',
      'x.y.nb.gw.test',
    ])('that no route has is served by no app: %s', async (host) => {
      for (const status of await ask(['GET /x HTTP/1.1', `Host: ${host}`], bob)) {
        // Caddy's reply to a host that it does not know is an empty 200.
        if (mode.front?.generator !== 'caddy') expect(status).toBeGreaterThanOrEqual(400);
      }
      expect([...world.app.seen, ...world.admin.seen]).toEqual([]);
    });

    /** Names that alice may not use, each with one that she may. */
    const CLOSED = [
      ['prev-subs.pre.gw.test', 'prev-a.pre.gw.test'],
      ['bob.nb.gw.test', 'alice.nb.gw.test'],
      ['admins.nb.gw.test', 'alice.nb.gw.test'],
    ] as const;

    describe.each(CLOSED)('%s, which alice may not use', (closed, open) => {
      it.each(NAMES.map((disguise) => disguise(closed)))('is never reached: %j', async (name) => {
        const fill = (line: string): string =>
          line.replaceAll('OTHER', open).replaceAll('$', () => name);
        const requests = [
          ...SPELLINGS.map((line) => ['GET /x HTTP/1.1', line] as const),
          ...TARGETS.map((target) => [target, 'Host: OTHER'] as const),
          ...TARGETS.map((target) => [target.replace('$', 'OTHER'), 'Host: $'] as const),
        ];
        await Promise.all(requests.map((lines) => ask(lines.map(fill), alice)));
        expect(world.admin.seen).toEqual([]);
        for (const field of ['Host', 'X-Forwarded-Host']) {
          for (const host of received(field)) {
            expect(host).toMatch(/^(?:alice\.nb|prev-[^.]+\.pre)\.gw\.test$/);
            expect(host).not.toBe(closed);
          }
        }
      });
    });
  });
}
