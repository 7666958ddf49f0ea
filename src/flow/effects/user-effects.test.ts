import { describe, expect, it } from 'vitest';
import { testAuthenticator, testInvitation } from '../../../test/support/fake-accounts.ts';
import { testUser } from '../../../test/support/fakes.ts';
import {
  flowBrowser,
  flowEngine,
  LOGIN,
  type StageWords,
  swapFlows,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { doing, question, scripted } from '../../../test/support/scripted-stage.ts';
import type { Flow } from '../../core/flow/flow.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Effect } from '../../core/flow/effect.ts';
import { stages as real } from '../../stages/index.ts';

const ANN = testUser();
const BOB = testUser({ id: 'fake/bob', name: 'bob', email: 'bob@example.com' });
const newPassword: Effect = {
  kind: 'write-user',
  mode: 'update',
  changes: {},
  passwordHash: 'hash-2',
};

/** A flow with one click and these orders; with its own sign-in, or for a signed-in user. */
function engineFor(effects: Effect | readonly Effect[], isSignIn = false) {
  const stage = scripted('orders', {
    open: () => ({ kind: 'ask', challenge: question('orders') }),
    submit: () => doing(...[effects].flat()),
  });
  const words: readonly StageWords[] = isSignIn
    ? [{ type: 'identification' }, { type: 'password' }, { type: 'orders' }, { type: 'user_login' }]
    : [{ type: 'orders' }];
  const changes: Partial<Flow> = {
    designation: 'configuration',
    requires: isSignIn ? 'anyone' : 'session',
  };
  const flow = testFlow('orders', words, changes, [...real, stage]);
  return flowEngine({ flows: [LOGIN, flow], users: [ANN, BOB] });
}

describe('a new password', () => {
  it('ends every other session of the user and continues this one under a new ticket', async () => {
    const engine = engineFor(newPassword);
    const browser = flowBrowser(engine);
    const other = flowBrowser(engine);
    const bob = flowBrowser(engine);
    await other.signIn();
    await bob.signIn('/flow/login', 'bob');
    await browser.signIn();
    const before = await browser.session();
    const ticket = browser.jar.get('__Host-doorward-portal') ?? '';
    await browser.submit(await browser.open('/flow/orders'));
    const after = await browser.session();
    expect(after).toEqual({ ...before, id: after?.id });
    expect(after?.id).not.toBe(before?.id);
    expect([await other.session(), (await bob.session())?.userId]).toEqual([null, BOB.id]);
    browser.jar.set('__Host-doorward-portal', ticket);
    expect(await browser.session()).toBeNull();
    expect(engine.users.hashes.get(ANN.id)).toBe('hash-2');
    expect(await engine.accounts.passwordHashes(ANN.id, 5)).toEqual(['hash-2']);
  });

  it('set in a run that signs in ends all sessions but the one it starts', async () => {
    const engine = engineFor(newPassword, true);
    const other = flowBrowser(engine);
    await other.signIn();
    const browser = flowBrowser(engine);
    await browser.submit(await browser.signIn('/flow/orders'));
    expect([await other.session(), (await browser.session())?.userId]).toEqual([null, ANN.id]);
  });

  it('survives a double click: both responses carry the same ticket', async () => {
    const engine = engineFor(newPassword);
    const browser = flowBrowser(engine);
    await browser.signIn();
    const page = await browser.open('/flow/orders');
    const ends = await Promise.all([browser.post(page), browser.post(page)]);
    const tickets = ends.map((end) => end.cookies.find((line) => line.startsWith('__Secure-')));
    expect(new Set(tickets).size).toBe(1);
    expect(await browser.session()).not.toBeNull();
  });
});

describe('deleting an account', () => {
  it('ends the sessions and removes the user, the account data and the cookie', async () => {
    const engine = engineFor({ kind: 'delete-user' });
    const browser = flowBrowser(engine);
    await browser.signIn();
    const end = await browser.submit(await browser.open('/flow/orders'));
    expect(end.cookies).toEqual([
      expect.stringContaining('__Host-doorward-portal=; '),
      expect.stringContaining('__Secure-doorward=; '),
    ]);
    expect(await engine.directory.read(ANN.id)).toBeNull();
    expect([await engine.sessions.count(), engine.accounts.all.devices]).toEqual([0, []]);
    expect(await browser.session()).toBeNull();
  });

  it('keeps the second factors if the user could not be deleted', async () => {
    const engine = engineFor({ kind: 'delete-user' });
    await engine.accounts.addAuthenticator(testAuthenticator());
    const browser = flowBrowser(engine);
    await browser.signIn();
    engine.users.writeFault = new Problem('directory/unusable', 'broken', { status: 503 });
    const end = await browser.submit(await browser.open('/flow/orders'));
    expect(end.status).toBe(503);
    expect(engine.accounts.all.authenticators).toHaveLength(1);
  });
});

/** The emitted account events. */
const changesOf = (engine: ReturnType<typeof flowEngine>) =>
  engine.events.all.flatMap((event) =>
    event.type === 'account' ? [[event.change, event.userId]] : [],
  );

describe('a change to an account', () => {
  const consent = { userId: ANN.id, route: 'wiki', permissions: ['a'], at: 1, expiresAt: null };
  const app = testAuthenticator();

  it.each<[string, readonly Effect[], readonly string[]]>([
    ['a new password', [newPassword], ['password/changed']],
    [
      'a new name and password',
      [{ ...newPassword, changes: { displayName: 'Anna' } }],
      ['user/updated', 'password/changed'],
    ],
    ['a consent', [{ kind: 'save-consent', consent }], ['consent/saved']],
    [
      'an authenticator that comes and goes',
      [
        { kind: 'add-authenticator', authenticator: app },
        { kind: 'remove-authenticator', userId: ANN.id, id: app.id },
      ],
      ['authenticator/added', 'authenticator/removed'],
    ],
    [
      'new codes',
      [{ kind: 'replace-authenticators', userId: ANN.id, of: 'recovery_code', by: [] }],
      ['authenticator/replaced'],
    ],
    ['a device', [{ kind: 'remember-device' }], ['device/remembered']],
    ['its end', [{ kind: 'delete-user' }], ['user/deleted']],
  ])('emits an event once it is written: %s', async (_what, effects, changes) => {
    const engine = engineFor(effects);
    const browser = flowBrowser(engine);
    await browser.signIn();
    engine.events.all.length = 0;
    await browser.submit(await browser.open('/flow/orders'));
    expect(changesOf(engine)).toEqual(changes.map((change) => [change, ANN.id]));
    expect(engine.events.all.find((event) => event.type === 'account')).toMatchObject({
      flow: 'orders',
      clientIp: '192.0.2.7',
      requestId: 'r1',
    });
  });

  it('emits the spent invitation first, then the new user with their id', async () => {
    const engine = engineFor([
      { kind: 'spend-invitation', id: testInvitation().id, isFirst: false },
      { kind: 'write-user', mode: 'create', changes: { name: 'cleo' }, passwordHash: 'hash-1' },
    ]);
    await engine.accounts.createInvitation(testInvitation());
    const browser = flowBrowser(engine);
    await browser.signIn();
    engine.events.all.length = 0;
    await browser.submit(await browser.open('/flow/orders'));
    const cleo = await engine.directory.find('cleo', ['username']);
    expect(changesOf(engine)).toEqual([
      ['invitation/spent', ANN.id],
      ['user/created', cleo?.id],
    ]);
  });

  it('emits nothing if it failed', async () => {
    const engine = engineFor({ kind: 'add-authenticator', authenticator: app });
    const browser = flowBrowser(engine);
    await browser.signIn();
    engine.events.all.length = 0;
    engine.accounts.addAuthenticator = () =>
      Promise.reject(new Problem('accounts/unavailable', 'down', { status: 503 }));
    await browser.submit(await browser.open('/flow/orders'));
    expect(changesOf(engine)).toEqual([]);
  });
});

describe('an invitation', () => {
  const seeing = scripted('seeing', {
    open: (ctx) => ({
      kind: 'ask',
      challenge: question(JSON.stringify(ctx.learned['invitation'] ?? null)),
    }),
  });
  const flow = testFlow('join', [{ type: 'seeing' }], {}, [...real, seeing]);

  it('is known by the hash of its token alone', async () => {
    const engine = flowEngine();
    swapFlows(engine, [flow]);
    const browser = flowBrowser(engine);
    const typeOf = async (query: string) =>
      (await browser.open(`/flow/join?${query}`)).view.challenge.type;
    expect(await typeOf('invitation=abcdefghijklmnop')).toBe('"invitation:abcdefghijklmnop"');
    for (const query of ['invitation=short', 'invitation=a%20b', 'invitation=x&invitation=y', '']) {
      expect(await typeOf(query)).toBe('null');
    }
  });
});
