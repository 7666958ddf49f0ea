/** A connection proves nothing: each request on it is parsed, routed and checked separately. */
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answersOf, sendRaw, statuses } from '../support/raw.ts';
import { until } from '../support/until.ts';
import { startWorld, type World } from './fixture.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ trusted: false });
});
afterAll(() => world.close());

it('HOST-conn-reuse: access to the first host of a connection gives none to the next host', async () => {
  const { pair } = await world.signIn('alice');
  world.app.seen.length = 0;
  const socket = connect(world.gateway.port, '127.0.0.1');
  let got = '';
  socket.on('data', (chunk) => (got += chunk.toString('latin1')));
  const ask = async (host: string, path = '/secret'): Promise<number | undefined> => {
    const before = answersOf(got).length;
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${pair}\r\n\r\n`);
    await until(`an answer for ${host}`, () => {
      const last = answersOf(got)[before];
      const length = /content-length: (\d+)/i.exec(last?.head ?? '')?.[1];
      return length !== undefined && last?.body.length === Number(length);
    });
    return answersOf(got)[before]?.status;
  };
  try {
    for (let round = 0; round < 3; round += 1) {
      expect(await ask('app.gw.test')).toBe(200);
      expect(await ask('admin.gw.test')).toBe(403);
      expect(await ask('nowhere.gw.test')).toBe(421);
      expect(await ask('app.gw.test', '/admin/secret')).toBe(403);
      expect(await ask('x119.gw.test')).toBe(200);
    }
  } finally {
    socket.destroy();
  }
  expect(world.admin.seen).toEqual([]);
  expect(world.app.seen.map(({ target }) => target)).toEqual(
    Array.from({ length: 6 }, () => '/secret'),
  );
});

it('SMUG-maxheaders: a length after thousands of headers is not overlooked', async () => {
  const inner = 'GET /smuggled HTTP/1.1\r\nHost: app.gw.test\r\n\r\n';
  for (const count of [100, 126, 127, 1_000, 2_001, 4_000]) {
    world.app.seen.length = 0;
    const filler = 'x: y\r\n'.repeat(count);
    const head = `POST /public/echo HTTP/1.1\r\nHost: app.gw.test\r\n${filler}Content-Length: ${inner.length}\r\n\r\n`;
    const codes = statuses(await sendRaw(world.gateway.port, head + inner));
    expect(codes, String(count)).toHaveLength(1);
    expect([200, 400, 431], String(count)).toContain(codes[0]);
    expect(world.app.seen.some(({ target }) => target === '/smuggled')).toBe(false);
    if (codes[0] === 200) {
      expect(world.app.seen.map(({ body }) => body)).toEqual([inner]);
    } else expect(world.app.seen).toEqual([]);
    if (count === 100) expect(codes).toEqual([200]);
  }
});
