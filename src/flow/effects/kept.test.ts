import { describe, expect, it } from 'vitest';
import { fakeSource, ISSUER, testProfile, testRule } from '../../../test/support/fake-source.ts';
import { START } from '../../../test/support/fakes.ts';
import {
  flowBrowser,
  flowEngine,
  LOGOUT,
  type Seen,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import type { SourceRule } from '../../core/sources/source-rule.ts';

const LOGIN = testFlow('login', [
  { type: 'identification', sources: 'all' },
  { type: 'password' },
  { type: 'message', title: 'Welcome', text: 'Go on.' },
  { type: 'user_login' },
]);

/** ann, whose account at the source is zoe's. */
function world(rule: Partial<SourceRule> = { recheck: 3_600_000, signOut: true }) {
  const source = fakeSource();
  source.profile = testProfile({ sid: 'visit-1', refreshToken: 'refresh', idToken: 'id' });
  const sources = [{ source, rule: testRule(rule) }];
  const engine = flowEngine({ flows: [LOGIN, LOGOUT], sources });
  const userId = 'fake/ann';
  const link = { issuer: ISSUER, subject: 'zoe-1', userId, source: 'company' };
  engine.links.all.push({ ...link, createdAt: START, lastUsedAt: null });
  const browser = flowBrowser(engine);
  /** As far as the page before the session. */
  const arrive = async (): Promise<Seen> => {
    const page = await browser.open('/flow/login?as=other');
    await browser.post(page, { login: '', source: 'company' });
    let seen = await browser.open(`/flow/login/back?${source.answer(-1)}`);
    while (seen.location.startsWith('/flow/')) seen = await browser.open(seen.location);
    return seen;
  };
  const signIn = async (): Promise<Seen> => browser.submit(await arrive());
  const kept = () => [...engine.sourceSessions.all.values()].map((one) => one.kept);
  return { engine, source, browser, arrive, signIn, kept };
}

describe('a session that a source vouched for', () => {
  it('keeps what is needed to ask again and to sign out', async () => {
    const { engine, browser, signIn, kept } = world();
    await signIn();
    expect(await browser.session()).toMatchObject({ source: 'company' });
    // The run forgets its tokens.
    expect(JSON.stringify([...engine.plans.all.values()])).not.toMatch(/"refresh"|"id"\}/);
    expect(kept()).toMatchObject([
      { subject: 'zoe-1', sid: 'visit-1', refreshToken: 'refresh', idToken: 'id' },
    ]);
  });

  it('keeps no token that nothing needs, and none that is too long', async () => {
    const bare = world({});
    await bare.signIn();
    expect(bare.kept()).toMatchObject([{ refreshToken: null, idToken: null, sid: 'visit-1' }]);
    const long = world();
    long.source.profile = testProfile({
      refreshToken: 'x'.repeat(4097),
      idToken: 'x'.repeat(4097),
    });
    await long.signIn();
    expect(long.kept()).toMatchObject([{ refreshToken: null, idToken: null }]);
  });

  it('hands it on when its user enters the password again', async () => {
    const { engine, browser, signIn, kept } = world();
    await signIn();
    const before = await browser.session();
    await browser.submit(await browser.signIn('/flow/login?as=same'));
    const after = await browser.session();
    expect(after?.id).not.toBe(before?.id);
    expect(after).toMatchObject({ source: 'company' });
    expect(engine.sourceSessions.all.has(after?.id ?? '')).toBe(true);
    expect(kept().at(-1)).toMatchObject({ refreshToken: 'refresh' });
  });

  it('keeps its refresh token at a sign-in for which the provider issues none', async () => {
    const { source, signIn, kept } = world();
    await signIn();
    source.profile = { ...source.profile, refreshToken: null, idToken: 'another' };
    await signIn();
    expect(kept().at(-1)).toMatchObject({ refreshToken: 'refresh', idToken: 'another' });
  });

  it('does not begin once the provider has withdrawn the sign-in', async () => {
    const { engine, browser, arrive } = world();
    const page = await arrive();
    const about = { source: 'company', issuer: ISSUER, subject: 'zoe-1', sid: 'visit-1' };
    await engine.sourceSessions.withdraw(about);
    const end = await browser.submit(page);
    expect(await browser.session()).toBeNull();
    expect(end.text).toContain('flow.problem.source/withdrawn');
  });
});

const signOut = async ({ browser }: ReturnType<typeof world>): Promise<Seen> =>
  browser.submit(await browser.open('/flow/logout'));

describe('a sign-out of a session that a source vouched for', () => {
  it('leads to the provider, with the run to come back to', async () => {
    const all = world();
    const asked: unknown[] = [];
    all.source.signOutUrl = (options) => {
      asked.push(options);
      return Promise.resolve(`${ISSUER}/end`);
    };
    await all.signIn();
    const left = await signOut(all);
    expect(left.location).toBe(`${ISSUER}/end`);
    expect(await all.browser.session()).toBeNull();
    const returnTo = `${all.engine.live.current.site.origin}/source/company/signed-out`;
    expect(asked).toEqual([{ idToken: 'id', returnTo, state: expect.any(String) }]);
  });

  it.each<[string, Partial<SourceRule>, () => Promise<string | null>]>([
    ['without the option', { signOut: false }, () => Promise.resolve(`${ISSUER}/end`)],
    ['at a provider that offers none', { signOut: true }, () => Promise.resolve(null)],
    ['at a provider that is away', { signOut: true }, () => Promise.reject(new Error('away'))],
    ['at another origin', { signOut: true }, () => Promise.resolve('https://evil.test/')],
  ])('stays here %s', async (_, rule, url) => {
    const all = world(rule);
    all.source.signOutUrl = url;
    await all.signIn();
    const end = await signOut(all);
    expect(end.location).not.toMatch(/evil|login\.example\.net/);
    expect(await all.browser.session()).toBeNull();
  });
});
