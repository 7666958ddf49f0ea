/** Odd ways to show a token, and what only the proxy itself can be asked. See tokens.suite.ts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tokenIdOf } from '../../src/core/people/token.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { basic } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { startWorld, type World } from './fixture.ts';

const PATHS = [
  '{ path: /browsers/**, accepts: [session] }',
  '{ path: /open-at-home/**, public_if: [{ type: network, any: [10.0.0.0/8] }] }',
  '{ path: /unknown-browsers/**, policies: [{ type: device, negate: true }] }',
  '{ path: /closed/**, policies: [{ type: group, any: [admins] }] }',
];

describe('a token', () => {
  let world: World;
  let token: string;
  beforeAll(async () => {
    world = await startWorld({
      trusted: false,
      routes: ({ origin }) => [
        `{ id: api, host: api.gw.test, upstream: "${origin}", accepts: [session, basic, bearer], sign_out_paths: [/bye], cors: { origins: ["https://shop.gw.test"], credentials: true }, paths: [${PATHS.join(', ')}] }`,
      ],
    });
    token = await created('alice');
  });
  afterAll(() => world?.close());
  beforeEach(() => void (world.app.seen.length = 0));

  async function created(user: string, ...options: string[]): Promise<string> {
    const { code, out, err } = await world.gateway.run([
      'token',
      'create',
      user,
      '--name',
      'test',
      ...options,
    ]);
    if (code !== 0) throw new Error(err);
    return out.trim();
  }

  const request = (field: string, { target = '/x', method = 'GET', more = [] as string[] } = {}) =>
    [
      `${method} ${target} HTTP/1.1`,
      'Host: api.gw.test',
      `Authorization: ${field}`,
      ...more,
      'Connection: close',
      '',
      '',
    ].join('\r\n');
  const statusOf = async (...asked: Parameters<typeof request>) =>
    statuses(await sendRaw(world.port, request(...asked)))[0];
  const encoded = (bytes: string) => Buffer.from(bytes, 'latin1').toString('base64');

  it.each<[string, (text: string) => string]>([
    ['another case of its letters', (text) => `Bearer ${text.toUpperCase()}`],
    ['padding', (text) => `Bearer ${text}=`],
    ['the other scheme', (text) => `Basic ${text}`],
    ['base64 in Bearer', (text) => `Bearer ${encoded(`alice:${text}`)}`],
    ['two schemes', (text) => `Basic Bearer ${text}`],
    ['base64url', (text) => `Basic ${encoded(`alice:${text}`)}-_`],
    ['base64 with spaces', (text) => `Basic ${encoded(`alice:${text}`).replace(/^..../, '$& ')}`],
    ['too much padding', (text) => `Basic ${encoded(`alice:${text}`)}====`],
    ['a second colon', (text) => basic('alice', `x:${text}`)],
    ['a colon in the name', (text) => basic('alice:', text)],
    ['a NUL in the name', (text) => basic('alice\0', text)],
    ['a NUL after it', (text) => basic('alice', `${text}\0`)],
    ['a newline after it', (text) => basic('alice', `${text}\n`)],
    ['a name that is no UTF-8', (text) => `Basic ${encoded(`alice\xff:${text}`)}`],
    ['a mark of the byte order', (text) => basic('\u{feff}bob', text)],
    ['an unseen character in the name', (text) => basic('ali\u{200b}ce', text)],
    ['another alphabet', (text) => basic('аlice', text)],
    ['the id of its user', (text) => basic('embedded/alice', text)],
    ['a name with an address', (text) => basic('alice@gw.test', text)],
  ])('counts for nothing with %s', async (_what, form) => {
    expect(await statusOf(form(token))).toBe(401);
    expect(world.app.seen).toEqual([]);
  });

  it.each<[string, (text: string) => string]>([
    ['a tab after the scheme', (text) => `Bearer\t${text}`],
    ['something after it', (text) => `Bearer ${text} x`],
    ['quotes', (text) => `Bearer "${text}"`],
    ['parameters', (text) => `Bearer token=${text}`],
    ['a list', (text) => `Bearer x, Bearer ${text}`],
    ['8 KB', (text) => `Bearer ${' '.repeat(8200)}${text}`],
  ])('is malformed with %s (RFC 6750, section 3.1)', async (_what, form) => {
    expect(await statusOf(form(token))).toBe(400);
    expect(world.app.seen).toEqual([]);
  });

  it('counts in any case of the scheme, as the RFCs say', async () => {
    for (const field of [`bEARER ${token}`, `BEARER   ${token}`]) {
      expect(await statusOf(field)).toBe(200);
    }
    expect(await statusOf(basic('alice', token).replace('Basic', 'bASIC'))).toBe(200);
  });

  it('that is limited to GET changes nothing', async () => {
    const reading = `Bearer ${await created('alice', '--method', 'GET')}`;
    for (const method of ['POST', 'COPY', 'MOVE', 'PROPPATCH', 'OPTIONS', 'get', 'GETX']) {
      const more = ['Destination: /y', 'Content-Length: 0'];
      expect(await statusOf(reading, { method, more })).toBeGreaterThanOrEqual(400);
    }
    expect(world.app.seen).toEqual([]);
    const more = ['X-HTTP-Method-Override: DELETE', 'X-Method-Override: DELETE'];
    expect(await statusOf(reading, { more })).toBe(200);
    expect(JSON.stringify(world.app.seen)).not.toMatch(/override/i);
  });

  it('moves nothing to a path that does not accept it, or that its user may not open', async () => {
    const bearer = `Bearer ${token}`;
    for (const to of ['/browsers/y', 'https://api.gw.test/closed/y', '/x/..%2fclosed/y', '']) {
      const more = [`Destination: ${to}`];
      expect(await statusOf(bearer, { method: 'MOVE', more })).toBeGreaterThanOrEqual(400);
    }
    expect(world.app.seen).toEqual([]);
  });

  it('for a mapped network is valid in it alone', async () => {
    const mapped = await created('alice', '--network', '::ffff:127.0.0.0/104');
    expect(await statusOf(`Bearer ${mapped}`)).toBe(200);
    const all6 = await created('alice', '--network', '::/0');
    expect(await statusOf(`Bearer ${all6}`)).toBe(403);
  });

  it('meets no condition under which a path is public, and no negated look at its browser', async () => {
    const wrong = `Bearer ${token}x`;
    expect(await statusOf(wrong, { target: '/open-at-home/x' })).toBe(401);
    expect(await statusOf(`Bearer ${token}`, { target: '/unknown-browsers/x' })).toBe(403);
    expect(world.app.seen).toEqual([]);
  });

  it('ends no session that is sent beside it', async () => {
    const cookie = await world.cookieOf('bob');
    const more = [`Cookie: ${cookie}`, 'Sec-Fetch-Site: same-origin'];
    expect(await statusOf(`Bearer ${token}`, { target: '/bye', more })).toBe(200);
    expect(await statusOf('Bearer of-the-app', { more: [`Cookie: ${cookie}`] })).toBe(200);
  });

  it('is asked for in a realm that no Host can break out of', async () => {
    const raw = await sendRaw(
      world.port,
      request('x').replace('api.gw.test', 'api.gw.test", evil="x'),
    );
    expect(statuses(raw)[0]).toBe(400);
    expect(raw).not.toContain('evil');
  });

  it('is another one for each user, also on one connection', async () => {
    const other = await created('bob');
    const first = request(`Bearer ${token}`).replace('Connection: close\r\n', '');
    await sendRaw(world.port, first + request(`Bearer ${other}`));
    expect(world.app.seen.map(({ rawHeaders }) => userIn(rawHeaders))).toEqual(['alice', 'bob']);
  });

  it('holds a websocket open no longer than until another process revokes it', async () => {
    const short = await created('alice');
    const socket = connect(world.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const more = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    const key = `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`;
    const head = request(`Bearer ${short}`, { more: [...more, key] });
    const opened = new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(data.toString('latin1'))),
    );
    socket.on('error', () => socket.destroy());
    socket.write(head.replace('Connection: close', 'Connection: Upgrade'));
    expect(await opened).toMatch(/^HTTP\/1\.1 101 /);
    await world.gateway.run(['token', 'revoke', tokenIdOf(short) ?? '']);
    await closed;
    expect(await statusOf(`Bearer ${short}`)).toBe(401);
  });

  it('opens nothing once its user is disabled', async () => {
    const file = join(world.gateway.dir, 'users.yaml');
    const field = `Bearer ${await created('carol')}`;
    expect(await statusOf(field)).toBe(200);
    const users = readFileSync(file, 'utf8');
    writeFileSync(file, users.replace(/(carol: .*groups: \[staff\])/, '$1, disabled: true'));
    await until('carol is disabled', async () => (await statusOf(field)) === 401);
    world.app.seen.length = 0;
    const name = basic('carol', field.slice('Bearer '.length));
    expect([await statusOf(name), world.app.seen]).toEqual([401, []]);
  });

  it('is in no line of the log', () => {
    expect(world.gateway.output()).not.toContain(token.slice(11));
  });
});

function userIn(rawHeaders: readonly string[]): string | undefined {
  return rawHeaders[rawHeaders.findIndex((name) => name.toLowerCase() === 'remote-user') + 1];
}
