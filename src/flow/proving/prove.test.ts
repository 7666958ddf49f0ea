import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine } from '../../../test/support/flow-fakes.ts';
import { Problem } from '../../core/values/problem.ts';

const guess = async (browser: ReturnType<typeof flowBrowser>, login: string) => {
  const second = await browser.submit(await browser.open('/flow/login'), { login });
  return browser.submit(second, { password: 'wrong' });
};

const failing = (code: string) => () => Promise.reject(new Problem(code, 'away', { status: 503 }));

describe('throttling', () => {
  it('refuses too many tries and says when to retry', async () => {
    const engine = flowEngine();
    for (const login of ['ann', 'ＡＮＮ', ' ann', 'ann', 'ann']) {
      await guess(flowBrowser(engine), login);
    }
    const browser = flowBrowser(engine, '198.51.100.1');
    const second = await browser.submit(await browser.open('/flow/login'), { login: 'ann' });
    const locked = await browser.submit(second, { password: 'right' });
    expect(locked.status).toBe(429);
    expect(locked.headers.get('retry-after')).toBe('30');
    expect(locked.view.rejection).toEqual({ key: 'password.throttled', values: { minutes: 1 } });
    expect(await browser.session()).toBeNull();
    engine.clock.advance(30_001);
    const after = await browser.open(`/flow/login?plan=${locked.view.hidden.plan}`);
    expect(after.view.rejection).toBeNull();
    expect((await browser.submit(after, { password: 'right' })).location).toMatch(/^https:/);
  });

  it('refuses even the right password under an alias of a locked account until the delay is over', async () => {
    const engine = flowEngine();
    for (const login of ['ann', 'ann', ' ann@example.com', 'ann@example.com ', 'ann']) {
      await guess(flowBrowser(engine), login);
    }
    const right = async (login: string) => {
      const browser = flowBrowser(engine, '198.51.100.1');
      const second = await browser.submit(await browser.open('/flow/login'), { login });
      return browser.submit(second, { password: 'right' });
    };
    for (const login of ['ann', 'ann@example.com']) {
      const shut = await right(login);
      expect([shut.status, shut.view.rejection]).toEqual([200, { key: 'password.wrong' }]);
    }
    engine.clock.advance(30_001);
    expect((await right('ann@example.com')).location).toMatch(/^https:/);
  });

  it('gives a server that counts wrong passwords itself no more of them than one name may try', async () => {
    const engine = flowEngine();
    const given: string[] = [];
    engine.directory.verifyPassword = async (_id, _password, login) => {
      given.push(`checked ${login}`);
      return 'wrong';
    };
    engine.directory.feignPassword = async (_id, _password, login) => {
      given.push(`feigned ${login}`);
      return 'wrong';
    };
    const guessFrom = async (ip: string, login: string, password: string) => {
      const browser = flowBrowser(engine, ip);
      const page = await browser.submit(await browser.open('/flow/login'), { login });
      return browser.submit(page, { password });
    };
    for (let i = 0; i < 5; i += 1) await guessFrom(`192.0.2.${i}`, 'ann', 'wrong');
    const late = await guessFrom('192.0.2.9', 'ann@example.com', 'right');
    expect(late.view.challenge.type).toBe('password');
    expect(given).toEqual([...Array<string>(5).fill('checked ann'), 'feigned ann@example.com']);
  });

  it('lets known devices in while everyone at their address is throttled', async () => {
    const engine = flowEngine({ users: [testUser(), testUser({ id: 'fake/bob', name: 'bob' })] });
    const home = flowBrowser(engine);
    await home.signIn();
    for (let i = 0; i < 40; i += 1) await guess(flowBrowser(engine), `nix ${i}`);
    expect((await guess(flowBrowser(engine), 'bob')).status).toBe(429);
    await home.signIn('/flow/login?as=other');
    expect(await home.session()).not.toBeNull();
  });

  it('gives all known devices of a user one slot in the hashing queue', async () => {
    const engine = flowEngine();
    const homes = [flowBrowser(engine), flowBrowser(engine, '192.0.2.8')];
    for (const home of homes) await home.signIn();
    const queried: (string | null)[] = [];
    Object.assign(engine.deps, {
      hashingFor: <T>(_ip: string, device: string | null, task: () => T): T => {
        queried.push(device);
        return task();
      },
    });
    for (const home of homes) await home.signIn('/flow/login?as=other', 'ann', 'wrong');
    expect(queried.filter((device) => device !== null)).not.toEqual([]);
    expect(new Set(queried.filter((device) => device !== null))).toEqual(new Set(['fake/ann']));
  });

  it.each([
    ['/56', (i: number) => `2001:db8:1:${(0x1100 + i).toString(16)}::1`, '2001:db8:1:11ff::1', 12],
    ['/48', (i: number) => `2001:db8:1:${(i * 256).toString(16)}::1`, '2001:db8:1:ffff::1', 30],
    ['/24', (i: number) => `203.0.113.${i}`, '203.0.113.255', 30],
  ])('counts a whole %s with a wider limit', async (_, ip, last, free) => {
    const rule = { free: 999, wait: 30_000, longest: 900_000, window: 3_600_000 };
    const rules = { account: rule, address: { ...rule, free: 3 }, start: rule, email: rule };
    const engine = flowEngine({ rules });
    const statuses = [];
    for (let i = 0; i <= free; i += 1) {
      statuses.push((await guess(flowBrowser(engine, i === free ? last : ip(i)), `n${i}`)).status);
    }
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    expect(statuses.at(-1)).toBe(429);
  });

  it('counts tries that found the hashing queue full by address alone', async () => {
    const rule = { free: 99, wait: 30_000, longest: 900_000, window: 3_600_000 };
    const rules = {
      account: { ...rule, free: 1 },
      address: { ...rule, free: 3 },
      start: rule,
      email: rule,
    };
    const engine = flowEngine({ rules });
    const { directory } = engine;
    const verify = directory.verifyPassword.bind(directory);
    directory.verifyPassword = () => Promise.resolve('busy');
    const statuses = [];
    for (let i = 0; i < 4; i += 1) {
      statuses.push((await guess(flowBrowser(engine), 'ann')).view.rejection.key);
    }
    expect(statuses).toEqual([...Array(3).fill('password.busy'), 'password.throttled']);
    directory.verifyPassword = verify;
    const elsewhere = flowBrowser(engine, '198.51.100.1');
    await elsewhere.signIn();
    expect(await elsewhere.session()).not.toBeNull();
  });

  it('counts tries that a directory did not answer by address alone', async () => {
    const rule = { free: 99, wait: 30_000, longest: 900_000, window: 3_600_000 };
    const rules = {
      account: { ...rule, free: 1 },
      address: { ...rule, free: 3 },
      start: rule,
      email: rule,
    };
    const engine = flowEngine({ rules });
    const { directory } = engine;
    const verify = directory.verifyPassword.bind(directory);
    directory.verifyPassword = failing('directory/unavailable');
    const statuses = [];
    for (let i = 0; i < 4; i += 1) {
      statuses.push((await guess(flowBrowser(engine), 'ann')).status);
    }
    expect(statuses).toEqual([503, 503, 503, 429]);
    directory.verifyPassword = verify;
    const elsewhere = flowBrowser(engine, '198.51.100.1');
    await elsewhere.signIn();
    expect(await elsewhere.session()).not.toBeNull();
    // Any other fault may have come after a verdict.
    directory.verifyPassword = failing('directory/refused');
    await guess(flowBrowser(engine, '203.0.113.77'), 'ann');
    directory.verifyPassword = verify;
    expect((await guess(flowBrowser(engine, '198.51.100.9'), 'ann')).status).toBe(429);
  });

  it('counts unknown names like known ones, in all spellings', async () => {
    const engine = flowEngine();
    for (const login of ['Nix', 'nix', 'ｎｉｘ', 'NIX ', 'nix'])
      await guess(flowBrowser(engine), login);
    const locked = await guess(flowBrowser(engine, '198.51.100.1'), 'nIx');
    expect(locked.status).toBe(429);
  });

  it('counts a known browser of the account separately', async () => {
    const engine = flowEngine();
    const home = flowBrowser(engine);
    await home.signIn();
    for (let i = 0; i < 6; i += 1) await guess(flowBrowser(engine, '198.51.100.1'), 'ann');
    const stranger = flowBrowser(engine, '198.51.100.2');
    expect((await guess(stranger, 'ann')).status).toBe(429);
    // Known here, but limited like other clients: five tries, then the same delay.
    await home.signIn('/flow/login?as=other');
    expect(await home.session()).not.toBeNull();
    const codes = [];
    for (let i = 0; i < 6; i += 1) {
      const page = await home.open('/flow/login?as=other');
      const second = await home.submit(page, { login: 'ann' });
      codes.push((await home.submit(second, { password: 'wrong' })).status);
    }
    expect(codes).toEqual([200, 200, 200, 200, 200, 429]);
    // A sign-in at home gives other clients no new tries.
    expect((await guess(stranger, 'ann')).status).toBe(429);
  });

  it('counts an IPv6 network as one address', async () => {
    const rules = {
      account: { free: 99, wait: 30_000, longest: 900_000, window: 3_600_000 },
      address: { free: 3, wait: 30_000, longest: 900_000, window: 3_600_000 },
      start: { free: 99, wait: 1_000, longest: 60_000, window: 600_000 },
      email: { free: 99, wait: 1_000, longest: 60_000, window: 600_000 },
    };
    const engine = flowEngine({ rules });
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      await guess(flowBrowser(engine, `2001:db8:1:2::${i}`), name);
    }
    expect((await guess(flowBrowser(engine, '2001:db8:1:2:ffff::1'), 'd')).status).toBe(429);
    expect((await guess(flowBrowser(engine, '2001:db8:1:3::1'), 'd')).status).toBe(200);
  });

  it('lets no more concurrent guesses through than sequential ones', async () => {
    const engine = flowEngine();
    const pages = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const browser = flowBrowser(engine);
        return [
          browser,
          await browser.submit(await browser.open('/flow/login'), { login: 'ann' }),
        ] as const;
      }),
    );
    await Promise.all(pages.map(([browser, page]) => browser.post(page, { password: 'wrong' })));
    const evaluated = engine.events.all.filter((e) => e.type === 'sign-in' && e.result === 'wrong');
    expect(evaluated).toHaveLength(5);
  });

  it('limits how many plans one address may store', async () => {
    const calm = { free: 99, wait: 1_000, longest: 60_000, window: 600_000 };
    const engine = flowEngine({
      rules: { account: calm, address: calm, start: { ...calm, free: 2 }, email: calm },
    });
    const posts = [];
    for (let i = 0; i < 3; i += 1) {
      const browser = flowBrowser(engine);
      posts.push(await browser.post(await browser.open('/flow/login'), { login: 'ann' }));
    }
    expect(posts.map((p) => p.status)).toEqual([303, 303, 429]);
    expect(posts[2]?.headers.get('retry-after')).toBe('1');
    expect(engine.plans.all.size).toBe(2);
  });
});
