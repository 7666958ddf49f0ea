import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import {
  type Engine,
  flowBrowser,
  flowEngine,
  LOGOUT,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { testBinding } from '../../../test/support/snapshot.ts';
import { DEVICE_KNOWN_FOR } from '../../core/people/account.ts';
import type { Evaluate } from '../../core/policy/policy.ts';
import { Problem } from '../../core/values/problem.ts';

const BOB = testUser({ id: 'fake/bob', name: 'bob', email: 'bob@example.com' });
const DEVICE = '__Host-doorward-device';
type Browser = ReturnType<typeof flowBrowser>;

/** Guesses until all tries are used up. */
async function lockOut(engine: Engine, login: string): Promise<void> {
  for (let i = 0; i < 6; i += 1) {
    await flowBrowser(engine, `203.0.113.${i}`).signIn('/flow/login', login, 'wrong');
  }
}

/** The cookies of a browser that has only the device's cookie. */
function onlyDevice(from: Browser, to: Browser): Browser {
  to.jar.set(DEVICE, from.jar.get(DEVICE) ?? '');
  return to;
}

describe('a browser that has signed a user in', () => {
  it('still signs them in after remote guesses locked their account', async () => {
    const engine = flowEngine();
    const known = flowBrowser(engine);
    await known.signIn();
    await lockOut(engine, 'ann');
    expect((await flowBrowser(engine, '192.0.2.8').signIn()).status).toBe(429);
    const again = onlyDevice(known, flowBrowser(engine, '192.0.2.9'));
    expect((await again.signIn()).status).toBe(303);
    expect(await again.session()).not.toBeNull();
    // The lock still applies to every other browser.
    expect((await flowBrowser(engine, '192.0.2.8').signIn()).status).toBe(429);
  });

  it('has its own tries, as many as any other', async () => {
    const engine = flowEngine();
    const known = flowBrowser(engine);
    await known.signIn();
    const thief = onlyDevice(known, flowBrowser(engine, '192.0.2.9'));
    for (let i = 0; i < 5; i += 1) await thief.signIn('/flow/login', 'ann', 'wrong');
    expect((await thief.signIn()).status).toBe(429);
    expect(await thief.session()).toBeNull();
    expect((await flowBrowser(engine, '192.0.2.8').signIn()).status).toBe(303);
  });

  it('is known for that user alone', async () => {
    const engine = flowEngine({ users: [testUser(), BOB] });
    const known = flowBrowser(engine);
    await known.signIn();
    await lockOut(engine, 'bob');
    const other = onlyDevice(known, flowBrowser(engine, '192.0.2.9'));
    expect((await other.signIn('/flow/login', 'bob')).status).toBe(429);
  });

  it('is forgotten after 90 days', async () => {
    const engine = flowEngine();
    const known = flowBrowser(engine);
    await known.signIn();
    engine.clock.advance(DEVICE_KNOWN_FOR);
    await lockOut(engine, 'ann');
    const late = onlyDevice(known, flowBrowser(engine, '192.0.2.9'));
    expect((await late.signIn()).status).toBe(429);
  });

  it('keeps its cookie across sign-ins of any user', async () => {
    const engine = flowEngine({ users: [testUser(), BOB] });
    const browser = flowBrowser(engine);
    await browser.signIn();
    const device = browser.jar.get(DEVICE);
    await browser.signIn('/flow/login?as=other', 'bob');
    expect(browser.jar.get(DEVICE)).toBe(device);
    expect(engine.accounts.all.devices.map((one) => one.userId)).toEqual(['fake/ann', 'fake/bob']);
    expect(JSON.stringify(engine.accounts.all.devices)).toContain(`device:${device}`);
  });

  it('is not looked up by a malformed cookie', async () => {
    const engine = flowEngine();
    await lockOut(engine, 'ann');
    for (const value of ['', 'x', `${'A'.repeat(22)}; ${DEVICE}=${'B'.repeat(22)}`]) {
      const browser = flowBrowser(engine, '192.0.2.9');
      browser.jar.set(DEVICE, value);
      expect((await browser.signIn()).status).toBe(429);
    }
  });

  it('refuses sign-ins while known devices cannot be looked up', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    await browser.signIn();
    engine.accounts.fault = new Problem('accounts/unavailable', 'down', { status: 503 });
    const other = onlyDevice(browser, flowBrowser(engine));
    const end = await other.signIn();
    expect([end.status, end.view.code]).toEqual([503, 'accounts/unavailable']);
    expect(await engine.sessions.count()).toBe(1);
  });
});

describe('policies on the way to a session', () => {
  it('see the device that the session will have', async () => {
    const heard: (string | undefined)[] = [];
    const evaluate: Evaluate = ({ session }) => {
      if (session !== null) heard.push(session.device);
      return { pass: true, reason: { code: 'dummy/pass' } };
    };
    const gate = { match: 'all' as const, bindings: [testBinding(true, { evaluate })] };
    const stages = ['identification', 'password'].map((type) => ({ type }));
    const flow = testFlow('login', [...stages, { type: 'user_login', policies: gate }]);
    const engine = flowEngine({ flows: [flow, LOGOUT] });
    const browser = flowBrowser(engine);
    await browser.signIn();
    await browser.submit(await browser.open('/flow/logout'));
    expect(new Set(heard)).toEqual(new Set([undefined]));
    heard.length = 0;
    await browser.signIn();
    expect(new Set(heard)).toEqual(new Set([`device:${browser.jar.get(DEVICE)}`]));
  });
});
