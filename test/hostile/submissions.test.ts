/** Random submissions to every stage are rejected without a fault and without a session. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logOf } from './fixture.ts';
import { setUpPhone } from './factors.ts';
import { type FlowWorld, type Reply, startFlowWorld } from './flow-world.ts';

let world: FlowWorld;
beforeAll(async () => {
  world = await startFlowWorld(['ann', 'ben', 'cem', 'dia', 'eli'], { throttle: '{ free: 1000 }' });
});
afterAll(() => world?.close());

const FIELDS = [
  'login',
  'password',
  'code',
  'link',
  'passkey',
  'way',
  'instead',
  'email',
  'username',
  'nickname',
  'kept',
  'name',
  'sure',
];

/** Values that break careless parsers. */
const NASTY: readonly unknown[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\uD800',
  '\uFEFF',
  '\u202Eann',
  'ﷺ'.repeat(200),
  '🦔'.repeat(500),
  'x'.repeat(5000),
  '0'.repeat(64),
  '-1',
  '1e999',
  'NaN',
  '__proto__',
  'constructor',
  'toString',
  "' OR 1=1 --",
  '%00%ff',
  '${jndi:ldap://x}',
  '{"id":"x","response":{}}',
  '{"id":{},"response":{"clientDataJSON":{}}}',
  '{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA","attestationObject":"oA"}}',
  `{"id":"AAAA","response":${'['.repeat(2000)}${']'.repeat(2000)}}`,
  'ann@example.test\r\nBcc: x@y.z',
  '"a b"@example.test',
  'x@[127.0.0.1]',
  null,
  true,
  0,
  -1,
  1e308,
  [],
  ['x'],
  {},
  { toString: 'x' },
];

/** The flows that ask for input, and where, by name. */
const PLACES: Readonly<Record<string, () => Promise<Reply>>> = {
  'a name': () => world.begin('login'),
  'a name or a passkey': () => world.begin('passkey'),
  'a password': async () => world.reply(await world.begin('login'), { login: 'ann' }),
  'a second factor': () => world.named('ben'),
  'a mailed code': async () => world.reply(await world.begin('code'), { login: 'nobody' }),
  'a mailed link': async () => world.reply(await world.begin('shared'), { login: 'nobody' }),
  'an app to set up': async () => world.begin('setup-totp', (await world.named('cem')).client),
  'a passkey to set up': async () =>
    world.begin('setup-passkey', (await world.named('cem')).client),
  'recovery codes to save': async () =>
    world.begin('setup-codes', (await world.named('dia')).client),
  'an address': async () => world.begin('setup-mail', (await world.named('eli')).client),
  'a new user': async () => {
    const link = await world.run('invitation', 'create', '--flow', 'guest', '--reusable');
    const token = new URL(link.trim()).searchParams.get('invitation') ?? '';
    return world.begin('guest', undefined, `&invitation=${token}`);
  },
};

/** The values all at once, and each one in every field of the stage. */
function answersTo({ json }: Reply, nasty: unknown): readonly object[] {
  const requested = (json.challenge.fields as { readonly name?: string }[]).flatMap(({ name }) =>
    name === undefined ? [] : [name],
  );
  return [FIELDS, requested].map((names) => Object.fromEntries(names.map((name) => [name, nasty])));
}

/** The faults that resulted. */
async function harass(what: string, reach: () => Promise<Reply>): Promise<string[]> {
  const faults: string[] = [];
  let at = await reach();
  for (const [index, nasty] of NASTY.entries()) {
    for (const answer of answersTo(at, nasty)) {
      const before = at.client.cookieHeader('auth.gw.test');
      const reply = await world.reply(at, answer);
      if (reply.status >= 500 || reply.json === null) {
        faults.push(`${what} ${index} ${reply.status} ${reply.answer.body.slice(0, 200)}`);
      }
      const after = reply.client.cookieHeader('auth.gw.test');
      if (after !== before) faults.push(`${what} ${index}: cookies`);
      at = reply.json?.challenge === undefined ? await reach() : reply;
      // A user who confirmed saving their recovery codes is done.
      if (at.json?.challenge === undefined) return faults;
    }
  }
  return faults;
}

describe('a submission', () => {
  it('of any value to any stage is rejected with a message', async () => {
    await setUpPhone(world, 'ben');
    const faults: string[] = [];
    for (const [what, reach] of Object.entries(PLACES)) faults.push(...(await harass(what, reach)));
    expect(faults).toEqual([]);
    expect(logOf(world.gateway).filter(({ code }) => code === 'internal')).toEqual([]);
  });
});
