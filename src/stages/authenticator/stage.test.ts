import { describe, expect, it } from 'vitest';
import type { Authenticator } from '../../core/people/account.ts';
import {
  afterPassword,
  appCode,
  fieldOf,
  loginWith,
  methodsOf,
  testRecoveryCode,
  wrongCode,
  triesOf,
} from '../../../test/support/factors.ts';
import { testAuthenticator } from '../../../test/support/fake-accounts.ts';
import { START, testUser } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine, testFlow } from '../../../test/support/flow-fakes.ts';

const app = testAuthenticator();
const CODE = 'K7QD-2M4X-9RTE-HB03';
/** A throttle this lenient never interferes, so only marks can reject a repeated code. */
const LENIENT = { free: 1000, wait: 1, longest: 1, window: 60_000 };

/** The stage after the password, for Ann with these authenticators. */
async function reach(
  options: Record<string, unknown>,
  owned: readonly Authenticator[],
  words: Parameters<typeof flowEngine>[0] = {},
) {
  const flow = loginWith({ type: 'authenticator', ...options });
  const engine = flowEngine({ flows: [flow], ...words });
  engine.accounts.all.authenticators = [...owned];
  return { engine, ...(await afterPassword(engine)) };
}

describe('the code of an authenticator app', () => {
  it('signs in, together with the password, and is stored as the last use', async () => {
    const { engine, browser, page } = await reach({ methods: ['totp'] }, [app]);
    expect(await browser.session()).toBeNull();
    expect(fieldOf(page, 'code')).toMatchObject({ autocomplete: 'one-time-code', kind: 'code' });
    await browser.submit(page, { code: appCode(app, START) });
    expect(await methodsOf(browser)).toEqual(['password', 'totp']);
    expect(engine.accounts.all.authenticators[0]?.lastUsedAt).toBe(START);
  });

  it.each([
    [-2, false],
    [-1, true],
    [0, true],
    [1, true],
    [2, false],
  ])('of a step %i away: accepted %s', async (steps, isTaken) => {
    const { browser, page } = await reach({ methods: ['totp'] }, [app]);
    await browser.submit(page, { code: appCode(app, START, steps) });
    expect((await browser.session()) !== null).toBe(isTaken);
  });

  it('may have eight digits, with spaces and hyphens in between', async () => {
    const long = testAuthenticator({ data: { ...app.data, digits: 8 } });
    const { browser, page } = await reach({ methods: ['totp'] }, [long]);
    const code = appCode(long, START);
    await browser.submit(page, { code: ` ${code.slice(0, 4)} - ${code.slice(4)} ` });
    expect(await browser.session()).not.toBeNull();
  });

  it('is refused immediately after it was used', async () => {
    const { engine, browser, page } = await reach({ methods: ['totp'] }, [app]);
    const second = await afterPassword(engine);
    const code = appCode(app, START);
    await browser.submit(page, { code });
    engine.clock.advance(20_000);
    const again = await second.browser.submit(second.page, { code });
    expect(again.view.rejection).toEqual({ key: 'authenticator.wrong.totp' });
    expect(await second.browser.session()).toBeNull();
  });

  it('sent fifty times at once signs in exactly once', async () => {
    const rules = { account: LENIENT, address: LENIENT, start: LENIENT, email: LENIENT };
    const { engine } = await reach({ methods: ['totp'] }, [app], { rules });
    const all = await Promise.all(Array.from({ length: 50 }, () => afterPassword(engine)));
    const code = appCode(app, START);
    await Promise.all(all.map(({ browser, page }) => browser.submit(page, { code })));
    const sessions = await Promise.all(all.map(({ browser }) => browser.session()));
    expect(sessions.filter((session) => session !== null)).toHaveLength(1);
  });

  it('is counted when wrong, and then delayed, as with passwords', async () => {
    const { engine, browser, page } = await reach({ methods: ['totp'] }, [app]);
    let seen = page;
    for (let tries = 0; tries < 5; tries += 1) {
      seen = await browser.submit(seen, { code: wrongCode(app, START) });
      expect(seen.view.rejection).toEqual({ key: 'authenticator.wrong.totp' });
    }
    expect(triesOf(engine, 'totp')).toBe(5);
    seen = await browser.submit(seen, { code: appCode(app, START) });
    expect(seen.status).toBe(429);
    expect(seen.view.rejection).toMatchObject({ key: 'authenticator.throttled' });
    expect(await browser.session()).toBeNull();
  });

  it.each(['', '      ', '12345', '1234567890', '12345a', '١٢٣٤٥٦', '-123456'])(
    'is not %j',
    async (code) => {
      const { browser, page } = await reach({ methods: ['totp'] }, [app]);
      await browser.submit(page, { code });
      expect(await browser.session()).toBeNull();
    },
  );

  it('of another user gives no access', async () => {
    const bobs = testAuthenticator({
      id: 'app-of-bob',
      userId: 'fake/bob',
      data: { ...app.data, secret: 'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU' },
    });
    const users = [testUser(), testUser({ id: 'fake/bob', name: 'bob' })];
    const { browser, page } = await reach({ methods: ['totp'] }, [app, bobs], { users });
    await browser.submit(page, { code: appCode(bobs, START) });
    expect(await browser.session()).toBeNull();
  });

  it('is worthless after the account is disabled', async () => {
    const { engine, browser, page } = await reach({ methods: ['totp'] }, [app]);
    engine.directory.put(testUser({ disabled: true }));
    const again = await browser.submit(page, { code: appCode(app, START) });
    expect(again.view.rejection).toEqual({ key: 'authenticator.wrong.totp' });
    expect(await browser.session()).toBeNull();
  });
});

describe('a recovery code', () => {
  const methods = ['totp', 'recovery_code'];
  const owned = [app, testRecoveryCode(CODE)];

  it.each([CODE, 'k7qd 2m4x 9rte hb03', 'K7QD2M4X9RTEHBO3'])(
    'signs in as %j, and is removed',
    async (code) => {
      const { engine, browser, page } = await reach({ methods }, owned);
      const other = await browser.submit(page, { way: 'recovery_code' });
      expect(other.view.challenge.title).toEqual({ key: 'authenticator.title.recovery_code' });
      await browser.submit(other, { code });
      expect(await methodsOf(browser)).toEqual(['password', 'recovery_code']);
      expect(engine.accounts.all.authenticators).toEqual([app]);
    },
  );

  it('is refused the second time, even if removing it had failed', async () => {
    const { engine, browser, page } = await reach({ methods }, owned);
    await browser.submit(await browser.submit(page, { way: 'recovery_code' }), { code: CODE });
    engine.accounts.all.authenticators = [...owned];
    const second = await afterPassword(engine);
    const question = await second.browser.submit(second.page, { way: 'recovery_code' });
    const again = await second.browser.submit(question, { code: CODE });
    expect(again.view.rejection).toEqual({ key: 'authenticator.wrong.recovery_code' });
    expect(await second.browser.session()).toBeNull();
  });

  it('of another user gives no access and is kept', async () => {
    const bobs = testRecoveryCode(CODE, { userId: 'fake/bob', id: 'of-bob' });
    const mine = testRecoveryCode('0000-0000-0000-0000');
    const { engine, browser, page } = await reach({ methods }, [bobs, mine]);
    await browser.submit(page, { code: CODE });
    expect(await browser.session()).toBeNull();
    expect(engine.accounts.all.authenticators).toHaveLength(2);
  });

  it('is not requested if the flow does not allow it', async () => {
    const { browser, page } = await reach({ methods: ['totp'] }, owned);
    const again = await browser.submit(page, { way: 'recovery_code', code: CODE });
    expect(again.view.challenge.title).toEqual({ key: 'authenticator.title.totp' });
    expect(await browser.session()).toBeNull();
  });
});

describe('a mailed code', () => {
  const mail = testAuthenticator({
    kind: 'email_code',
    id: 'mail-of-ann',
    data: { email: 'ann@home.example' },
  });

  it('goes to the registered address, once, and not for viewing the page', async () => {
    const { engine, browser, page } = await reach({ methods: ['email_code'] }, [mail]);
    expect(engine.emails.all).toHaveLength(1);
    const [email] = engine.emails.all;
    expect(email).toMatchObject({ to: 'ann@home.example', template: 'email-code' });
    expect(page.view.challenge.lead.values).toEqual({ to: 'a•••@home.example' });
    const code = email?.values['code'] ?? '';
    expect(code).toMatch(/^\d{6}$/);
    await browser.open('/flow/login');
    expect(engine.emails.all).toHaveLength(1);
    await browser.submit(page, { code });
    expect(await methodsOf(browser)).toEqual(['password', 'email_code']);
  });

  it('is sent again on request, after a pause, and then the first is worthless', async () => {
    const { engine, browser, page } = await reach({ methods: ['email_code'] }, [mail]);
    let seen = await browser.submit(page, { way: 'email_code' });
    expect(engine.emails.all).toHaveLength(1);
    engine.clock.advance(30_000);
    seen = await browser.submit(seen, { way: 'email_code' });
    const [first, second] = engine.emails.all.map((email) => email.values['code'] ?? '');
    seen = await browser.submit(seen, { code: first ?? '' });
    expect(seen.view.rejection).toEqual({ key: 'authenticator.wrong.email_code' });
    await browser.submit(seen, { code: second ?? '' });
    expect(await browser.session()).not.toBeNull();
  });

  it('is worthless after ten minutes, and in another run', async () => {
    const { engine, browser, page } = await reach({ methods: ['email_code'] }, [mail]);
    const code = engine.emails.all[0]?.values['code'] ?? '';
    const other = await afterPassword(engine);
    await other.browser.submit(other.page, { code });
    expect(await other.browser.session()).toBeNull();
    engine.clock.advance(10 * 60_000);
    await browser.submit(page, { code });
    expect(await browser.session()).toBeNull();
  });

  it('is sent at most five times per run', async () => {
    const { engine, browser, page } = await reach({ methods: ['email_code'] }, [mail]);
    let seen = page;
    for (let time = 0; time < 8; time += 1) {
      engine.clock.advance(60_000);
      seen = await browser.submit(seen, { way: 'email_code' });
    }
    expect(engine.emails.all).toHaveLength(5);
  });
});

describe('the method that is requested', () => {
  const mail = testAuthenticator({
    kind: 'email_code',
    id: 'mail',
    data: { email: 'a@b.example' },
  });
  const methods = ['totp', 'email_code', 'recovery_code'];

  it('is the first configured one that the user has', async () => {
    const { page } = await reach({ methods }, [testRecoveryCode(CODE), app]);
    expect(page.view.challenge.title).toEqual({ key: 'authenticator.title.totp' });
    expect(fieldOf(page, 'way').options.map((o: { value: string }) => o.value)).toEqual([
      'recovery_code',
    ]);
  });

  it('is rather the one used last', async () => {
    const used = { ...mail, lastUsedAt: START - 5 };
    const { page } = await reach({ methods }, [{ ...app, lastUsedAt: START - 9 }, used]);
    expect(page.view.challenge.title).toEqual({ key: 'authenticator.title.email_code' });
  });

  it('is another one on request, and back, without counting as a failure', async () => {
    const { engine, browser, page } = await reach({ methods }, [app, testRecoveryCode(CODE)]);
    const other = await browser.submit(page, { way: 'recovery_code' });
    const back = await browser.submit(other, { way: 'totp' });
    expect(back.view.challenge.title).toEqual({ key: 'authenticator.title.totp' });
    expect(back.view.rejection).toBeNull();
    expect([...engine.plans.all.values()][0]?.refused).toBe(0);
    await browser.submit(back, { code: appCode(app, START) });
    expect(await browser.session()).not.toBeNull();
  });

  it('has no alternative for a user who has none', async () => {
    const { page } = await reach({ methods }, [app]);
    expect(() => fieldOf(page, 'way')).toThrow('no field');
  });
});

describe('a user who has no second factor', () => {
  it('passes if the flow says skip', async () => {
    const { browser } = await reach({ not_configured: 'skip' }, []);
    expect(await methodsOf(browser)).toEqual(['password']);
  });

  it('is denied if it says deny', async () => {
    const { browser, page } = await reach({ not_configured: 'deny' }, []);
    expect(page.status).toBe(403);
    expect(page.view.text).toEqual({ key: 'authenticator.none' });
    expect(await browser.session()).toBeNull();
  });

  it('sets one up if it says configure, and needs no second code', async () => {
    const { engine, browser, page } = await reach(
      { methods: ['totp', 'recovery_code'], not_configured: 'configure' },
      [],
    );
    expect(page.view.challenge.type).toBe('totp_setup');
    const secret = fieldOf(page, 'qr').secret.replaceAll(' ', '');
    const code = appCode({ ...app, data: { ...app.data, secret } }, START);
    const codes = await browser.submit(page, { code });
    expect(codes.view.challenge.type).toBe('recovery_codes_setup');
    expect(await browser.session()).toBeNull();
    await browser.submit(codes, { kept: 'on' });
    expect(await methodsOf(browser)).toEqual(['password', 'totp']);
    const kinds = engine.accounts.all.authenticators.map((one) => one.kind);
    expect(kinds.filter((kind) => kind === 'totp')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'recovery_code')).toHaveLength(10);
  });

  it('cannot bypass the set-up', async () => {
    const { browser, page } = await reach({ not_configured: 'configure' }, []);
    const again = await browser.submit(page, { code: '000000' });
    expect(again.view.challenge.type).toBe('totp_setup');
    expect(await browser.session()).toBeNull();
  });
});

describe('a device on which a second factor was proved', () => {
  const options = { methods: ['totp'], last_used_within: '7d' };
  const DAY = 86_400_000;

  const signedIn = async () => {
    const reached = await reach(options, [app]);
    await reached.browser.submit(reached.page, { code: appCode(app, START) });
    const { engine, browser } = reached;
    expect(await browser.session()).not.toBeNull();
    const again = async () => {
      browser.jar.delete('__Host-doorward-portal');
      return browser.signIn();
    };
    return { engine, browser, again };
  };

  it('needs no further one within the time', async () => {
    const { engine, browser, again } = await signedIn();
    engine.clock.advance(6 * DAY);
    await again();
    expect(await methodsOf(browser)).toEqual(['password']);
    // A sign-in that skipped the stage does not extend the period.
    engine.clock.advance(2 * DAY);
    expect((await again()).view.challenge.type).toBe('authenticator');
  });

  it('is trusted only if the factor came second: a code alone is not enough', async () => {
    const { engine, again, browser } = await signedIn();
    engine.accounts.all.devices = [];
    const alone = testFlow('alone', [
      { type: 'identification' },
      { type: 'authenticator', methods: ['totp'], not_configured: 'deny' },
      { type: 'user_login' },
    ]);
    const flows = new Map([...engine.live.current.flows, ['alone', alone] as const]);
    engine.live.current = { ...engine.live.current, flows };
    engine.clock.advance(DAY);
    const page = await browser.submit(await browser.open('/flow/alone'), { login: 'ann' });
    await browser.submit(page, { code: appCode(app, START + DAY) });
    expect(await methodsOf(browser)).toEqual(['totp']);
    expect(engine.accounts.all.devices).toHaveLength(1);
    expect((await again()).view.challenge.type).toBe('authenticator');
  });

  it('is not trusted in another browser, or for another user', async () => {
    const { engine, again, browser } = await signedIn();
    const other = await afterPassword(engine);
    expect(other.page.view.challenge.type).toBe('authenticator');
    engine.directory.put(testUser({ id: 'fake/bob', name: 'bob', email: 'bob@example.com' }));
    const bobs = testAuthenticator({ id: 'app-of-bob', userId: 'fake/bob' });
    engine.accounts.all.authenticators.push(bobs);
    browser.jar.delete('__Host-doorward-portal');
    const bob = await browser.signIn('/flow/login', 'bob');
    expect(bob.view.challenge.type).toBe('authenticator');
    engine.accounts.all.devices = [];
    expect((await again()).view.challenge.type).toBe('authenticator');
  });
});

describe('as JSON', () => {
  it('the same flow asks for and accepts the same', async () => {
    const { engine } = await reach({ methods: ['totp'] }, [app]);
    const script = flowBrowser(engine);
    const headers = {
      'content-type': 'application/json',
      origin: 'https://auth.example.com',
      'sec-fetch-site': 'same-origin',
    };
    let seen = await script.send('/api/flow/login');
    for (const answer of [{ login: 'ann' }, { password: 'right' }, { code: appCode(app, START) }]) {
      const { seed, plan, csrf } = seen.view as Record<string, string>;
      const body = JSON.stringify({ ...(plan ? { plan } : { seed }), csrf, answer });
      seen = await script.send('/api/flow/login', { method: 'POST', headers, body });
    }
    expect(seen.view.done).toBe(true);
    expect(await methodsOf(script)).toEqual(['password', 'totp']);
  });
});
