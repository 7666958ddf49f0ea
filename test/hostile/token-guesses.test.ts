/** Guesses at tokens: throttled by address, without harm to tokens in use or to other addresses. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newTokenText } from '../../src/core/people/token.ts';
import { DEFAULT_RULES } from '../../src/flow/run/throttle-rules.ts';
import { systemRandom } from '../../src/run/backing/adapters.ts';
import { testKey } from '../support/jwt.ts';
import { sendRaw } from '../support/raw.ts';
import { startWorld, type World } from './fixture.ts';

const ISSUER = 'https://ci.example.com';
const [key, forger] = [await testKey('one'), await testKey('one')];
const dir = mkdtempSync(join(tmpdir(), 'doorward-'));

let world: World;
beforeAll(async () => {
  const file = join(dir, 'keys.json');
  writeFileSync(file, JSON.stringify({ keys: [key.jwk] }));
  world = await startWorld({
    trusted: false,
    extra: `throttle: { free: 1000 }
jwt: [{ name: ci, issuer: "${ISSUER}", audience: api, claims: { sub: job }, user: alice, jwks_file: ${file} }]`,
    routes: ({ origin }) => [
      `{ id: api, host: api.gw.test, upstream: "${origin}", accepts: [session, bearer] }`,
    ],
  });
});
afterAll(async () => {
  await world?.close();
  rmSync(dir, { recursive: true });
});

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

it('forged JSON Web Tokens are too, and leave those in use alone', async () => {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: ISSUER, aud: 'api', sub: 'job', iat, exp: iat + 600 };
  const [used, unused] = [await key.sign(claims), await key.sign({ ...claims, jti: 'unused' })];
  const address = '127.0.0.3';
  expect(await show(used, address)).toMatch(/^HTTP\/1\.1 200 /);
  const repeated = await forger.sign(claims);
  for (let i = 0; i < 50; i += 1) expect(await show(repeated, address)).toContain('jwt/signature');
  let last = '';
  for (let jti = 0; jti < DEFAULT_RULES.address.free; jti += 1) {
    expect(last).not.toContain('token/throttled');
    last = await show(await forger.sign({ ...claims, jti }), address);
  }
  expect(last).toMatch(/^HTTP\/1\.1 429 /);
  expect(last).toContain('token/throttled');
  expect(await show(unused, address)).toMatch(/^HTTP\/1\.1 429 /);
  expect(await show(used, address)).toMatch(/^HTTP\/1\.1 200 /);
  expect(await show(unused, '127.0.0.4')).toMatch(/^HTTP\/1\.1 200 /);
});
