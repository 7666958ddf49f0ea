import { describe, expect, it } from 'vitest';
import { testAuthenticator, testInvitation } from '../../../test/support/fake-accounts.ts';
import { testUser } from '../../../test/support/fakes.ts';
import {
  flowBrowser,
  flowEngine,
  LOGIN,
  type StageWords,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { doing, question, scripted } from '../../../test/support/scripted-stage.ts';
import type { Flow } from '../../core/flow/flow.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Effect } from '../../core/flow/effect.ts';
import { stages as real } from '../../stages/index.ts';

const ANN = testUser();
const BOB = testUser({ id: 'fake/bob', name: 'bob', email: 'bob@example.com' });
const BEFORE: readonly StageWords[] = [{ type: 'identification' }, { type: 'password' }];

const email: Effect = {
  kind: 'send-mail',
  email: { to: 'ann@example.com', template: 'hello', values: {}, language: 'en' },
};
const newPassword: Effect = {
  kind: 'write-user',
  mode: 'update',
  changes: {},
  passwordHash: 'hash-2',
};
const create = (name: string): Effect => ({
  kind: 'write-user',
  mode: 'create',
  changes: { name, email: `${name}@example.com` },
  passwordHash: 'hash-1',
});

/** A flow with one click and these orders. */
function orderFlow(
  effects: readonly Effect[],
  before: readonly StageWords[] = [],
  changes: Partial<Flow> = {},
  after: readonly StageWords[] = [],
): Flow {
  const stage = scripted('orders', {
    open: () => ({ kind: 'ask', challenge: question('orders') }),
    submit: () => doing(...effects),
  });
  const words = [...before, { type: 'orders' }, ...after];
  return testFlow('orders', words, { designation: 'configuration', ...changes }, [...real, stage]);
}

const engineWith = (flow: Flow, users = [ANN, BOB]) => flowEngine({ flows: [LOGIN, flow], users });

describe('the orders of a run', () => {
  it('are executed in a safe order, whatever order they are given in', async () => {
    const spend: Effect = { kind: 'spend-invitation', id: testInvitation().id, isFirst: false };
    const add: Effect = { kind: 'add-authenticator', authenticator: testAuthenticator() };
    const consent: Effect = {
      kind: 'save-consent',
      consent: { userId: ANN.id, route: 'wiki', permissions: ['read'], at: 1, expiresAt: null },
    };
    const flow = orderFlow([email, consent, add, newPassword, spend], BEFORE, {}, [
      { type: 'user_login' },
    ]);
    const engine = engineWith(flow);
    await engine.accounts.createInvitation(testInvitation());
    const browser = flowBrowser(engine);
    const seen: string[] = [];
    const { accounts, users, sessions, emails } = engine;
    const told = accounts.writes.push.bind(accounts.writes);
    accounts.writes.push = (what) => (seen.push(what), told(what));
    const set = users.setPassword.bind(users);
    users.setPassword = (id, hash) => (seen.push('setPassword'), set(id, hash));
    const start = sessions.start.bind(sessions);
    sessions.start = (ticket, session) => (seen.push('start'), start(ticket, session));
    const send = emails.send.bind(emails);
    emails.send = (one) => (seen.push('send'), send(one));
    await browser.submit(await browser.signIn('/flow/orders'));
    expect(seen).toEqual([
      'spendInvitation',
      'rememberPassword',
      'setPassword',
      'addAuthenticator',
      'saveConsent',
      'start',
      'recordSignIn',
      'rememberDevice',
      'send',
    ]);
    expect(await browser.session()).not.toBeNull();
  });

  it('are dropped if the invitation was already spent', async () => {
    const spend: Effect = { kind: 'spend-invitation', id: testInvitation().id, isFirst: false };
    const engine = engineWith(orderFlow([create('cleo'), email, spend]));
    await engine.accounts.createInvitation({ ...testInvitation(), used: 1 });
    const browser = flowBrowser(engine);
    const end = await browser.submit(await browser.open('/flow/orders'));
    expect([end.status, end.view.code]).toEqual([410, 'invitation/spent']);
    expect(await engine.directory.find('cleo', ['username'])).toBeNull();
    expect(engine.emails.all).toEqual([]);
    expect([...engine.plans.all.values()].map((plan) => plan.state)).toEqual(['stopped']);
  });

  it('let one of fifty users spend a single-use invitation', async () => {
    const spend: Effect = { kind: 'spend-invitation', id: testInvitation().id, isFirst: false };
    const engine = engineWith(orderFlow([spend]));
    await engine.accounts.createInvitation(testInvitation());
    const pages = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const browser = flowBrowser(engine);
        return [browser, await browser.open('/flow/orders')] as const;
      }),
    );
    const ends = await Promise.all(pages.map(([browser, page]) => browser.post(page)));
    expect(ends.filter((end) => end.status === 303)).toHaveLength(1);
    expect(ends.filter((end) => end.status === 410)).toHaveLength(49);
  });

  it('leave no session behind if one of them fails', async () => {
    const engine = engineWith(orderFlow([email], BEFORE, {}, [{ type: 'user_login' }]));
    const browser = flowBrowser(engine);
    const page = await browser.signIn('/flow/orders');
    engine.emails.fault = new Problem('mail/unavailable', 'down', { status: 503 });
    const end = await browser.post(page);
    expect([end.status, end.view.code, end.cookies]).toEqual([503, 'mail/unavailable', []]);
    expect(await engine.sessions.count()).toBe(0);
    const again = await browser.post(page);
    expect([again.status, again.cookies]).toEqual([403, []]);
  });

  it.each<[string, Effect, Partial<Flow>, number, string]>([
    [
      'a second factor for another user',
      { kind: 'add-authenticator', authenticator: testAuthenticator({ userId: BOB.id }) },
      { requires: 'session' },
      500,
      'stage/unlawful',
    ],
    [
      'removing another user’s factor',
      { kind: 'remove-authenticator', userId: BOB.id, id: 'x' },
      { requires: 'session' },
      500,
      'stage/unlawful',
    ],
    [
      'a factor that is gone',
      { kind: 'remove-authenticator', userId: ANN.id, id: 'x' },
      { requires: 'session' },
      410,
      'authenticator/gone',
    ],
    [
      'a change without a user',
      { kind: 'write-user', mode: 'update', changes: { email: 'x@example.com' } },
      {},
      403,
      'user/unknown',
    ],
    ['deleting without a user', { kind: 'delete-user' }, {}, 403, 'user/unknown'],
    ['remembering without a user', { kind: 'remember-device' }, {}, 403, 'user/unknown'],
    [
      'a new user without a name',
      { kind: 'write-user', mode: 'create', changes: {} },
      {},
      400,
      'user/name',
    ],
    ['a name that is taken', create('bob'), {}, 409, 'user/exists'],
    [
      'an address that is taken',
      { kind: 'write-user', mode: 'create', changes: { name: 'new', email: 'bob@example.com' } },
      {},
      409,
      'user/exists',
    ],
    [
      'a name that is another user’s address',
      { kind: 'write-user', mode: 'update', changes: { name: 'bob@example.com' } },
      { requires: 'session' },
      409,
      'user/exists',
    ],
  ])('are rejected: %s', async (_name, effect, changes, status, code) => {
    const engine = engineWith(orderFlow([effect], [], changes));
    const browser = flowBrowser(engine);
    await browser.signIn();
    const { writes } = engine.accounts;
    const before = writes.length;
    const end = await browser.submit(await browser.open('/flow/orders'));
    expect([end.status, end.view.code]).toEqual([status, code]);
    expect(writes.slice(before).filter((what) => what !== 'removeAuthenticator')).toEqual([]);
    expect((await engine.directory.read(ANN.id))?.name).toBe('ann');
  });

  it('leave the run unchanged if they are known to be impossible in advance', async () => {
    const engine = engineWith(orderFlow([create('bob')]));
    const browser = flowBrowser(engine);
    const page = await browser.open('/flow/orders');
    expect((await browser.post(page)).status).toBe(409);
    engine.directory.remove(BOB.id);
    expect((await browser.post(page)).status).toBe(303);
    expect(engine.users.hashes.get(BOB.id)).toBe('hash-1');
  });

  it.each([
    ['no directory can be written', null],
    ['the user is in another directory', 'other'],
  ])('change no password if %s', async (_name, name) => {
    const flow = orderFlow([newPassword], [], { requires: 'session' });
    const engine = engineWith(flow);
    const users = name === null ? null : { ...engine.users, name };
    const browser = flowBrowser({ ...engine, deps: { ...engine.deps, users } });
    await browser.signIn();
    const end = await browser.submit(await browser.open('/flow/orders'));
    expect([end.status, end.view.code]).toEqual([409, 'password/elsewhere']);
    expect(engine.users.hashes.size).toBe(0);
  });
});

describe('a stopped run', () => {
  it('only records that a secret was used', async () => {
    const remove: Effect = { kind: 'remove-authenticator', userId: ANN.id, id: 'code-of-ann' };
    const flow = orderFlow([email, remove], BEFORE, {}, [{ type: 'deny' }]);
    const engine = engineWith(flow);
    const code = testAuthenticator({ id: 'code-of-ann', kind: 'recovery_code', handle: 'x' });
    await engine.accounts.addAuthenticator(code);
    const browser = flowBrowser(engine);
    const end = await browser.submit(await browser.signIn('/flow/orders'));
    expect([end.status, end.view.code]).toEqual([403, 'flow/denied']);
    expect([engine.accounts.all.authenticators, engine.emails.all]).toEqual([[], []]);
  });
});

describe('the subject of orders', () => {
  const add: Effect = { kind: 'add-authenticator', authenticator: testAuthenticator() };
  const change: Effect = { kind: 'write-user', mode: 'update', changes: { displayName: 'A' } };

  it.each<[string, Effect]>([
    ['set up a factor', add],
    ['change a password', newPassword],
    ['change a name', change],
    ['delete an account', { kind: 'delete-user' }],
    ['be remembered', { kind: 'remember-device' }],
  ])('a name alone is not enough to %s', async (_name, effect) => {
    const engine = engineWith(orderFlow([effect], [{ type: 'identification' }]));
    const browser = flowBrowser(engine);
    const page = await browser.submit(await browser.open('/flow/orders'), { login: 'ann' });
    const end = await browser.submit(page);
    expect([end.status, end.view.code]).toEqual([403, 'session/unproved']);
    expect([engine.accounts.writes, engine.users.hashes.size]).toEqual([[], 0]);
  });

  it('proving that a new factor works does not prove the user', async () => {
    const sly = scripted('sly', {
      claims: () => ({ wants: [], gives: [], mayProve: true }),
      open: () => ({ kind: 'ask', challenge: question('sly') }),
      submit: async (ctx) => {
        if (ctx.subject === null) throw new Error('no subject');
        await ctx.prove('totp', ctx.subject, () => Promise.resolve('right'));
        return { kind: 'pass', proved: 'totp', effects: [add] };
      },
    });
    const known = [...real, sly];
    const words = [{ type: 'identification' }, { type: 'sly' }, { type: 'user_login' }];
    const engine = flowEngine({ flows: [testFlow('login', words, {}, known)] });
    const browser = flowBrowser(engine);
    const page = await browser.submit(await browser.open('/flow/login'), { login: 'ann' });
    expect((await browser.submit(page)).view.code).toBe('session/unproved');
    expect([engine.accounts.writes, await engine.sessions.count()]).toEqual([[], 0]);
  });

  it.each<[string, Effect]>([
    ['a password', newPassword],
    ['an account', { kind: 'delete-user' }],
  ])('%s is changed only within ten minutes of a sign-in', async (_name, effect) => {
    const engine = engineWith(orderFlow([effect], [], { requires: 'session' }));
    const browser = flowBrowser(engine);
    await browser.signIn();
    engine.clock.advance(600_000);
    const end = await browser.submit(await browser.open('/flow/orders'));
    expect([end.status, end.view.code]).toEqual([403, 'session/stale']);
    expect(end.view.text).toEqual({ key: 'flow.stopped.stale' });
    expect(await engine.directory.read(ANN.id)).not.toBeNull();
    expect(engine.users.hashes.size).toBe(0);
  });

  it('a user disabled meanwhile changes nothing', async () => {
    const engine = engineWith(orderFlow([change], BEFORE));
    const browser = flowBrowser(engine);
    const page = await browser.signIn('/flow/orders');
    engine.directory.put({ ...ANN, disabled: true });
    expect((await browser.submit(page)).view.code).toBe('user/disabled');
    expect((await engine.directory.read(ANN.id))?.displayName).toBe('Ann Example');
  });

  it.each([
    ['while it is held', 'typed', 303, ['typed']],
    ['not after it was dropped', null, 409, []],
  ])('set a password on a server that hashes it, %s', async (_, typed, status, sent) => {
    const flow = orderFlow([newPassword], [], { requires: 'session' });
    const engine = engineWith(flow);
    const set: string[] = [];
    const deps = {
      ...engine.deps,
      users: null,
      directories: {
        ...engine.deps.directories,
        passwordChanger: () => async (password: string) => void set.push(password),
      },
      heldPasswords: { has: () => typed !== null, take: () => typed },
    };
    const browser = flowBrowser({ ...engine, deps });
    await browser.signIn();
    const end = await browser.submit(await browser.open('/flow/orders'));
    expect(end.status).toBe(status);
    expect(set).toEqual(sent);
  });
});
