/**
 * A code of a second factor is right once, in a narrow window, within few tries, and an attacker
 * who has only the password of a user with a factor cannot add another.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { appCode, fieldOf, loginWith, methodsOf, wrongCode } from '../support/factors.ts';
import { testAuthenticator } from '../support/fake-accounts.ts';
import { START, testUser } from '../support/fakes.ts';
import {
  type Engine,
  flowBrowser,
  flowEngine,
  LOGIN,
  type Seen,
  type StageWords,
  testFlow,
} from '../support/flow-fakes.ts';
import { softwareAuthenticator } from '../support/software-authenticator.ts';
import { fieldOf as fieldSaid, getCodes, setUpMail, setUpPhone } from './factors.ts';
import { codeOf, type FlowWorld, type Reply, startFlowWorld } from './flow-world.ts';

const app = testAuthenticator();
const STEP_UP = testFlow(
  'step-up',
  [{ type: 'authenticator', methods: ['totp', 'recovery_code'] }, { type: 'user_login' }],
  { requires: 'session', designation: 'authorization' },
);
const setUp = (...stages: StageWords[]) =>
  testFlow('setup', stages, { requires: 'session', designation: 'configuration' });

/** An attacker with ann's password and nothing else; ann has an app. */
async function thief(flow: ReturnType<typeof setUp>, owned = [app]) {
  const engine = flowEngine({ flows: [LOGIN, STEP_UP, flow] });
  engine.accounts.all.authenticators = [...owned];
  const browser = flowBrowser(engine, '203.0.113.66');
  await browser.signIn();
  expect(await methodsOf(browser)).toEqual(['password']);
  return { engine, browser };
}

type Browser = ReturnType<typeof flowBrowser>;

/** Begins to set up an app and confirms it with the code of its own secret. */
async function confirmOwnApp(browser: Browser, engine: Engine): Promise<Seen> {
  const page = await browser.open('/flow/setup');
  const secret = (fieldOf(page, 'qr').secret as string).replaceAll(' ', '');
  const own = testAuthenticator({ data: { secret, digits: 6, period: 30 } });
  return browser.submit(page, { code: appCode(own, engine.clock.now()) });
}

describe('the code of an authenticator app', () => {
  it('MFA-totp-window: is accepted at most one step from now, by our own clock', async () => {
    const flow = loginWith({ type: 'authenticator', methods: ['totp'] });
    const taken: number[] = [];
    for (const steps of [-3, -2, -1, 0, 1, 2, 3]) {
      const engine = flowEngine({ flows: [flow] });
      engine.accounts.all.authenticators = [app];
      const browser = flowBrowser(engine);
      const page = await browser.signIn();
      const at = new Date(START + steps * 30_000).toUTCString();
      // The time that a request claims is ignored.
      await browser.post(page, { code: appCode(app, START, steps) }, { date: at });
      if ((await browser.session()) !== null) taken.push(steps);
    }
    expect(taken).toEqual([-1, 0, 1]);
  });
});

describe('an attacker with only the password', () => {
  it('cannot reset the count of guesses by setting up another app', async () => {
    const { engine, browser } = await thief(setUp({ type: 'totp_setup' }));
    const guess = async (): Promise<string> => {
      const page = await browser.open('/flow/step-up');
      const seen = await browser.submit(page, { code: wrongCode(app, engine.clock.now()) });
      return (seen.view.rejection as { key: string }).key;
    };
    const keys: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      keys.push(await guess(), await guess(), await guess());
      await confirmOwnApp(browser, engine);
    }
    const isWrong = (key: string): boolean => key.startsWith('authenticator.wrong');
    expect(keys.filter(isWrong)).toHaveLength(5);
    expect(keys.slice(5).every((key) => key === 'authenticator.throttled')).toBe(true);
  });

  it.each<[string, StageWords, (browser: Browser, engine: Engine) => Promise<Seen>]>([
    ['an app', { type: 'totp_setup' }, confirmOwnApp],
    [
      'a passkey',
      { type: 'webauthn_setup' },
      async (browser) => {
        const page = await browser.open('/flow/setup');
        const passkey = softwareAuthenticator().create(fieldOf(page, 'passkey').options);
        return browser.submit(page, { passkey });
      },
    ],
    [
      'recovery codes',
      { type: 'recovery_codes_setup' },
      async (browser) => browser.submit(await browser.open('/flow/setup'), { kept: 'on' }),
    ],
    [
      'codes by mail',
      { type: 'email_code_setup' },
      async (browser, engine) => {
        const page = await browser.open('/flow/setup');
        const question = await browser.submit(page, { email: 'thief@example.com' });
        return browser.submit(question, { code: engine.emails.all[0]?.values['code'] ?? '' });
      },
    ],
  ])('cannot give a user who has a factor %s', async (_, stage, confirm) => {
    const { engine, browser } = await thief(setUp(stage));
    const before = structuredClone(engine.accounts.all.authenticators);
    const end = await confirm(browser, engine);
    expect(end).toMatchObject({ status: 403, view: { code: 'session/factor' } });
    expect(engine.accounts.all.authenticators).toEqual(before);
  });

  it('can do so after proving the existing factor, in this run or in the session', async () => {
    const asks = { type: 'authenticator', methods: ['totp'] };
    const { engine, browser } = await thief(setUp(asks, { type: 'recovery_codes_setup' }));
    const codes = await browser.submit(await browser.open('/flow/setup'), {
      code: appCode(app, START),
    });
    await browser.submit(codes, { kept: 'on' });
    expect(engine.accounts.all.authenticators).toHaveLength(11);

    const other = await thief(setUp({ type: 'totp_setup' }));
    const up = await other.browser.open('/flow/step-up');
    await other.browser.submit(up, { code: appCode(app, START) });
    expect(await methodsOf(other.browser)).toEqual(['password', 'totp']);
    await confirmOwnApp(other.browser, other.engine);
    expect(other.engine.accounts.all.authenticators).toHaveLength(2);
  });

  it('cannot use a factor that a stage requires and the user does not have', async () => {
    const words = { type: 'authenticator', methods: ['webauthn'], configure: 'webauthn' };
    const flow = loginWith({ ...words, not_configured: 'configure' });
    const engine = flowEngine({ flows: [flow], users: [testUser()] });
    engine.accounts.all.authenticators = [app];
    const browser = flowBrowser(engine);
    const page = await browser.signIn();
    const passkey = softwareAuthenticator().create(fieldOf(page, 'passkey').options);
    await browser.submit(page, { passkey });
    expect(await browser.session()).toBeNull();
    expect(engine.accounts.all.authenticators).toEqual([app]);
  });
});

describe('the endpoints of a gateway', () => {
  let world: FlowWorld;
  beforeAll(async () => {
    world = await startFlowWorld(['ann', 'ben', 'cem', 'dia', 'eli', 'fay'], {
      throttle: '{ free: 5, wait: 15m }',
    });
  });
  afterAll(() => world?.close());

  it.each([
    ['RATE-otp', 'totp', 'ann'],
    ['recovery codes', 'recovery_code', 'ben'],
    ['mailed codes', 'email_code', 'cem'],
  ])('%s: allow five guesses, whatever is restarted and from any address', async (_, way, name) => {
    const right = await factorOf(name, way);
    const statuses: number[] = [];
    for (let guesses = 0; guesses < 12; guesses += 1) {
      const at = await world.named(name);
      expect(at.status).toBe(200);
      const reply = await world.reply(at, { code: guesses % 2 === 0 ? '000000' : 'AAAA-BBBB' });
      statuses.push(reply.status);
    }
    expect(statuses).toEqual([...Array(5).fill(401), ...Array(7).fill(429)]);
    // A right code is refused as well now, and no other user is delayed.
    const locked = await world.reply(await world.named(name), { code: await right() });
    expect([locked.status, locked.json.refusal.code]).toEqual([429, `${way}/throttled`]);
    expect(Number(locked.answer.headers['retry-after'])).toBeGreaterThan(0);
    expect((await world.named('dia')).json.done).toBe(true);
  });

  async function factorOf(name: string, way: string): Promise<() => string | Promise<string>> {
    if (way === 'totp') {
      const { phone } = await setUpPhone(world, name);
      return () => phone.code();
    }
    if (way === 'recovery_code') {
      const [code = ''] = await getCodes(world, name);
      return () => code;
    }
    await setUpMail(world, name);
    return async () => codeOf(await world.emailTo(name));
  }

  it('report guesses to the operator', async () => {
    const { adminPort } = world.gateway;
    const told = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
    const line = /^doorward_signin_attempts_total\{[^}]*totp[^}]*throttled[^}]*\} (\d+)$/m.exec(
      told,
    );
    expect(Number(line?.[1])).toBeGreaterThanOrEqual(8);
  });

  it('MFA-enrol-noauth: set up a factor only after a sign-in that proved the existing ones', async () => {
    const stranger = await world.begin('setup-totp');
    expect([stranger.status, stranger.json.reason]).toEqual([401, 'session/none']);
    // A session begun with only the password exists when the owner sets up an app elsewhere.
    const stolen = (await world.named('eli')).client;
    const early = await world.begin('setup-totp', stolen);
    await setUpPhone(world, 'eli');
    const count = async (): Promise<string> => world.run('user', 'show', 'eli');
    const before = await count();
    for (const shown of [early, await world.begin('setup-totp', stolen)]) {
      const end = await world.reply(shown, { code: ownCode(shown) });
      expect([end.status, end.json.error]).toEqual([403, 'session/factor']);
    }
    expect(await count()).toBe(before);
    // A set-up that one browser began cannot be finished by another, and a finished one cannot be
    // repeated.
    const owner = (await world.named('dia')).client;
    const shown = await world.begin('setup-totp', owner);
    const code = ownCode(shown);
    const elsewhere = await world.reply({ ...shown, client: new Client() }, { code });
    expect(elsewhere.json.done ?? false).toBe(false);
    const other = (await world.named('dia')).client;
    const crossed = await world.reply({ ...shown, client: other }, { code });
    expect([crossed.status, crossed.json.error]).toEqual([409, 'plan/stale']);
    const none = await world.run('user', 'show', 'dia');
    const ends = await Promise.all(Array.from({ length: 20 }, () => world.reply(shown, { code })));
    expect(ends.some(({ json }) => json.done === true)).toBe(true);
    const made = await world.run('user', 'show', 'dia');
    expect(made).not.toBe(none);
    expect(made.match(/\btotp\b/g)).toHaveLength(1);
  });

  it('give no access with a right password before its factor, nor to a user disabled meanwhile', async () => {
    const { phone } = await setUpPhone(world, 'fay');
    const pending = await world.named('fay');
    expect(pending.json.stage.id).toBe('authenticator');
    const { portal } = world;
    for (const path of ['/', '/flow/profile', '/flow/setup-totp', '/flow/leave', '/flow/step-up']) {
      const seen = await pending.client.open(portal + path);
      expect([302, 303], path).toContain(seen.status);
      expect(seen.location, path).toContain('/flow/login');
    }
    for (const flow of ['profile', 'setup-totp', 'setup-passkey', 'leave', 'step-up']) {
      const reply = await world.begin(flow, pending.client);
      expect([reply.status, reply.json.reason], flow).toEqual([401, 'session/none']);
    }
    await world.run('user', 'disable', 'fay');
    const late = await world.reply(pending, { code: phone.code() });
    expect(late.json.done ?? false).toBe(false);
    expect(late.answer.cookies.filter((line) => line.startsWith('doorward='))).toEqual([]);
  });

  const ownCode = (shown: Reply): string => {
    const secret = (fieldSaid(shown, 'qr').secret as string).replaceAll(' ', '');
    return appCode(testAuthenticator({ data: { secret, digits: 6, period: 30 } }), Date.now());
  };
});
