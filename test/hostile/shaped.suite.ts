/**
 * An app with headers, credentials and rewrites of its own, and a second app below a path of the same
 * host: what reaches them, over HTTP and as a websocket's handshake, and what comes back.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HASH } from '../support/gateway.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { type App, type AppHandler, startApp } from '../support/upstreams.ts';
import { startWorld, type World } from './fixture.ts';
import { isAway, type Mode } from './modes.ts';

/** The second user’s data are a hostile person’s. */
const USERS = `users:
  alice:
    displayname: Älice Example
    password: "${HASH}"
    attributes: { pin: "12:34" }
  mallory:
    displayname: "{user.attributes.pin} \${env:HOME}"
    password: "${HASH}"
    attributes: { pin: "x\\r\\nX-Admin: 1", split: "y\\r\\n\\r\\nGET /evil" }
`;

const SET =
  '{ X-Key: k3y, X-Who: "{user.name}", X-Name: "<{user.display_name}>", X-Split: "{user.attributes.split}" }';

const DISGUISES = [
  'X-Who',
  'x-who',
  'X_Who',
  'X.Who',
  'X!Who',
  'X~Who',
  "X'Who",
  'XWho',
  'X--Who',
  'X-Who-',
  'HTTP-X-Who',
  'HTTP_X_WHO',
  'X-Wh-o',
  '-X-Who',
  'X^Who',
  'Authorization',
  'authorization',
  'Authorization_',
  'HTTP-Authorization',
  'X-Drop',
  'X_Drop',
  'XDrop',
  // Doorward trusts the proxy in front, so the proxy must remove what only a proxy may report.
  'X-WebAuth-User',
  'X-Forwarded-User',
  'X-Forwarded-Prefix',
  'X-SSL-Client-Verify',
  'Remote-User',
];

/** To the second app, to none, or to the first one, but never to another than its rules say. */
const REFUSED = [
  '/%77iki2/x',
  '/%77iki2/..%2f',
  '/wiki2/../admin',
  '/wiki2/..%2fadmin',
  '/wiki2/%2e%2e/admin',
  '/wiki2/x/../../admin',
  '/wiki2;x/',
  '/wiki2%2fx',
  '/WIKI2/x',
];

/** Every harm that an app can do, beside its own addresses. */
const answers: AppHandler = (request, response) => {
  const { port = 0 } = request.socket.address() as { port?: number };
  response.writeHead(302, {
    Location: `http://127.0.0.1:${port}/base/next?x=1`,
    'Content-Location': '/base/here',
    Refresh: '5; url=/base/later',
    'Set-Cookie': ['a=b; Domain=internal; Path=/base/x', 'doorward=evil; Path=/'],
    'Clear-Site-Data': '"cookies"',
    'X-Accel-Redirect': '/etc/passwd',
    'X-Sendfile': '/etc/passwd',
    'Cache-Control': 'public, max-age=60',
  });
  response.end('moved');
};

/** Registers the tests for one mode. */
export function shaped(mode: Mode): void {
  describe.skipIf(isAway(mode))(`through ${mode.name}`, () => {
    let world: World;
    let first: App;
    let second: App;
    beforeAll(async () => {
      first = await startApp(answers);
      second = await startApp();
      const upstream = `url: "${first.url}/base", headers: { set: ${SET}, remove: [X-Drop] }`;
      const basic = 'basic: { user: "{user.name}", password: "{user.attributes.pin}" }';
      const rewrite = 'rewrite: { location: true, cookie_domain: none, cookie_path: true }';
      const paths = [
        '{ path: /open/**, public: true }',
        `{ path: /wiki2/**, upstream: "${second.url}", strip_prefix: /wiki2 }`,
        '{ path: /wiki2/admin/**, policies: [{ type: group, any: [admins] }] }',
      ];
      world = await startWorld({
        trusted: mode.front !== null,
        ...(mode.front === null ? {} : { front: mode.front }),
        users: USERS,
        routes: () => [
          `{ id: shaped, host: shaped.gw.test, upstream: { ${upstream}, ${basic}, ${rewrite} }, paths: [${paths.join(', ')}] }`,
        ],
      });
    });
    afterAll(async () => {
      await world?.close();
      await first?.close();
      await second?.close();
    });
    beforeEach(() => {
      first.seen.length = 0;
      second.seen.length = 0;
    });

    const HANDSHAKE = [
      'Connection: Upgrade, close',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ];
    const ask = async (target: string, lines: readonly string[], user: string | null = null) => {
      const head = [`GET ${target} HTTP/1.1`, `Host: shaped.gw.test:${world.port}`, ...lines];
      if (user !== null) head.push(`Cookie: ${await world.cookieOf(user)}`);
      if (!lines.includes('Upgrade: websocket')) head.push('Connection: close');
      return sendRaw(world.port, [...head, '', ''].join('\r\n'), {
        quiet: 60_000,
        longest: 60_000,
      });
    };
    const fieldsOf = ({ seen }: App) => {
      const raw = seen[0]?.rawHeaders ?? [];
      return raw.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${raw[i + 1]}`] : []));
    };
    /** The fields that the route sets. */
    const own = (app: App) =>
      fieldsOf(app).filter((field) =>
        /^(?:x-(?:key|who|name|split|admin)|authorization):/i.test(field),
      );

    const ALICE = [
      'X-Key: k3y',
      'X-Who: alice',
      `X-Name: <${Buffer.from('Älice Example').toString('latin1')}>`,
      'X-Split: ',
      `Authorization: Basic ${btoa('alice:12:34')}`,
    ];

    it('the app receives the user’s values, and the same bytes in a handshake', async () => {
      await ask('/x', [], 'alice');
      const plain = fieldsOf(first);
      expect(own(first)).toEqual(ALICE);
      first.seen.length = 0;
      await ask('/x', HANDSHAKE, 'alice');
      expect(own(first)).toEqual(ALICE);
      const varies = /^(?:connection|upgrade|sec-websocket-.*|x-request-id|origin|host):/i;
      const same = (fields: readonly string[]) => fields.filter((field) => !varies.test(field));
      expect(same(fieldsOf(first))).toEqual(same(plain));
    });

    it.each([[[]], [HANDSHAKE]])(
      'without a user, it receives fixed values alone',
      async (lines) => {
        await ask('/open/x', lines);
        expect(own(first)).toEqual(['X-Key: k3y', 'X-Who: ', 'X-Name: ', 'X-Split: ']);
      },
    );

    it('a user’s data can neither split a header nor name another value', async () => {
      await ask('/x', [], 'mallory');
      expect(own(first)).toEqual([
        'X-Key: k3y',
        'X-Who: mallory',
        'X-Name: <{user.attributes.pin} ${env:HOME}>',
        'X-Split: ',
      ]);
      expect(first.bytes()).not.toMatch(/^(?:X-Admin|GET \/evil)/m);
    });

    it.each(DISGUISES)('a client cannot send %s', async (name) => {
      for (const lines of [[], HANDSHAKE]) {
        const raw = await ask('/open/x', [`${name}: evil`, ...lines]);
        expect([302, 400]).toContain(statuses(raw)[0]);
        expect(fieldsOf(first).filter((field) => field.includes('evil'))).toEqual([]);
        first.seen.length = 0;
      }
    });

    it('a client cannot have a header of the route removed', async () => {
      await ask('/x', ['Connection: close, x-key, authorization'], 'alice');
      for (const { rawHeaders } of first.seen) {
        expect(rawHeaders).toContain('X-Key');
        expect(rawHeaders).toContain('Authorization');
      }
    });

    it.each([
      ['/', '/base/'],
      ['/a%2Fb//c;d?e=%2F', '/base/a%2Fb//c;d?e=%2F'],
    ])('%s is %s to the first app, over HTTP and as a websocket', async (target, expected) => {
      await ask(target, [], 'alice');
      await ask(target, HANDSHAKE, 'alice');
      expect(first.seen.map(({ url }) => url)).toEqual([expected, expected]);
      expect(second.seen).toEqual([]);
    });

    it.each([
      ['/wiki2', '/'],
      ['/wiki2/', '/'],
      ['/wiki2?x', '/?x'],
      ['/wiki2/a%2Fb//c;d?e=%2F', '/a%2Fb//c;d?e=%2F'],
    ])('%s is %s to the second app, without the headers of the first', async (target, expected) => {
      await ask(target, [], 'alice');
      await ask(target, HANDSHAKE, 'alice');
      expect(second.seen.map(({ url }) => url)).toEqual([expected, expected]);
      expect(own(second)).toEqual([]);
      expect(first.seen).toEqual([]);
    });

    it('a rule below the prefix counts in every spelling of what the second app reads', async () => {
      for (const path of ['/wiki2/admin/x', '/wiki2//host/admin/x', '/wiki2/%61dmin/x']) {
        expect(statuses(await ask(path, [], 'alice'))).toEqual([403]);
      }
      expect(second.seen).toEqual([]);
    });

    it.each(REFUSED)('%s reaches no app', async (target) => {
      for (const lines of [[], HANDSHAKE]) {
        expect(statuses(await ask(target, lines, 'alice'))).toEqual([400]);
      }
      expect([...first.seen, ...second.seen]).toEqual([]);
    });

    it.each([
      ['a request', []],
      ['a refused handshake', HANDSHAKE],
    ])('the response to %s names public addresses, and harms no other app', async (_, lines) => {
      const raw = await ask('/x', lines, 'alice');
      const [head = ''] = raw.split('\r\n\r\n');
      const fields = head.split('\r\n').slice(1);
      const values = (name: string) =>
        fields.flatMap((field) => {
          const [key = '', ...value] = field.split(': ');
          return key.toLowerCase() === name ? [value.join(': ')] : [];
        });
      expect(statuses(raw)).toEqual([302]);
      expect(values('location')).toEqual([`http://shaped.gw.test:${world.port}/next?x=1`]);
      expect(values('content-location')).toEqual(['/here']);
      expect(values('refresh')).toEqual(['5; url=/later']);
      expect(values('set-cookie')).toEqual(['a=b; Path=/x']);
      expect(values('clear-site-data').join('')).not.toContain('cookies');
      expect(values('cache-control')).toEqual(['private, max-age=60']);
      expect(head).not.toMatch(/passwd/);
    });
  });
}
