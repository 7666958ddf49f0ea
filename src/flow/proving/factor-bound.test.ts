import { describe, expect, it } from 'vitest';
import {
  afterPassword,
  appCode,
  loginWith,
  methodsOf,
  testRecoveryCode,
  wrongCode,
} from '../../../test/support/factors.ts';
import { testAuthenticator } from '../../../test/support/fake-accounts.ts';
import { testUser } from '../../../test/support/fakes.ts';
import {
  type Engine,
  flowBrowser,
  flowEngine,
  type Seen,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { MOST_FACTOR_FAILURES } from '../../core/people/account.ts';

const DAY = 86_400_000;
const ANN = 'fake/ann';
const app = testAuthenticator();
const RECOVERY = 'K7QD2M4XRTEHHB0A';
const calm = { free: 10_000, wait: 1, longest: 1, window: DAY };
/** A throttle so lenient that it does not interfere with the count. */
const rules = { account: calm, address: calm, start: calm, email: calm };
const LOGIN = loginWith({ type: 'authenticator', methods: ['totp', 'recovery_code'] });
const FIRST = testFlow('first', [
  { type: 'identification' },
  { type: 'authenticator', methods: ['totp', 'recovery_code'], not_configured: 'deny' },
  { type: 'user_login' },
]);
const STEP_UP = testFlow(
  'step-up',
  [{ type: 'authenticator', methods: ['totp', 'recovery_code'] }, { type: 'user_login' }],
  { requires: 'session', designation: 'authorization' },
);

function world(changes: Partial<Parameters<typeof flowEngine>[0]> = {}): Engine {
  const engine = flowEngine({ flows: [LOGIN, FIRST, STEP_UP], rules, ...changes });
  engine.accounts.all.authenticators = [app, testRecoveryCode(RECOVERY)];
  return engine;
}

const taken = (engine: Engine): number => engine.accounts.all.factorTries.get(ANN)?.taken ?? 0;
const setTaken = (engine: Engine, count: number): void => {
  engine.accounts.all.factorTries.set(ANN, { taken: count, at: engine.clock.now() });
};
const rejectionOf = (seen: Seen): string => seen.view.rejection?.key;

/** Wrong codes in one run after the right password; returns the last page. */
async function guess(engine: Engine, times: number): Promise<Seen> {
  const { browser, page } = await afterPassword(engine);
  let seen = page;
  for (let i = 0; i < times; i += 1) {
    seen = await browser.submit(seen, { code: wrongCode(app, engine.clock.now()) });
  }
  return seen;
}

/** Chooses a method by "another way" and submits a code. */
async function codeBy(browser: ReturnType<typeof flowBrowser>, page: Seen, code: string) {
  return browser.submit(await browser.submit(page, { way: 'recovery_code' }), { code });
}

const changesOf = ({ events }: Engine) =>
  events.all.flatMap((event) => (event.type === 'account' ? [event.change] : []));

/** Uses up the remaining wrong tries, and some more. */
async function lock(engine: Engine): Promise<Seen> {
  setTaken(engine, MOST_FACTOR_FAILURES - 1);
  return guess(engine, 5);
}

/**
 * What an attacker sees at a factor that comes first, and which lookups it causes; the last code is
 * right for ann.
 */
async function transcript(login: string, count: number) {
  const engine = world();
  setTaken(engine, count);
  const lookups: string[] = [];
  const accounts = { ...engine.accounts };
  engine.accounts.factorLock = (id) => {
    lookups.push('lock');
    return accounts.factorLock(id);
  };
  engine.accounts.takeFactorTry = (id, at) => {
    lookups.push('take');
    return accounts.takeFactorTry(id, at);
  };
  const browser = flowBrowser(engine, '203.0.113.66');
  let page = await browser.submit(await browser.open('/flow/first'), { login });
  const wrong = wrongCode(app, engine.clock.now());
  const last = count < MOST_FACTOR_FAILURES ? wrong : appCode(app, engine.clock.now());
  const seen: unknown[] = [];
  for (const code of [wrong, last]) {
    page = await browser.submit(page, { code });
    seen.push(page.status, page.view.rejection, page.view.challenge.title);
  }
  return { seen, lookups, session: await browser.session() };
}

describe('a hundred wrong second factors in a row', () => {
  it('block further ones, over all methods, runs and throttle windows, even right ones', async () => {
    const engine = world();
    for (let day = 0; day < 9; day += 1) {
      expect(rejectionOf(await guess(engine, 10))).toBe('authenticator.wrong.totp');
      engine.clock.advance(2 * DAY);
    }
    const { browser, page } = await afterPassword(engine);
    let seen = page;
    for (let i = 0; i < 10; i += 1) seen = await codeBy(browser, seen, 'AAAAAAAAAAAAAAAA');
    expect(rejectionOf(seen)).toBe('authenticator.wrong.recovery_code');
    expect(taken(engine)).toBe(MOST_FACTOR_FAILURES);
    const next = await afterPassword(engine);
    const right = appCode(app, engine.clock.now());
    const refused = await next.browser.submit(next.page, { code: right });
    expect(rejectionOf(refused)).toBe('flow.refused.factors');
    expect(await next.browser.session()).toBeNull();
    expect(engine.events.all).toContainEqual(
      expect.objectContaining({ type: 'sign-in', method: 'totp', result: 'locked', userId: ANN }),
    );
    // The code was not checked, so it is not spent either.
    await engine.accounts.resetFactorTries(ANN);
    await next.browser.submit(refused, { code: right });
    expect(await methodsOf(next.browser)).toEqual(['password', 'totp']);
  });

  it('have one reason code for scripts', async () => {
    const engine = world();
    setTaken(engine, MOST_FACTOR_FAILURES);
    const { browser, page } = await afterPassword(engine);
    await browser.submit(page, { code: '000000' });
    const [plan] = [...engine.plans.all.values()].slice(-1);
    expect(plan?.refusal?.reason).toEqual({ code: 'factor/locked' });
  });

  it('stay the limit for concurrent guesses', async () => {
    const engine = world();
    setTaken(engine, 97);
    const runs = [];
    for (let i = 0; i < 50; i += 1) runs.push(await afterPassword(engine, `192.0.2.${i}`));
    const code = wrongCode(app, engine.clock.now());
    await Promise.all(runs.map(({ browser, page }) => browser.post(page, { code })));
    const results = engine.events.all.flatMap((event) =>
      event.type === 'sign-in' && event.method === 'totp' ? [event.result] : [],
    );
    expect(results.filter((result) => result === 'wrong')).toHaveLength(3);
    expect(results.filter((result) => result === 'locked')).toHaveLength(47);
    expect(engine.emails.all).toHaveLength(1);
    expect(changesOf(engine).filter((change) => change === 'factors/locked')).toHaveLength(1);
  });

  it('start from zero after a right one', async () => {
    const engine = world();
    await guess(engine, 40);
    const { browser, page } = await afterPassword(engine);
    await browser.submit(page, { code: appCode(app, engine.clock.now()) });
    expect(await browser.session()).not.toBeNull();
    expect(taken(engine)).toBe(0);
    // The last remaining try may be right.
    setTaken(engine, 99);
    engine.clock.advance(60_000);
    const last = await afterPassword(engine);
    await last.browser.submit(last.page, { code: appCode(app, engine.clock.now()) });
    expect(await last.browser.session()).not.toBeNull();
    expect(engine.emails.all).toEqual([]);
  });

  it('count within a session, too', async () => {
    const engine = world();
    const { browser, page } = await afterPassword(engine);
    await browser.submit(page, { code: appCode(app, engine.clock.now()) });
    const question = await browser.open('/flow/step-up');
    await browser.submit(question, { code: wrongCode(app, engine.clock.now()) });
    expect(taken(engine)).toBe(1);
  });

  it('are not checked if they cannot be counted', async () => {
    const engine = world();
    const { browser, page } = await afterPassword(engine);
    engine.accounts.takeFactorTry = () => Promise.reject(new Error('disk full'));
    const seen = await browser.post(page, { code: appCode(app, engine.clock.now()) });
    expect(seen.status).toBe(500);
    expect(await browser.session()).toBeNull();
  });
});

describe('a visitor who has proved nothing', () => {
  it('cannot use up the tries of a user', async () => {
    const engine = world();
    const stranger = flowBrowser(engine, '203.0.113.66');
    let page = await stranger.submit(await stranger.open('/flow/first'), { login: 'ann' });
    for (let i = 0; i < MOST_FACTOR_FAILURES + 5; i += 1) {
      page = await stranger.submit(page, { code: wrongCode(app, engine.clock.now()) });
    }
    expect(rejectionOf(page)).toBe('authenticator.wrong.totp');
    expect(taken(engine)).toBe(0);
    expect(engine.accounts.writes).not.toContain('takeFactorTry');
  });

  it('cannot use up those of another user from a session of their own', async () => {
    const engine = world({ users: [testUser(), testUser({ id: 'fake/bob', name: 'bob' })] });
    const bob = flowBrowser(engine, '203.0.113.66');
    await bob.signIn('/flow/login', 'bob');
    expect(await bob.session()).not.toBeNull();
    const page = await bob.submit(await bob.open('/flow/first?as=other'), { login: 'ann' });
    await bob.submit(page, { code: wrongCode(app, engine.clock.now()) });
    expect(engine.accounts.all.factorTries.size).toBe(0);
  });

  it('sees the same for locked, open and unknown users, even with a right code', async () => {
    const locked = await transcript('ann', MOST_FACTOR_FAILURES);
    expect(locked.session).toBeNull();
    expect(locked.lookups).toEqual(['lock', 'lock']);
    expect(locked).toEqual(await transcript('ann', 0));
    expect(locked).toEqual(await transcript('nix', 0));
  });
});

describe('a locked account', () => {
  it('is unlocked by one of its recovery codes, and by no wrong one', async () => {
    const engine = world();
    setTaken(engine, MOST_FACTOR_FAILURES);
    const { browser, page } = await afterPassword(engine);
    const wrong = await codeBy(browser, page, 'AAAAAAAAAAAAAAAA');
    expect(rejectionOf(wrong)).toBe('authenticator.wrong.recovery_code');
    expect(taken(engine)).toBe(MOST_FACTOR_FAILURES);
    await browser.submit(wrong, { code: RECOVERY });
    expect(await methodsOf(browser)).toEqual(['password', 'recovery_code']);
    expect(taken(engine)).toBe(0);
    expect(changesOf(engine)).toContain('factors/unlocked');
  });

  it('is neither unlocked nor reset by setting up a new app', async () => {
    const setUp = testFlow('setup', [{ type: 'totp_setup' }], {
      requires: 'session',
      designation: 'configuration',
    });
    const engine = world({ flows: [LOGIN, setUp] });
    engine.accounts.all.authenticators = [];
    setTaken(engine, 50);
    const browser = flowBrowser(engine);
    await browser.signIn();
    const page = await browser.open('/flow/setup');
    const { secret } = page.view.challenge.fields.find(
      (field: { kind: string }) => field.kind === 'qr',
    );
    const own = testAuthenticator({
      data: { secret: secret.replaceAll(' ', ''), digits: 6, period: 30 },
    });
    const again = await browser.submit(page, { code: wrongCode(own, engine.clock.now()) });
    await browser.submit(again, { code: appCode(own, engine.clock.now()) });
    expect(engine.accounts.all.authenticators).toHaveLength(1);
    expect(taken(engine)).toBe(50);
  });

  it('is not reset by the method that opened the session', async () => {
    const flow = testFlow('login', [
      { type: 'identification' },
      { type: 'email_code' },
      { type: 'user_login' },
    ]);
    const again = testFlow('again', [{ type: 'email_code' }, { type: 'user_login' }], {
      requires: 'session',
      designation: 'authorization',
    });
    const engine = world({ flows: [flow, again] });
    setTaken(engine, 50);
    const browser = flowBrowser(engine);
    const code = () => engine.emails.all.at(-1)?.values['code'] ?? '';
    const page = await browser.submit(await browser.open('/flow/login'), { login: 'ann' });
    await browser.submit(page, { code: code() });
    expect(await browser.session()).not.toBeNull();
    const second = await browser.submit(await browser.open('/flow/again'), {});
    await browser.submit(second, { code: code() });
    const right = engine.events.all.filter((e) => e.type === 'sign-in' && e.result === 'right');
    expect(right).toHaveLength(2);
    expect(taken(engine)).toBe(50);
  });
});

describe('the owner of a locked account', () => {
  it('gets one email, with the time and the origin', async () => {
    const engine = world();
    await lock(engine);
    expect(engine.emails.all).toEqual([
      {
        to: testUser().email,
        template: 'factor-locked',
        values: {
          account: 'ann',
          site: expect.any(String),
          time: `${new Date(engine.clock.now()).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
        },
        language: 'en',
        occasion: expect.objectContaining({ account: 'ann', address: '192.0.2.7' }),
      },
    ]);
  });

  it('gets it regardless of earlier requested emails', async () => {
    const none = { free: 1, wait: DAY, longest: DAY, window: DAY };
    const engine = world({ rules: { ...rules, email: none } });
    await engine.throttle.take(`letter:letter:${testUser().email}`, none, engine.clock.now());
    await lock(engine);
    expect(engine.emails.all).toHaveLength(1);
  });

  it.each([
    ['no address', { email: '' }],
    ['an address that was never verified', { emailVerified: false }],
  ])('gets none at %s', async (_, changes) => {
    const engine = world({ users: [testUser(changes)] });
    expect(rejectionOf(await lock(engine))).toBe('flow.refused.factors');
    expect(engine.emails.all).toEqual([]);
  });

  it('gets none without mail, and a failure changes no reply', async () => {
    const silent = world();
    silent.emails.isReady = false;
    await lock(silent);
    expect(silent.emails.all).toEqual([]);
    const failing = world();
    failing.emails.fault = new Error('no room');
    expect(rejectionOf(await lock(failing))).toBe('flow.refused.factors');
    expect(failing.events.all).toContainEqual(expect.objectContaining({ type: 'fault' }));
  });
});
