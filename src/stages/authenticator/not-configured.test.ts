import { describe, expect, it } from 'vitest';
import { appCode, fieldOf, methodsOf } from '../../../test/support/factors.ts';
import { testAuthenticator } from '../../../test/support/fake-accounts.ts';
import {
  flowBrowser,
  flowEngine,
  LOGIN,
  type Seen,
  testFlow,
} from '../../../test/support/flow-fakes.ts';

const MINUTES = 60_000;
const app = testAuthenticator();

/** The bundled step-up flow: users without a second factor set one up on the way. */
const STEP_UP = testFlow(
  'step-up',
  [
    { type: 'authenticator', methods: ['totp'], not_configured: 'configure' },
    { type: 'user_login' },
  ],
  { requires: 'session', designation: 'authorization' },
);

/** Ann, who signed in with her password `ago` milliseconds ago. */
async function signedIn(ago: number, flow = STEP_UP) {
  const engine = flowEngine({ flows: [LOGIN, flow] });
  const browser = flowBrowser(engine);
  await browser.signIn();
  engine.clock.advance(ago);
  return { engine, browser };
}

type Browser = ReturnType<typeof flowBrowser>;
const typeOf = (page: Seen): string => page.view.challenge.type;

async function setUp(browser: Browser, page: Seen, now: number): Promise<void> {
  const secret = fieldOf(page, 'qr').secret.replaceAll(' ', '');
  const code = appCode({ ...app, data: { ...app.data, secret } }, now);
  await browser.submit(page, { code });
}

/** Opens the page and clicks through it if it only asks to continue. */
async function reach(browser: Browser): Promise<Seen> {
  const page = await browser.open('/flow/step-up');
  return page.view.challenge?.type === 'continue' ? browser.submit(page) : page;
}

describe('a user without a second factor, in a step-up', () => {
  it('sets one up at once within ten minutes of their sign-in', async () => {
    const { engine, browser } = await signedIn(10 * MINUTES - 1);
    const page = await reach(browser);
    expect(typeOf(page)).toBe('totp_setup');
    await setUp(browser, page, engine.clock.now());
    expect(await methodsOf(browser)).toEqual(['password', 'totp']);
  });

  it('must enter the password first after more than that', async () => {
    const { engine, browser } = await signedIn(10 * MINUTES);
    const page = await reach(browser);
    expect(typeOf(page)).toBe('password');
    const again = await browser.submit(page, { password: 'wrong' });
    expect(typeOf(again)).toBe('password');
    expect(engine.accounts.all.authenticators).toEqual([]);
    const set = await browser.submit(again, { password: 'right' });
    expect(typeOf(set)).toBe('totp_setup');
    await setUp(browser, set, engine.clock.now());
    expect(await methodsOf(browser)).toEqual(['password', 'totp']);
    expect(engine.accounts.all.authenticators).toHaveLength(1);
  });

  it('cannot have one added by an attacker who took over the session and knows no password', async () => {
    const { engine, browser } = await signedIn(30 * MINUTES);
    const page = await reach(browser);
    for (const answer of [{ code: '000000' }, { password: 'guess' }, {}]) {
      const seen = await browser.post(page, { ...answer, stage: 'authenticator.totp_setup' });
      expect(seen.view?.challenge?.type ?? '').not.toBe('totp_setup');
    }
    expect(engine.accounts.all.authenticators).toEqual([]);
  });

  it('and without a password is asked to sign in again, and learns who can help', async () => {
    const { engine, browser } = await signedIn(10 * MINUTES);
    engine.directory.hasPassword = () => Promise.resolve(false);
    const page = await browser.open('/flow/step-up');
    expect([page.status, page.view.code, page.view.text]).toEqual([
      403,
      'session/stale',
      { key: 'authenticator.stale' },
    ]);
  });

  it('and without a password sets one up right after signing in', async () => {
    const { engine, browser } = await signedIn(1);
    engine.directory.hasPassword = () => Promise.resolve(false);
    expect(typeOf(await reach(browser))).toBe('totp_setup');
  });

  it('is not helped by a proof that another user gave here', async () => {
    const { engine, browser } = await signedIn(10 * MINUTES);
    await flowBrowser(engine).signIn();
    expect(typeOf(await reach(browser))).toBe('password');
  });
});

describe('a user with a second factor', () => {
  it('must prove it without a password, however long ago they signed in', async () => {
    const { engine, browser } = await signedIn(50 * MINUTES);
    engine.accounts.all.authenticators = [app];
    const page = await browser.open('/flow/step-up');
    expect(typeOf(page)).toBe('authenticator');
  });
});
