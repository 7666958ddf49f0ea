/** Guesses at tokens: throttled by address, without harm to tokens in use or to other addresses. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newTokenText } from '../../src/core/people/token.ts';
import { DEFAULT_RULES } from '../../src/flow/run/throttle-rules.ts';
import { systemRandom } from '../../src/run/backing/adapters.ts';
import { sendRaw } from '../support/raw.ts';
import { startWorld, type World } from './fixture.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    trusted: false,
    routes: ({ origin }) => [
      `{ id: api, host: api.gw.test, upstream: "${origin}", accepts: [session, bearer] }`,
    ],
  });
});
afterAll(() => world?.close());

const show = (token: string, from = '127.0.0.1') => {
  const lines = ['GET / HTTP/1.1', 'Host: api.gw.test', `Authorization: Bearer ${token}`];
  const text = [...lines, 'Connection: close', '', ''].join('\r\n');
  return sendRaw(world.port, text, { from });
};
const guess = (from?: string) => show(newTokenText(systemRandom).text, from);
const created = async () => {
  const { out } = await world.gateway.run(['token', 'create', 'alice', '--name', 'x']);
  return out.trim();
};

it('unknown tokens are refused with the time to wait after too many of them', async () => {
  const [used, unused] = [await created(), await created()];
  expect(await show(used)).toMatch(/^HTTP\/1\.1 200 /);
  // Typing errors are no guesses.
  for (let i = 0; i < 50; i += 1) expect(await show(`${used}x`)).toMatch(/^HTTP\/1\.1 401 /);
  let last = '';
  for (let i = 0; i <= DEFAULT_RULES.address.free; i += 1) {
    expect(last).not.toContain('token/throttled');
    last = await guess();
  }
  expect(last).toMatch(/^HTTP\/1\.1 429 /);
  expect(last).toMatch(/^retry-after: \d+\r/im);
  expect(last).toContain('token/throttled');
  expect(await show(unused)).toMatch(/^HTTP\/1\.1 429 /);
  expect(await show(used)).toMatch(/^HTTP\/1\.1 200 /);
  expect(await guess('127.0.0.2')).toMatch(/^HTTP\/1\.1 401 /);
  expect(await show(unused, '127.0.0.2')).toMatch(/^HTTP\/1\.1 200 /);
});
