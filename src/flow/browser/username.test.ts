import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import {
  type Engine,
  flowBrowser,
  flowEngine,
  type Seen,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { USERNAME_KEPT_FOR } from './username.ts';

const COOKIE = '__Host-doorward-username';
const BOB = testUser({ id: 'fake/bob', name: 'bob', email: 'bob@example.com' });
const login = (options: Record<string, unknown>) =>
  testFlow('login', [
    { type: 'identification', ...options },
    { type: 'password' },
    { type: 'user_login' },
  ]);
const remembering = login({ remember_username: true });

function start(flow = remembering) {
  const engine = flowEngine({ flows: [flow], users: [testUser(), BOB] });
  return { engine, browser: flowBrowser(engine) };
}

/** Another visit with only the saved username. */
function later(engine: Engine, from: ReturnType<typeof flowBrowser>) {
  const browser = flowBrowser(engine);
  browser.jar.set(COOKIE, from.jar.get(COOKIE) ?? '');
  return browser;
}

const filledIn = (page: Seen): unknown => page.view.challenge.fields[0].value;

async function signedIn() {
  const { engine, browser } = start();
  await browser.signIn();
  return { engine, browser: later(engine, browser) };
}

describe('a saved username', () => {
  it('is filled in at the next sign-in, with a link to change it', async () => {
    const { browser } = await signedIn();
    const page = await browser.open('/flow/login?rd=https%3A%2F%2Fwiki.example.com%2Fx');
    expect(filledIn(page)).toBe('ann');
    expect(page.view.challenge.restart).toEqual({ key: 'identification.restart' });
    const other = await browser.open(page.view.restartUrl as string);
    expect(page.view.restartUrl).toContain('rd=https%3A%2F%2Fwiki.example.com%2Fx');
    expect([filledIn(other), other.view.challenge.restart]).toEqual([undefined, undefined]);
  });

  it('is sealed, set for the portal alone, and lasts 90 days', async () => {
    const { browser } = start();
    const page = await browser.submit(await browser.open('/flow/login'), { login: ' ann ' });
    const end = await browser.post(page, { password: 'right' });
    const line = end.cookies.find((one) => one.startsWith(`${COOKIE}=`)) ?? '';
    const attributes = line.split('; ').slice(1);
    expect(attributes).toEqual(['Path=/', 'HttpOnly', 'SameSite=Lax', 'Secure', 'Max-Age=7776000']);
  });

  it('is saved when a session starts, and not before', async () => {
    const { browser } = start();
    for (const name of ['ann', 'nobody']) {
      const page = await browser.submit(await browser.open('/flow/login'), { login: name });
      await browser.submit(page, { password: 'wrong' });
      expect(browser.jar.has(COOKIE)).toBe(false);
    }
  });

  it('is replaced when another one is entered', async () => {
    const { engine, browser } = await signedIn();
    const page = await browser.submit(await browser.open('/flow/login'), { login: 'bob' });
    expect(browser.jar.has(COOKIE)).toBe(false);
    await browser.submit(page, { password: 'right' });
    expect(filledIn(await later(engine, browser).open('/flow/login'))).toBe('bob');
  });

  it('is forgotten when the field is emptied', async () => {
    const { browser } = await signedIn();
    const again = await browser.submit(await browser.open('/flow/login'), { login: ' ' });
    expect(browser.jar.has(COOKIE)).toBe(false);
    expect([filledIn(again), again.view.challenge.restart]).toEqual([undefined, undefined]);
    await browser.submit(await browser.submit(again, { login: 'ann' }), { password: 'right' });
    expect(browser.jar.has(COOKIE)).toBe(true);
  });

  it('stays when the user mistypes the password', async () => {
    const { browser } = await signedIn();
    const page = await browser.submit(await browser.open('/flow/login'), { login: 'ann' });
    await browser.submit(page, { password: 'wrong' });
    expect(filledIn(await browser.open('/flow/login'))).toBe('ann');
  });

  it('is not offered after 90 days, even if the browser kept it', async () => {
    const { engine, browser } = await signedIn();
    engine.clock.advance(USERNAME_KEPT_FOR - 1);
    expect(filledIn(await browser.open('/flow/login'))).toBe('ann');
    engine.clock.advance(1);
    expect(filledIn(await browser.open('/flow/login'))).toBeUndefined();
  });

  it.each([
    '',
    'ann',
    'AAAA',
    Buffer.from('["other","","99999999999999 ann"]').toString('base64url'),
  ])('is not read from an invalid cookie: %s', async (value) => {
    const { browser } = start();
    browser.jar.set(COOKIE, value);
    const page = await browser.open('/flow/login');
    expect([page.status, filledIn(page)]).toEqual([200, undefined]);
  });

  it('is not read from a repeated cookie', async () => {
    const { browser } = await signedIn();
    browser.jar.set(COOKIE, `${browser.jar.get(COOKIE)}; ${COOKIE}=x`);
    expect(filledIn(await browser.open('/flow/login'))).toBeUndefined();
  });

  it('is neither saved nor offered unless the flow enables it', async () => {
    const { engine, browser } = await signedIn();
    engine.live.current = { ...engine.live.current, flows: new Map([['login', login({})]]) };
    const page = await browser.open('/flow/login');
    expect([filledIn(page), page.view.challenge.restart]).toEqual([undefined, undefined]);
    const fresh = flowBrowser(engine);
    await fresh.signIn();
    expect(fresh.jar.has(COOKIE)).toBe(false);
  });
});
