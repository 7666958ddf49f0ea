/**
 * Guessing is slowed down by account and by address, in whatever disguise, and locks out no other
 * user.
 */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, NAVIGATION } from '../support/client.ts';
import { HASH, PASSWORD } from '../support/gateway.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { startWorld, type World } from './fixture.ts';
import { guess } from './guess.ts';

/** Wrong submissions per account before the first delay. */
const FREE = 5;
/** The same per address, as in the flow engine. */
const FREE_BY_ADDRESS = 30;
const THROTTLE = `throttle: { free: ${FREE}, wait: 15m, longest: 15m, window: 1h }`;
const PEOPLE = ['alice', 'bob', 'carol', 'erin', 'frank', 'grace', 'heidi'];
const users = `users:\n${PEOPLE.map((name) => `  ${name}: { displayname: ${name}, email: ${name}@example.test, password: "${HASH}" }\n`).join('')}`;

let redis: RedisServer;
/** Trusts X-Forwarded-For, so that tests may come from any address. */
let world: World;
beforeAll(async () => {
  redis = await startRedis();
  world = await startWorld({
    trusted: true,
    users,
    extra: THROTTLE,
    state: redis.url,
    env: { DOORWARD_SESSION__SECRETS: 'b3a1c65e-9d57-4f0a-b1f7-5d1c8a7e2f90' },
  });
});
afterAll(async () => {
  await world.close();
  await redis.stop();
});

let place = 0;
/** An address of a network without recent requests. */
const elsewhere = (): Record<string, string> => {
  place += 1;
  return { 'x-forwarded-for': `${20 + (place % 100)}.${Math.floor(place / 100) % 250}.7.9` };
};

const from = (address: string) => ({ 'x-forwarded-for': address });

async function wrong(login: string, headers = elsewhere()): Promise<number> {
  return (await guess(world.gateway, login, 'wrong', { headers })).status;
}
async function right(login: string, headers = elsewhere()): Promise<number> {
  return (await guess(world.gateway, login, PASSWORD, { headers })).status;
}

describe('throttling by account', () => {
  it('RATE-alias: counts every spelling of a name on the one account', async () => {
    const aliases = [
      'alice',
      'ALICE',
      'alice@example.test',
      'ａｌｉｃｅ',
      ' alice ',
      'Alice＠EXAMPLE.test',
    ];
    for (const login of aliases.slice(0, FREE)) expect(await wrong(login), login).toBe(401);
    // Another spelling is refused as wrong rather than as throttled: an open refusal would reveal
    // that two names are one account (ENUM-throttle). None of them signs in.
    for (const login of aliases) expect([401, 429], login).toContain(await right(login));
    expect(await right('alice')).not.toBe(200);
    expect(await right('bob')).toBe(200);
  });

  it('counts concurrent guesses before they are verified', async () => {
    const codes = await Promise.all(Array.from({ length: 24 }, () => wrong('carol')));
    expect(codes.filter((code) => code === 401)).toHaveLength(FREE);
    expect(codes.filter((code) => code === 429)).toHaveLength(24 - FREE);
  });

  // Second factors: second-factor.test.ts. Here: the password's own counter.
  it('RATE-2fa-restart: keeps its count after a restart, and in another browser', async () => {
    const client = new Client();
    const codes: number[] = [];
    for (let round = 0; round < 40; round += 1) {
      const headers = elsewhere();
      const browser = round % 2 === 0 ? { client } : {};
      codes.push((await guess(world.gateway, 'erin', 'wrong', { headers, ...browser })).status);
    }
    expect(codes.filter((code) => code === 401)).toHaveLength(FREE);
    expect(codes.slice(FREE).every((code) => code === 429)).toBe(true);
    // A sign-in as another user in between does not reset it either.
    expect(await right('bob')).toBe(200);
    expect(await right('erin')).toBe(429);
  });

  it('RATE-path: keeps one count for every spelling of the endpoint', async () => {
    for (let tries = 0; tries < FREE; tries += 1) expect(await wrong('frank')).toBe(401);
    const { portal } = world.gateway;
    const client = new Client();
    const page = await client.open(`${portal}/flow/login`);
    const second = await client.submitAndFollow(page, { login: 'frank' });
    const doors = [
      '//flow/login',
      '/flow//login',
      '/flow/login/',
      '/flow/%6cogin',
      '/%66low/login',
      '/FLOW/LOGIN',
      '/Flow/Login',
      '/flow/login;x',
      '/./flow/login',
      '/flow/login%00',
      '/api/flow/login/',
      '/flow/login?x',
    ];
    for (const door of doors) {
      const answer = await client.submit(
        {
          ...second,
          body: second.body.replace('action="/flow/login"', `action="${portal}${door}"`),
        },
        { password: PASSWORD },
      );
      expect(
        answer.cookies.filter((line) => line.startsWith('doorward=')),
        door,
      ).toEqual([]);
      const landed = answer.location === '' ? answer : await client.open(answer.location);
      expect(landed.body.includes('signed in'), door).toBe(false);
      expect([400, 404, 405, 415, 429], door).toContain(landed.status);
    }
    const bare = await client.send(`${portal}/`, { headers: NAVIGATION });
    expect(bare.location).toContain('/flow/login');
  });
});

describe('throttling by address', () => {
  it('RATE-xff: counts an untrusted client by its socket, whatever its headers say', async () => {
    const closed = await startWorld({ trusted: false, users, extra: THROTTLE });
    try {
      const codes: number[] = [];
      for (let tries = 0; tries < FREE_BY_ADDRESS + 10; tries += 1) {
        const lies = {
          ...elsewhere(),
          'x-real-ip': `192.0.2.${tries}`,
          forwarded: `for=192.0.2.${tries}`,
        };
        codes.push((await guess(closed.gateway, `nobody${tries}`, 'x', { headers: lies })).status);
      }
      expect(codes.filter((code) => code === 401)).toHaveLength(FREE_BY_ADDRESS);
      expect(codes.at(-1)).toBe(429);
    } finally {
      await closed.close();
    }
  });

  it('RATE-ipv6: counts a /64 as one address, however it is written', async () => {
    const spellings = [
      '2001:db8:0:7::1',
      '2001:DB8:0:7::1',
      '2001:0db8:0000:0007:0000:0000:0000:0001',
      '2001:db8::7:0:0:0:1',
      '2001:db8:0:7:0:0:0.0.0.1',
      '2001:db8:0:7::0001',
    ];
    const codes: number[] = [];
    for (let tries = 0; tries < FREE_BY_ADDRESS + 8; tries += 1) {
      const one = spellings[tries] ?? `2001:db8:0:7:${tries.toString(16)}:${tries}::${tries}`;
      codes.push(await wrong(`six${tries}`, from(one)));
    }
    expect(codes.filter((code) => code === 401)).toHaveLength(FREE_BY_ADDRESS);
    expect(codes.slice(FREE_BY_ADDRESS).every((code) => code === 429)).toBe(true);
    // The neighbors in the next /64 are other clients.
    expect(await right('bob', from('2001:db8:0:8::1'))).toBe(200);

    const mapped = [
      '192.0.2.77',
      '::ffff:192.0.2.77',
      '::FFFF:c000:024d',
      '0:0:0:0:0:ffff:192.0.2.77',
    ];
    const four: number[] = [];
    for (let tries = 0; tries < FREE_BY_ADDRESS + 4; tries += 1) {
      four.push(await wrong(`four${tries}`, from(mapped[tries % mapped.length] as string)));
    }
    expect(four.filter((code) => code === 401)).toHaveLength(FREE_BY_ADDRESS);
  });
});

describe('an attacker who guesses', () => {
  it('RATE-lockout-dos: locks out no user on a known device, and the counts expire', async () => {
    for (let tries = 0; tries < 300; tries += 20) {
      const codes = await Promise.all(
        Array.from({ length: 20 }, (_, i) => wrong(`ghost${tries + i}`)),
      );
      expect(new Set(codes)).toEqual(new Set([401]));
    }
    expect(await right('grace')).toBe(200);

    // Locked remotely: unknown clients are delayed, the browser that heidi has used before is not.
    const home = new Client();
    expect(
      (await guess(world.gateway, 'heidi', PASSWORD, { client: home, headers: elsewhere() }))
        .status,
    ).toBe(200);
    for (let tries = 0; tries < FREE; tries += 1) expect(await wrong('heidi')).toBe(401);
    expect(await right('heidi')).toBe(429);
    const known = { client: home, headers: elsewhere() };
    expect((await guess(world.gateway, 'heidi', PASSWORD, known)).status).toBe(200);
    // It is known for heidi alone, and its own tries are counted normally.
    for (let tries = 0; tries < FREE; tries += 1) expect(await wrong('grace')).toBe(401);
    expect((await guess(world.gateway, 'grace', PASSWORD, known)).status).toBe(429);
    const codes: number[] = [];
    for (let tries = 0; tries <= FREE; tries += 1) {
      codes.push((await guess(world.gateway, 'heidi', 'wrong', known)).status);
    }
    expect(codes).toEqual([...Array.from({ length: FREE }, () => 401), 429]);

    const client = new Redis(redis.url);
    try {
      const keys = await client.keys('doorward:tries:*');
      expect(keys.length).toBeGreaterThan(300);
      for (const key of keys) expect(await client.pttl(key), key).toBeGreaterThan(0);
    } finally {
      client.disconnect();
    }
  });
});
