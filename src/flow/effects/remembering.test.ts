/** Remembered sessions, bound sessions and saved names: how flows create them. */
import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import {
  type Engine,
  flowBrowser,
  flowEngine,
  LOGOUT,
  type Seen,
  type StageWords,
  testFlow,
} from '../../../test/support/flow-fakes.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TICKET = '__Host-doorward-portal=';
const HERE = '192.0.2.7';
const THERE = '203.0.113.7';
const BOB = testUser({ id: 'fake/bob', name: 'bob', email: 'bob@example.com' });

const login = (options: Record<string, unknown>) =>
  testFlow('login', [
    { type: 'identification' },
    { type: 'password' },
    { type: 'user_login', ...options },
  ]);
const signedIn = (name: string, ...stages: readonly StageWords[]) =>
  testFlow(name, stages, { requires: 'session', designation: 'authorization' });
const stepUp = (options: Record<string, unknown> = {}) =>
  signedIn('step-up', { type: 'password' }, { type: 'user_login', ...options });

type Browser = ReturnType<typeof flowBrowser>;

/** The Max-Age of the ticket's cookie; null for a session cookie. */
function ageOf(seen: Seen): number | null {
  const line = seen.cookies.find((one) => one.startsWith(TICKET)) ?? '';
  expect(line).toMatch(/HttpOnly; SameSite=Lax; Secure/);
  const age = /; Max-Age=(\d+)/.exec(line)?.[1];
  return age === undefined ? null : Number(age);
}

/** Set-Cookie lines except the one that detects redirect loops. */
function kept(seen: Seen): readonly string[] {
  return seen.cookies.filter((line) => !line.includes('-ended=')).sort();
}

async function signInAnd(browser: Browser, remember: string, name = 'ann'): Promise<Seen> {
  return browser.post(await browser.signIn('/flow/login', name), { remember });
}

async function spanOf(browser: Browser) {
  const session = await browser.session();
  if (session === null) throw new Error('no session');
  const { seenAt, expiresAt, idle, remembered } = session;
  return { lasts: expiresAt - seenAt, idle, remembered };
}

async function confirm(browser: Browser): Promise<Seen> {
  return browser.post(await browser.open('/flow/step-up'), { password: 'right' });
}

describe('staying signed in', () => {
  it('gives a session and a cookie for that time, with the same idle time', async () => {
    const browser = flowBrowser(flowEngine({ flows: [login({ remember_me: '30d' })] }));
    expect(ageOf(await signInAnd(browser, 'yes'))).toBe(30 * 86_400);
    expect(await spanOf(browser)).toEqual({ lasts: 30 * DAY, idle: 30 * DAY, remembered: true });
  });

  it('gives the default session if declined', async () => {
    const browser = flowBrowser(
      flowEngine({ flows: [login({ remember_me: '30d', lasts: '4h' })] }),
    );
    expect(ageOf(await signInAnd(browser, 'no'))).toBeNull();
    expect(await spanOf(browser)).toEqual({ lasts: 4 * HOUR, idle: HOUR, remembered: undefined });
  });

  it.each([
    [{}, { lasts: 29 * DAY, idle: 30 * DAY, remembered: true }, 29 * 86_400],
    [{ lasts: '1h' }, { lasts: HOUR, idle: HOUR, remembered: undefined }, null],
  ])('after a step up with %j: %j', async (options, span, age) => {
    const flows = [login({ remember_me: '30d' }), stepUp(options)];
    const engine = flowEngine({ flows });
    const browser = flowBrowser(engine);
    await signInAnd(browser, 'yes');
    engine.clock.advance(DAY);
    expect(ageOf(await confirm(browser))).toBe(age);
    expect(await spanOf(browser)).toEqual(span);
  });

  it('passes nothing to another user in the same browser', async () => {
    const flows = [login({ remember_me: '30d' }), { ...login({}), name: 'other' }];
    const browser = flowBrowser(flowEngine({ flows, users: [testUser(), BOB] }));
    await signInAnd(browser, 'yes');
    const first = await browser.open('/flow/other?as=other');
    const second = await browser.submit(first, { login: 'bob' });
    expect(ageOf(await browser.post(second, { password: 'right' }))).toBeNull();
    expect((await spanOf(browser)).remembered).toBeUndefined();
  });

  it('keeps the cookie for the remaining time after a password change', async () => {
    const change = signedIn(
      'change',
      { type: 'password' },
      { type: 'prompt', title: 'New', fields: [{ type: 'password', name: 'password' }] },
      { type: 'user_write', fields: { password: 'password' } },
    );
    const engine = flowEngine({ flows: [login({ remember_me: '30d' }), change] });
    const browser = flowBrowser(engine);
    await signInAnd(browser, 'yes');
    engine.clock.advance(10 * DAY);
    const question = await browser.open('/flow/change');
    const form = await browser.submit(question, { password: 'right' });
    const end = await browser.post(form, { password: 'another long one' });
    expect(ageOf(end)).toBe(20 * 86_400);
    expect((await spanOf(browser)).remembered).toBe(true);
  });

  it('gives the same cookies when the form is sent twice', async () => {
    const flow = testFlow('login', [
      { type: 'identification', remember_username: true },
      { type: 'password' },
      { type: 'user_login', remember_me: '30d' },
    ]);
    const engine = flowEngine({ flows: [flow] });
    const browser = flowBrowser(engine);
    const page = await browser.signIn();
    const [one, other] = await Promise.all([
      browser.post(page, { remember: 'yes' }),
      browser.post(page, { remember: 'yes' }),
    ]);
    expect(kept(one)).toHaveLength(4);
    expect(kept(other)).toEqual(kept(one));
    expect(await engine.sessions.count()).toBe(1);
  });
});

describe('a session knows', () => {
  it('the device it began in', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    await browser.signIn();
    const device = browser.jar.get('__Host-doorward-device');
    expect((await browser.session())?.device).toBe(`device:${device}`);
    expect((await browser.session())?.bound).toBeUndefined();
  });
});

/** A second browser with the first one's cookies, at another address. */
function copyOf(engine: Engine, browser: Browser, ip: string): Browser {
  const copy = flowBrowser(engine, ip);
  for (const [name, value] of browser.jar) copy.jar.set(name, value);
  return copy;
}

describe('a bound session', () => {
  const flows = [login({ bind: 'network' }), stepUp(), LOGOUT];
  const start = async (users = [testUser(), BOB]) => {
    const engine = flowEngine({ flows, users });
    const owner = flowBrowser(engine, HERE);
    await owner.signIn();
    return { engine, owner, thief: copyOf(engine, owner, THERE) };
  };

  it('is bound to where it started, also after a step-up', async () => {
    const { owner } = await start();
    const bound = { network: '192.0.2.0/24' };
    expect((await owner.session())?.bound).toEqual(bound);
    await confirm(owner);
    expect((await owner.session())?.bound).toEqual(bound);
  });

  it('is not valid elsewhere', async () => {
    const { thief } = await start();
    expect((await thief.open('/flow/step-up')).location).toMatch(/^\/flow\/login\?as=other/);
    const told = await thief.open('/api/flow/step-up');
    expect([told.status, told.view.reason]).toEqual([401, 'session/elsewhere']);
    const page = await thief.open('/flow/login');
    expect(page.view.challenge.type).toBe('identification');
    expect(page.view.notice).toEqual({ key: 'flow.notice.elsewhere' });
    const next = await thief.submit(page, { login: 'ann' });
    expect(next.view.notice).toBeNull();
  });

  it('continues when another user signs in or out in a browser that has its cookie', async () => {
    const { owner, thief, engine } = await start();
    await thief.open('/flow/logout');
    await thief.signIn('/flow/login', 'bob');
    expect((await thief.session())?.userId).toBe('fake/bob');
    expect((await thief.session())?.proofs).toHaveLength(1);
    expect(await owner.session()).not.toBeNull();
    expect(await engine.sessions.count()).toBe(2);
  });

  it('ends without giving anything to another user when its owner signs in elsewhere in the same browser', async () => {
    const { owner, thief: moved, engine } = await start();
    await moved.signIn();
    expect(await owner.session()).toBeNull();
    expect((await moved.session())?.bound).toEqual({ network: '203.0.113.0/24' });
    expect(await engine.sessions.count()).toBe(1);
  });

  it.each([
    ['a country', { countryOf: () => 'NL' }, { country: 'NL' }],
    [
      'its network if the country is unknown',
      { countryOf: () => null },
      { network: '192.0.2.0/24' },
    ],
  ])('by bind: geo is bound to %s', async (_, places, bound) => {
    const engine = flowEngine({ flows: [login({ bind: 'geo' })], places });
    const browser = flowBrowser(engine, HERE);
    await browser.signIn();
    expect((await browser.session())?.bound).toEqual(bound);
  });
});
