/**
 * State in a real Redis server that is flooded, hangs, refuses writes or is shared: no access is
 * given, and nothing accumulates.
 */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Client, FETCH } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { answersOf, sendRaw } from '../support/raw.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { metric, signedIn, startWorld, ticketOf, type World } from './fixture.ts';
import { guess } from './guess.ts';

const env = { DOORWARD_SESSION__SECRETS: '7c2f5b90-62d1-4b7e-9a55-d0f4a1e6c833' };

let redis: RedisServer;
let client: Redis;
let world: World;
beforeAll(async () => {
  redis = await startRedis();
  client = new Redis(redis.url);
  client.on('error', () => undefined);
  world = await startWorld({ trusted: false, state: redis.url, env });
});
afterAll(async () => {
  redis.resume();
  client.disconnect();
  await world.close();
  await redis.stop();
});
beforeEach(() => {
  world.app.seen.length = 0;
});

/** Every key with a meaning, heartbeats excluded. */
async function keys(): Promise<string[]> {
  const all = await client.keys('*');
  return all.filter((key) => !key.startsWith('doorward:beat:')).toSorted();
}

async function inside(pair: string, at = world): Promise<number> {
  const url = `${at.gateway.app('app')}/inside`;
  return (await new Client().send(url, { headers: { ...FETCH, cookie: pair } })).status;
}

describe('anonymous visitors', () => {
  it('SESS-redis-growth: leave no key behind, even in thousands', async () => {
    const { port } = world.gateway;
    const before = await keys();
    const targets = [
      ['app.gw.test', '/secret'],
      ['app.gw.test', '/public/x'],
      [`auth.gw.test:${port}`, '/flow/login?rd=http%3A%2F%2Fapp.gw.test%2F'],
      [`auth.gw.test:${port}`, '/api/flow/login'],
      [`auth.gw.test:${port}`, '/'],
      ['x7.gw.test', '/a'],
      ['nowhere.gw.test', '/a'],
    ];
    let answered = 0;
    for (let round = 0; round < 12; round += 1) {
      const requests = Array.from({ length: 250 }, (_, i) => {
        const [host, path] = targets[i % targets.length] as [string, string];
        const cookie = i % 3 === 0 ? `Cookie: doorward=${round}junk${i}\r\n` : '';
        const end = i === 249 ? 'Connection: close\r\n' : '';
        return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\n${cookie}${end}\r\n`;
      });
      const raw = await sendRaw(port, requests.join(''), { quiet: 5_000, longest: 20_000 });
      answered += answersOf(raw).length;
    }
    expect(answered).toBe(3000);
    expect(await keys()).toEqual(before);
    // A form that was only viewed is no run; a submitted one is a single plan that expires.
    const visitor = new Client();
    const page = await visitor.open(`${world.gateway.portal}/flow/login`);
    expect(await keys()).toEqual(before);
    await visitor.submit(page, { login: 'alice' });
    const made = (await keys()).filter((key) => !before.includes(key));
    expect(made.filter((key) => key.startsWith('doorward:plan:'))).toHaveLength(1);
    for (const key of made) expect(await client.pttl(key), key).toBeGreaterThan(0);
  });

  it('SESS-key-injection: cannot write text into a key', async () => {
    const nasty = [
      'a\r\nSET x y',
      '*',
      '?',
      '[a-z]*',
      '{tag}',
      'a:b:c',
      'sessions',
      '../sessions',
      '\0',
      'x'.repeat(3000),
      '🦔'.repeat(50),
    ];
    const known = await keys();
    const visitor = new Client();
    for (const text of nasty) {
      const value = encodeURIComponent(text);
      const question = await visitor.open(
        `${world.gateway.portal}/flow/login?plan=${value}&rd=${value}`,
      );
      expect([200, 303, 400], text).toContain(question.status);
      expect(
        (await visitor.open(`${world.gateway.portal}/flow/${value}`)).status,
      ).toBeGreaterThanOrEqual(400);
      expect([401, 413, 422], text).toContain((await guess(world.gateway, text, text)).status);
      const posted = await visitor.send(`${world.gateway.portal}/api/flow/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: world.gateway.portal },
        body: JSON.stringify({ plan: text, csrf: text, revision: '1', answer: {} }),
      });
      expect([400, 403, 409, 410], text).toContain(posted.status);
      expect(await inside(`doorward=${value}`)).toBe(401);
    }
    const huge = 'x'.repeat(64 * 1024);
    expect([401, 413, 422]).toContain((await guess(world.gateway, huge, huge)).status);
    for (const id of ['*', 'a:b', '']) {
      expect((await world.gateway.run(['session', 'revoke', '--id', id])).code).not.toBe(0);
    }
    const made = (await keys()).filter((key) => !known.includes(key));
    expect(made.length).toBeGreaterThan(0);
    for (const key of made) expect(key).toMatch(/^doorward:(?:plan|tries|score):[\w-]{22}$/);
  });
});

describe('several gateways', () => {
  it('SESS-multi-replica: refuse a session that was signed out at another', async () => {
    const other = await startWorld({ trusted: false, state: redis.url, env });
    try {
      for (let round = 0; round < 3; round += 1) {
        const { client: browser, pair } = await signedIn(world.gateway, 'alice');
        for (let warm = 0; warm < 3; warm += 1) expect(await inside(pair, other)).toBe(200);
        const question = await browser.follow(`${world.gateway.app('app')}/.doorward/sign-out`);
        await browser.submit(question, {});
        await until('refused over there', async () => (await inside(pair, other)) === 401);
        expect(await inside(pair)).toBe(401);
        expect(await inside(pair, other)).toBe(401);
      }
      // A flow that one browser begins cannot be finished by another user: a plan belongs to its
      // browser.
      const begun = new Client();
      await begun.submitAndFollow(await begun.open(`${world.gateway.portal}/flow/login`), {
        login: 'alice',
      });
      expect(ticketOf(begun)).toBeNull();
    } finally {
      await other.close();
    }
  });
});

/** The reason for which the gateway reports that it is not ready. */
async function readiness(): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${world.gateway.adminPort}/readyz`);
  return ((await answer.json()) as { problems: string[] }).problems;
}

/** A page without its random parts, which may contain any text. */
function withoutSeals(page: string): string {
  const seals = /(<input type="hidden" name="(?:seed|csrf|plan)" value=")[\w-]*"/g;
  return page.replace(seals, '$1"');
}

describe('a faulty Redis server', () => {
  it('SESS-redis-readonly: that cannot store a sign-in leads to a refusal, and the cookie never works', async () => {
    const held = (await signedIn(world.gateway, 'carol')).pair;
    const sayNo: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
      [
        'OOM',
        () => client.config('SET', 'maxmemory', '1'),
        () => client.config('SET', 'maxmemory', '0'),
      ],
      ['READONLY', () => client.replicaof('127.0.0.1', '1'), () => client.replicaof('NO', 'ONE')],
    ];
    for (const [name, begin, end] of sayNo) {
      const browser = new Client();
      const page = await browser.open(`${world.gateway.portal}/flow/login`);
      const second = await browser.submitAndFollow(page, { login: 'alice' });
      await begin();
      try {
        const answers = [
          await browser.submit(second, { password: PASSWORD }),
          await new Client().open(`${world.gateway.portal}/flow/login`),
          (await guess(world.gateway, 'alice', PASSWORD)).answer,
        ];
        expect(
          answers.map((answer) => answer.status),
          name,
        ).toEqual([503, 200, 503]);
        for (const answer of answers) {
          expect(
            answer.cookies.filter((line) => line.startsWith('doorward=')),
            name,
          ).toEqual([]);
          expect(withoutSeals(answer.body), name).not.toMatch(/OOM|READONLY|maxmemory|redis:/i);
        }
      } finally {
        await end();
      }
      expect(ticketOf(browser), name).toBeNull();
      await until(`well again after ${name}`, async () => {
        const { status, client: anew } = await guess(world.gateway, 'alice', PASSWORD);
        return status === 200 && (await inside(ticketOf(anew) ?? '')) === 200;
      });
      await until('the old session too', async () => (await inside(held)) === 200);
    }
  });

  it('that is full allows sign-outs and revocations, and is reported on the page, in the log and to the operator', async () => {
    const [one, two, three] = [
      await signedIn(world.gateway, 'alice'),
      await signedIn(world.gateway, 'alice'),
      await signedIn(world.gateway, 'bob'),
    ];
    await client.config('SET', 'maxmemory', '1');
    try {
      await until('not ready', async () => (await readiness()).join() === 'store/full');
      expect(await inside(one.pair)).toBe(200);
      const question = await one.client.follow(`${world.gateway.app('app')}/.doorward/sign-out`);
      const left = await one.client.submitAndFollow(question, {});
      expect(left.status).toBe(200);
      expect(left.body).toContain('You are signed out');
      expect(left.body).toContain('This site has run out of storage');
      expect(ticketOf(one.client)).toBeNull();
      expect(await inside(one.pair)).toBe(401);
      const revoked = await world.gateway.run(['session', 'revoke', '--user', 'alice']);
      expect([revoked.code, revoked.out]).toEqual([
        0,
        expect.stringMatching(/^\d+ sessions? ended\n$/),
      ]);
      await until('refused', async () => (await inside(two.pair)) === 401);
      expect((await world.gateway.run(['session', 'revoke', '--all'])).code).toBe(0);
      await until('refused', async () => (await inside(three.pair)) === 401);
      const stranger = new Client();
      const page = await stranger.open(`${world.gateway.portal}/flow/login`);
      const refused = await stranger.submit(page, { login: 'alice' });
      expect([refused.status, refused.body.includes('run out of storage')]).toEqual([503, true]);
      await until('in the log', () => world.gateway.output().includes('"store/full"'));
    } finally {
      await client.config('SET', 'maxmemory', '0');
    }
    await until('ready again', async () => (await readiness()).length === 0);
  });

  it('that is no longer master blocks all requests, and readiness reports the reason', async () => {
    const { pair } = await signedIn(world.gateway, 'carol');
    expect(await inside(pair)).toBe(200);
    await client.replicaof('127.0.0.1', '1');
    try {
      await until('doors shut', async () => (await inside(pair)) === 503);
      await until('said why', async () => (await readiness()).join() === 'store/not-master');
    } finally {
      await client.replicaof('NO', 'ONE');
    }
    await until('doors open', async () => (await inside(pair)) === 200);
    expect(await readiness()).toEqual([]);
  });

  it('SESS-redis-slow: that hangs blocks all requests, delays none for long and lets nothing accumulate', async () => {
    const { pair } = await signedIn(world.gateway, 'alice');
    expect(await inside(pair)).toBe(200);
    const memory = () => metric(world.gateway, 'process_resident_memory_bytes');
    redis.pause();
    try {
      // The cache is trusted for as long as the heartbeat may be late, and no longer.
      await until('doors shut', async () => (await inside(pair)) === 503);
      world.app.seen.length = 0;
      const before = await memory();
      for (let round = 0; round < 5; round += 1) {
        const codes = await Promise.all(Array.from({ length: 100 }, () => inside(pair)));
        expect(new Set(codes)).toEqual(new Set([503]));
      }
      expect(world.app.seen).toEqual([]);
      expect((await memory()) - before).toBeLessThan(100 * 1024 * 1024);
      const open = await new Client().send(`${world.gateway.app('app')}/public/x`, {
        headers: FETCH,
      });
      expect(open.status).toBe(200);
      const { status } = await fetch(`http://127.0.0.1:${world.gateway.adminPort}/healthz`);
      expect(status).toBe(200);
    } finally {
      redis.resume();
    }
    await until('doors open again', async () => (await inside(pair)) === 200);
  });
});
