import { describe, expect, it } from 'vitest';
import { Problem } from '../../core/values/problem.ts';
import { testUser } from '../../../test/support/fakes.ts';
import {
  flowBrowser,
  flowEngine,
  LOGIN,
  swapFlows,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { portalCookie } from '../../core/setup/ticket-cookie.ts';

describe('sessions', () => {
  it('get a new id at every sign-in, and the old one is invalid', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    await browser.signIn();
    const name = portalCookie(engine.live.current).name;
    const before = browser.jar.get(name) ?? '';
    const first = await browser.session();
    await browser.signIn('/flow/login?as=other');
    const second = await browser.session();
    expect(second?.id).not.toBe(first?.id);
    expect(await engine.sessions.count()).toBe(1);
    browser.jar.set(name, before);
    expect(await browser.session()).toBeNull();
  });

  it('of another user end when a user signs in here', async () => {
    const users = [testUser(), testUser({ id: 'fake/bob', name: 'bob' })];
    const engine = flowEngine({ users });
    const browser = flowBrowser(engine);
    await browser.signIn();
    await browser.signIn('/flow/login?as=other', 'bob');
    expect(await browser.session()).toMatchObject({
      userId: 'fake/bob',
      proofs: [{ method: 'password' }],
    });
    expect(await engine.sessions.list('fake/ann')).toEqual([]);
  });

  it('planted by an attacker are not continued', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    browser.jar.set(
      portalCookie(engine.live.current).name,
      'sealed.planted.secret@portal:auth.example.com',
    );
    await browser.signIn();
    expect((await browser.session())?.id).not.toBe('session:planted');
  });

  it('that start or step up are recorded as sign-ins, with address and browser', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    await browser.signIn();
    engine.clock.advance(60_000);
    await browser.signIn('/flow/login?as=other');
    const [last, first] = await engine.accounts.signIns('fake/ann');
    const { device } = (await browser.session()) ?? {};
    const at = engine.clock.now();
    expect(last).toEqual({ userId: 'fake/ann', at, ip: '192.0.2.7', device });
    expect(first).toEqual({ ...last, at: at - 60_000 });
  });

  it('do not remain if the sign-in could not be recorded', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    engine.accounts.recordSignIn = () => Promise.reject(new Problem('accounts/unavailable', 'No.'));
    const end = await browser.signIn();
    expect([end.status, end.view.code]).toEqual([500, 'accounts/unavailable']);
    expect(await engine.sessions.count()).toBe(0);
    expect(await browser.session()).toBeNull();
  });

  it('do not start for a user who was disabled on the way', async () => {
    const engine = flowEngine();
    const flow = testFlow('login', [
      { type: 'identification' },
      { type: 'password' },
      { type: 'message', title: 'Hello', text: 'Rules' },
      { type: 'user_login' },
    ]);
    swapFlows(engine, [flow]);
    const browser = flowBrowser(engine);
    const rules = await browser.signIn();
    expect(rules.view.challenge.type).toBe('message');
    engine.directory.put(testUser({ disabled: true }));
    const end = await browser.submit(rules);
    expect(end.status).toBe(403);
    expect(end.view.code).toBe('user/disabled');
    expect(await engine.sessions.count()).toBe(0);
  });

  it('end others and last as long as the flow says', async () => {
    const flow = testFlow('login', [
      { type: 'identification' },
      { type: 'password' },
      { type: 'user_login', lasts: '15m', end_other_sessions: true },
    ]);
    const engine = flowEngine({ flows: [flow] });
    await flowBrowser(engine).signIn();
    const browser = flowBrowser(engine);
    await browser.signIn();
    expect(await engine.sessions.count()).toBe(1);
    expect((await browser.session())?.expiresAt).toBe(engine.clock.now() + 900_000);
  });
});

/** Signs in, steps up ten minutes later, and returns both sessions. */
async function confirmed(options: Record<string, unknown>) {
  const stages = [{ type: 'password' }, { type: 'user_login', ...options }];
  const flow = testFlow('step-up', stages, {
    requires: 'session',
    designation: 'authorization',
  });
  const engine = flowEngine();
  swapFlows(engine, [...engine.live.current.flows.values(), flow]);
  const browser = flowBrowser(engine);
  await browser.signIn();
  const before = await browser.session();
  engine.clock.advance(600_000);
  await browser.post(await browser.open('/flow/step-up'), { password: 'right' });
  return { engine, before, after: await browser.session() };
}

describe('a step-up', () => {
  it('adds proofs and changes neither the start nor the end of the session', async () => {
    const { engine, before, after } = await confirmed({});
    expect(after?.id).not.toBe(before?.id);
    expect(after?.proofs).toEqual([{ method: 'password', at: engine.clock.now() }]);
    expect(after?.createdAt).toBe(before?.createdAt);
    expect(after?.expiresAt).toBe(before?.expiresAt);
  });

  it('ends when its own user_login says, if it has one', async () => {
    const { engine, before, after } = await confirmed({ lasts: '15m' });
    expect(after?.createdAt).toBe(before?.createdAt);
    expect(after?.expiresAt).toBe(engine.clock.now() + 900_000);
  });
});

describe('signing out', () => {
  it('needs a click, then ends the session and clears the cookie with its own attributes', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    await browser.signIn();
    const page = await browser.open(
      `/flow/logout?rd=${encodeURIComponent('https://wiki.example.com/')}`,
    );
    expect(await engine.sessions.count()).toBe(1);
    const end = await browser.submit(page);
    expect(end.location).toBe('https://wiki.example.com/');
    expect(end.cookies).toEqual([
      '__Host-doorward-portal=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0',
      '__Secure-doorward=; Path=/; HttpOnly; SameSite=Lax; Secure; Domain=example.com; Max-Age=0',
    ]);
    expect(await engine.sessions.count()).toBe(0);
  });

  it('ends at once for a visitor who is not signed in', async () => {
    const engine = flowEngine();
    const seen = await flowBrowser(engine).open('/flow/logout');
    expect([seen.status, seen.location]).toEqual([303, 'https://auth.example.com/']);
    expect(engine.plans.writes).toBe(0);
  });

  it('everywhere ends every session of the user and of no other', async () => {
    const users = [testUser(), testUser({ id: 'fake/bob', name: 'bob' })];
    const flow = testFlow('logout', [{ type: 'user_logout', everywhere: true }], {
      designation: 'invalidation',
    });
    const engine = flowEngine({ users, flows: [LOGIN, flow] });
    const browser = flowBrowser(engine);
    await flowBrowser(engine).signIn();
    await flowBrowser(engine).signIn('/flow/login', 'bob');
    await browser.signIn();
    await browser.submit(await browser.open('/flow/logout'));
    expect((await engine.sessions.list(null)).map((s) => s.userId)).toEqual(['fake/bob']);
  });
});
