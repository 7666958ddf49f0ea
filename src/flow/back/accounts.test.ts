import { describe, expect, it } from 'vitest';
import {
  type EngineWords,
  flowBrowser,
  flowEngine,
  LOGOUT,
  type Seen,
  type StageWords,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { fakeSource, ISSUER, testProfile, testRule } from '../../../test/support/fake-source.ts';
import { testAuthenticator } from '../../../test/support/fake-accounts.ts';
import { START, testUser } from '../../../test/support/fakes.ts';
import { testBinding } from '../../../test/support/snapshot.ts';
import type { SourceRule } from '../../core/sources/source-rule.ts';
import type { SourceProfile } from '../../core/sources/source.ts';
import { expression } from '../../policies/expression/policy.ts';
import { group } from '../../policies/group/policy.ts';

const BY_SOURCE: readonly StageWords[] = [
  { type: 'identification', sources: 'all' },
  { type: 'password' },
  { type: 'user_login' },
];
const LOGIN = testFlow('login', BY_SOURCE);
const CONNECT = testFlow('connect', [{ type: 'source', source: 'company' }], {
  designation: 'configuration',
  requires: 'session',
});

function world(rule: Partial<SourceRule> = {}, words: EngineWords = {}) {
  const source = fakeSource();
  const sources = [{ source, rule: testRule(rule) }];
  const engine = flowEngine({ flows: [LOGIN, CONNECT, LOGOUT], sources, ...words });
  const browser = flowBrowser(engine);
  return { engine, source, browser };
}

type World = ReturnType<typeof world>;

/** Leaves for the provider and comes back, to the page or the end that follows. */
async function arrive({ browser, source }: World, flow = 'login'): Promise<Seen> {
  const fields = flow === 'login' ? { login: '', source: 'company' } : { source: 'company' };
  const left = await browser.submit(await browser.open(`/flow/${flow}?as=same`), fields);
  if (!left.location.startsWith(ISSUER)) return left;
  let seen = await browser.open(`/flow/${flow}/back?${source.answer(-1)}`);
  while (seen.location.startsWith('/flow/')) seen = await browser.open(seen.location);
  return seen;
}

const reasonOf = (seen: Seen): string => seen.view?.rejection?.key ?? '';
const linked = ({ engine }: World): readonly string[] =>
  engine.links.all.map(({ subject, userId }) => `${subject} ${userId}`);
const link = (all: World, userId = 'fake/ann'): void =>
  void all.engine.links.all.push({
    issuer: ISSUER,
    subject: 'zoe-1',
    userId,
    source: 'company',
    createdAt: START,
    lastUsedAt: null,
  });
const annIs = (email: string) => ({ users: [testUser({ email, emailVerified: true })] });

describe('an account with the address of a user', () => {
  it('is not linked by its address unless the operator allows it', async () => {
    const all = world({}, annIs('zoe@example.com'));
    expect(reasonOf(await arrive(all))).toBe('flow.source.not-linked');
    expect(linked(all)).toEqual([]);
  });

  it('is linked once the user has entered the password', async () => {
    const all = world({ link: 'verified_email' }, annIs('zoe@example.com'));
    const page = await arrive(all);
    expect(page.view.challenge.type).toBe('source-link');
    expect([linked(all), await all.browser.session()]).toEqual([[], null]);
    const wrong = await all.browser.submit(page, { password: 'wrong' });
    expect([wrong.view.challenge.type, reasonOf(wrong)]).toEqual([
      'source-link',
      'flow.source.link.wrong',
    ]);
    await all.browser.submit(wrong, { password: 'right' });
    expect(linked(all)).toEqual(['zoe-1 fake/ann']);
    const session = await all.browser.session();
    expect(session?.proofs.map(({ method }) => method)).toEqual(['password', 'source']);
    // From then on without the password.
    const other = { ...all, browser: flowBrowser(all.engine) };
    await arrive(other);
    expect((await other.browser.session())?.userId).toBe('fake/ann');
  });

  it('is not linked by a password alone if the user has a second factor', async () => {
    const all = world({ link: 'verified_email' }, annIs('zoe@example.com'));
    await all.engine.accounts.addAuthenticator(testAuthenticator());
    const end = await all.browser.submit(await arrive(all), { password: 'right' });
    expect([end.status, end.view.code]).toEqual([403, 'session/factor']);
    expect([linked(all), await all.browser.session()]).toEqual([[], null]);
  });

  it.each([
    ['has no other way to sign in', 0, 'fake/ann', ''],
    ['has a passkey', 1, undefined, 'flow.source.link-first'],
  ])('of a user without a password who %s', async (_name, count, userId, reason) => {
    const all = world({ link: 'verified_email' }, annIs('zoe@example.com'));
    Object.assign(all.engine.directory, { hasPassword: () => Promise.resolve(false) });
    if (count > 0) {
      await all.engine.accounts.addAuthenticator(testAuthenticator({ kind: 'webauthn' }));
    }
    expect(reasonOf(await arrive(all))).toBe(reason);
    expect((await all.browser.session())?.userId).toBe(userId);
  });

  it('is linked at once if the operator trusts the provider’s addresses', async () => {
    const all = world({ link: 'trusted_email' }, annIs('zoe@example.com'));
    await arrive(all);
    expect([linked(all), (await all.browser.session())?.userId]).toEqual([
      ['zoe-1 fake/ann'],
      'fake/ann',
    ]);
  });

  it.each([
    ['the provider has not verified', { emailVerified: false }],
    ['has two domains', { email: 'zoe@evil.test@example.com' }],
    ['only reads like it', { email: '\uff5aoe@example.com' }],
    ['is missing', { email: null }],
  ])('that %s links nothing', async (_name, changes: Partial<SourceProfile>) => {
    const users = [testUser({ email: changes.email ?? 'zoe@example.com', emailVerified: true })];
    const all = world({ link: 'trusted_email' }, { users });
    all.source.profile = testProfile(changes);
    expect(reasonOf(await arrive(all))).toBe('flow.source.not-linked');
    expect(linked(all)).toEqual([]);
  });

  it('that the user has not verified here links nothing', async () => {
    const users = [testUser({ email: 'zoe@example.com', emailVerified: false })];
    const all = world({ link: 'trusted_email' }, { users });
    expect(reasonOf(await arrive(all))).toBe('flow.source.not-linked');
  });

  it('asks nothing more once the user types a name instead', async () => {
    const all = world({ link: 'verified_email' }, annIs('zoe@example.com'));
    await arrive(all);
    const [plan] = [...all.engine.plans.all.values()];
    expect(plan?.learned['source.pending']).toMatchObject({ userId: 'fake/ann' });
    await all.browser.signIn('/flow/login', 'ann');
    expect((await all.browser.session())?.userId).toBe('fake/ann');
    expect(linked(all)).toEqual([]);
  });
});

describe('an account without a user', () => {
  it('gets one where the operator says so', async () => {
    const all = world({ unknown: { kind: 'create' } });
    await arrive(all);
    const session = await all.browser.session();
    expect(await all.engine.directory.read(session?.userId ?? '')).toMatchObject({
      name: 'zoe',
      displayName: 'Zoe Example',
      email: 'zoe@example.com',
      emailVerified: true,
      groups: [],
    });
    expect(linked(all)).toEqual([`zoe-1 ${session?.userId}`]);
    // The second time is the same user.
    const other = { ...all, browser: flowBrowser(all.engine) };
    await arrive(other);
    expect((await other.browser.session())?.userId).toBe(session?.userId);
  });

  it('gets no user under a name that is taken', async () => {
    const all = world({ unknown: { kind: 'create' } });
    all.source.profile = testProfile({ username: 'ANN', email: null });
    const end = await arrive(all);
    expect([end.status, end.view.code]).toEqual([409, 'user/exists']);
    expect([linked(all), await all.browser.session()]).toEqual([[], null]);
  });

  it('is refused without a name', async () => {
    const all = world({ unknown: { kind: 'create' } });
    all.source.profile = testProfile({ username: null, emailVerified: false });
    expect(reasonOf(await arrive(all))).toBe('flow.source.not-linked');
  });

  it('whose user was deleted is a new account', async () => {
    const all = world({ unknown: { kind: 'create' } });
    link(all, 'fake/gone');
    await arrive(all);
    // Another run may be creating this user.
    expect(linked(all)).toEqual(['zoe-1 fake/gone']);
    all.engine.clock.advance(60_000);
    await arrive(all);
    const session = await all.browser.session();
    expect(linked(all)).toEqual([`zoe-1 ${session?.userId}`]);
    expect(session?.userId).not.toBe('fake/gone');
  });
});

const admit = (when: string): Partial<SourceRule> => ({
  admit: {
    match: 'all',
    bindings: [testBinding(true, { evaluate: expression.compile({ when }) })],
  },
});

describe('who may sign in', () => {
  it.each([
    ['domain(claims.email) == "example.com"', {}, true],
    ['domain(claims.email) == "example.com"', { email: 'zoe@example.org' }, false],
    ['domain(claims.email) == "example.com"', { emailVerified: false }, false],
    ['domain(claims.email) == "example.com"', { email: 'a@evil.test@example.com' }, false],
    [
      'domain(claims.email) == "example.com"',
      { email: null, claims: { email: 'a@example.com' } },
      false,
    ],
    ['claims.hd == "example.com"', { claims: { hd: 'example.com' } }, true],
    ['claims.hd == "example.com"', { claims: {} }, false],
    ['!("contractors" in claims.groups)', { groups: ['staff'] }, true],
    ['!("contractors" in claims.groups)', { groups: null, claims: { groups: ['staff'] } }, false],
    ['claims.email_verified', { emailVerified: false, claims: { email_verified: true } }, false],
    ['user.groups.exists(g, g == "staff")', { groups: ['staff'] }, true],
  ])('%s on %j', async (when, changes, isIn) => {
    const all = world(admit(when));
    link(all);
    all.source.profile = testProfile(changes);
    const seen = await arrive(all);
    expect((await all.browser.session()) !== null).toBe(isIn);
    expect(reasonOf(seen)).toBe(isIn ? '' : 'flow.source.not-admitted');
  });

  it('depends on groups at the provider, and refuses if it reports none', async () => {
    const evaluate = group.compile(group.config.parse({ any: ['contractors'] }));
    const bindings = [testBinding(true, { evaluate, negate: true })];
    const all = world({ admit: { match: 'all', bindings } });
    link(all);
    all.source.profile = testProfile({ groups: null });
    expect(reasonOf(await arrive(all))).toBe('flow.source.not-admitted');
    all.source.profile = testProfile({ groups: ['staff'] });
    await arrive(all);
    expect(await all.browser.session()).not.toBeNull();
  });

  it('is in the log with the policy’s reason', async () => {
    const all = world(admit('claims.hd == "example.com"'));
    await arrive(all);
    expect(all.engine.events.all).toContainEqual(
      expect.objectContaining({
        source: 'company',
        code: 'source/not-admitted',
        reasons: ['policy/error'],
      }),
    );
  });
});

describe('groups that a source manages', () => {
  const groups = {
    claim: null,
    map: new Map([['eng', ['engineers', 'staff']]]),
    only: new Set(['oncall']),
  };

  it('are what it says, and others remain', async () => {
    const users = [testUser({ groups: ['oncall', 'board'] })];
    const all = world({ groups }, { users });
    link(all);
    all.source.profile = testProfile({ groups: ['eng', 'admins', 'board'] });
    await arrive(all);
    const ann = await all.engine.directory.read('fake/ann');
    expect(ann?.groups).toEqual(['board', 'engineers', 'staff']);
  });

  it('are gone if it says nothing', async () => {
    const all = world({ groups }, { users: [testUser({ groups: ['oncall', 'board'] })] });
    link(all);
    await arrive(all);
    expect((await all.engine.directory.read('fake/ann'))?.groups).toEqual(['board']);
  });

  it('count for the stages that follow', async () => {
    const isStaff = testBinding(true, {
      evaluate: ({ user }) => ({
        pass: user?.groups.includes('staff') === true,
        reason: { code: 'dummy/staff' },
      }),
    });
    const flow = testFlow('login', [
      { type: 'identification', sources: 'all' },
      { type: 'password' },
      { type: 'deny', text: 'no staff', policies: { match: 'all', bindings: [isStaff] } },
      { type: 'user_login' },
    ]);
    const all = world({ groups }, { flows: [flow] });
    link(all);
    all.source.profile = testProfile({ groups: ['eng'] });
    const end = await arrive(all);
    expect([end.status, await all.browser.session()]).toEqual([403, null]);
  });
});

describe('a second factor at the provider', () => {
  it.each([
    [{ amr: ['pwd', 'mfa'] }, ['source', 'source_mfa']],
    [{ acr: 'gold' }, ['source', 'source_mfa']],
    [{ amr: ['pwd'] }, ['source']],
    [{ amr: 'mfa' }, ['source']],
    [{}, ['source']],
  ])('with %j gives the methods %j', async (claims, methods) => {
    const all = world({ secondFactor: { amr: ['mfa', 'otp'], acr: ['gold'] } });
    link(all);
    all.source.profile = testProfile({ claims });
    await arrive(all);
    const session = await all.browser.session();
    expect(session?.proofs.map(({ method }) => method)).toEqual(methods);
  });

  it('does not count unless the operator says so', async () => {
    const all = world();
    link(all);
    all.source.profile = testProfile({ claims: { amr: ['mfa'] } });
    await arrive(all);
    expect((await all.browser.session())?.proofs.length).toBe(1);
  });
});

describe('a signed-in user', () => {
  it('links an account', async () => {
    const all = world();
    await all.browser.signIn();
    await arrive(all, 'connect');
    expect(linked(all)).toEqual(['zoe-1 fake/ann']);
    expect(all.engine.events.all).toContainEqual(
      expect.objectContaining({ type: 'account', change: 'source/linked', userId: 'fake/ann' }),
    );
  });

  it('links none long after the sign-in', async () => {
    const all = world();
    await all.browser.signIn();
    all.engine.clock.advance(11 * 60_000);
    const end = await arrive(all, 'connect');
    expect([end.view.code, linked(all)]).toEqual(['session/stale', []]);
  });

  it('links none by a password alone if a second factor protects the user', async () => {
    const all = world();
    await all.engine.accounts.addAuthenticator(testAuthenticator());
    await all.browser.signIn();
    const end = await arrive(all, 'connect');
    expect([end.view.code, linked(all)]).toEqual(['session/factor', []]);
  });

  it('cannot take the account of another user', async () => {
    const users = [testUser(), testUser({ id: 'fake/bob', name: 'bob' })];
    const all = world({}, { users });
    link(all, 'fake/bob');
    await all.browser.signIn();
    expect(reasonOf(await arrive(all, 'connect'))).toBe('flow.source.other-user');
    expect(linked(all)).toEqual(['zoe-1 fake/bob']);
    expect((await all.browser.session())?.userId).toBe('fake/ann');
  });

  it('is not proved again by a source that cannot say whether they are present', async () => {
    const all = world();
    link(all);
    Object.assign(all.source, { provesAge: false });
    await arrive(all);
    expect(reasonOf(await arrive(all))).toBe('flow.source.age-unknown');
  });
});
