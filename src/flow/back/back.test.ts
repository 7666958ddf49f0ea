import { describe, expect, it } from 'vitest';
import {
  type EngineWords,
  flowBrowser,
  flowEngine,
  LOGOUT,
  type Seen,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { fakeSource, ISSUER, testProfile, testRule } from '../../../test/support/fake-source.ts';
import { START, testUser } from '../../../test/support/fakes.ts';

const WIKI = 'https://wiki.example.com/page';
const LOGIN = testFlow('login', [
  { type: 'identification', sources: 'all' },
  { type: 'password' },
  { type: 'user_login' },
]);
const OTHER = testFlow('other', [{ type: 'source', source: 'company' }, { type: 'user_login' }]);

/** An engine with the source `company`, whose account of zoe belongs to ann. */
function world(words: EngineWords = {}) {
  const source = fakeSource();
  const sources = [{ source, rule: testRule() }];
  const engine = flowEngine({ flows: [LOGIN, OTHER, LOGOUT], sources, ...words });
  engine.links.all.push({
    issuer: ISSUER,
    subject: 'zoe-1',
    userId: 'fake/ann',
    source: 'company',
    createdAt: START,
    lastUsedAt: null,
  });
  return { engine, source, browser: flowBrowser(engine) };
}

type World = ReturnType<typeof world>;

/** Opens the login and leaves for the provider. */
async function leave({ browser }: World, path = `/flow/login?rd=${WIKI}`): Promise<Seen> {
  return browser.post(await browser.open(path), { login: '', source: 'company' });
}

const back = (answer: string, flow = 'login'): string => `/flow/${flow}/back?${answer}`;

/** A form that the provider makes the browser send. */
const post = (all: World, answer: string) =>
  all.browser.send('/flow/login/back', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: ISSUER,
      'sec-fetch-site': 'cross-site',
      // SameSite=Lax: the browser leaves our cookies out.
      cookie: '',
    },
    body: answer,
  });

/** Signs in, to the page or the end that follows. */
async function arrive(all: World): Promise<Seen> {
  await leave(all);
  let seen = await all.browser.open(back(all.source.answer(-1)));
  while (seen.location.startsWith('/flow/')) seen = await all.browser.open(seen.location);
  return seen;
}

const reasonOf = (seen: Seen): string => seen.view.rejection?.key ?? '';

describe('signing in with a source', () => {
  it('sends the browser to the provider and signs its user in on return', async () => {
    const all = world();
    const { engine, source, browser } = all;
    const left = await leave(all);
    expect([left.status, left.location.startsWith(`${ISSUER}/authorize?`)]).toEqual([303, true]);
    expect(source.visits).toMatchObject([
      { redirectUri: 'https://auth.example.com/flow/login/back', prompt: null, maxAge: null },
    ]);
    const end = await browser.open(back(source.answer(0)));
    expect([end.status, end.location]).toEqual([303, WIKI]);
    expect(await browser.session()).toMatchObject({
      userId: 'fake/ann',
      proofs: [{ method: 'source' }],
    });
    expect(engine.links.all[0]).toMatchObject({ lastUsedAt: START, source: 'company' });
    expect(engine.events.all).toContainEqual(
      expect.objectContaining({
        type: 'sign-in',
        method: 'source',
        result: 'right',
        source: 'company',
        code: null,
      }),
    );
  });

  it('gives a user who is named afterwards nothing of the account', async () => {
    const twice = testFlow('login', [
      { type: 'identification', sources: 'all' },
      { type: 'identification' },
      { type: 'password' },
      { type: 'user_login' },
    ]);
    const ben = testUser({ id: 'fake/ben', name: 'ben', email: 'ben@example.com' });
    const all = world({ flows: [twice, LOGOUT], users: [testUser(), ben] });
    await leave(all);
    const page = await all.browser.open(back(all.source.answer(0)));
    let seen = await all.browser.open(page.location);
    seen = await all.browser.post(seen, { login: 'ben' });
    seen = await all.browser.open(seen.location);
    await all.browser.post(seen, { password: 'right' });
    const session = await all.browser.session();
    expect(session).toMatchObject({ userId: 'fake/ben', proofs: [{ method: 'password' }] });
    // Otherwise the provider would vouch for this session, and decide about its user's groups.
    expect(session?.source).toBeUndefined();
    expect(all.engine.sourceSessions.all.size).toBe(0);
  });

  it('allows the form to lead to the provider, and to no other site', async () => {
    const { browser } = world();
    const policy = (await browser.open('/flow/login')).headers.get('content-security-policy');
    expect(policy).toContain(`form-action 'self' ${ISSUER};`);
  });

  it('goes to no origin that is not the source’s own', async () => {
    const all = world();
    all.source.leadsTo = 'https://evil.example';
    const left = await leave(all);
    expect([left.status, left.location, left.view.code]).toEqual([500, '', 'source/origin']);
  });

  it('writes nothing before the user chooses a source', async () => {
    const { engine, browser } = world();
    await browser.open('/flow/login');
    await browser.open('/flow/other');
    expect(engine.plans.writes).toBe(0);
  });

  it('shows the form again to a user who comes back without an answer', async () => {
    const all = world();
    await leave(all);
    const [plan] = [...all.engine.plans.all.values()];
    const page = await all.browser.open(`/flow/login?plan=${plan?.id}`);
    expect(page.view.challenge.type).toBe('identification');
  });

  it('shows the form, and no warning of a loop, to a user who starts again', async () => {
    const all = world();
    await leave(all);
    const page = await all.browser.open(`/flow/login?rd=${WIKI}`);
    expect(page.view.challenge.type).toBe('identification');
  });

  it('asks the provider to sign a signed-in user in again', async () => {
    const all = world();
    await leave(all);
    await all.browser.open(back(all.source.answer(0)));
    await leave(all, '/flow/login?as=same');
    expect(all.source.visits[1]).toMatchObject({ prompt: 'login', maxAge: 0 });
  });
});

describe('an answer of a source', () => {
  it('counts only in the browser that left', async () => {
    const all = world();
    await leave(all);
    const victim = flowBrowser(all.engine, '198.51.100.9');
    await victim.open('/flow/login');
    for (const browser of [victim, flowBrowser(all.engine)]) {
      const seen = await browser.open(back(all.source.answer(0)));
      expect([seen.status, seen.view.code]).toEqual([403, 'source/other-browser']);
    }
    expect([all.source.redeemed, await victim.session()]).toEqual([[], null]);
    // The browser that left is not affected.
    expect((await all.browser.open(back(all.source.answer(0)))).location).toBe(WIKI);
  });

  it('counts once', async () => {
    const all = world();
    await leave(all);
    const answer = back(all.source.answer(0));
    await all.browser.open(answer);
    const again = await all.browser.open(answer);
    expect([again.status, again.location]).toEqual([303, WIKI]);
    expect([all.source.redeemed.length, again.cookies]).toEqual([1, []]);
  });

  it('counts once, however many arrive at the same moment', async () => {
    const all = world();
    await leave(all);
    const answer = back(all.source.answer(0));
    const ends = await Promise.all([1, 2, 3].map(() => all.browser.open(answer)));
    expect(all.source.redeemed.length).toBe(1);
    expect(ends.map((end) => end.location)).toEqual([WIKI, WIKI, WIKI]);
    expect((await all.engine.sessions.list('fake/ann')).length).toBe(1);
  });

  it('with a state of another visit changes nothing', async () => {
    const all = world();
    await leave(all);
    const first = all.source.answer(0);
    const [plan] = [...all.engine.plans.all.values()];
    await all.browser.post(await all.browser.open(`/flow/login?plan=${plan?.id}`), {
      login: '',
      source: 'company',
    });
    const late = await all.browser.open(back(first));
    expect(late.location).toContain(`plan=${plan?.id}`);
    const mixed = all.source.answer(0, { state: all.source.visits[1]?.state ?? '' });
    const seen = await all.browser.open(back(mixed));
    expect(all.source.redeemed).toEqual([]);
    expect(await all.browser.session()).toBeNull();
    expect((await all.browser.open(seen.location)).view.rejection).toMatchObject({
      key: 'flow.source.refused',
    });
  });

  it('for another flow is refused there', async () => {
    const all = world();
    await leave(all);
    const seen = await all.browser.open(back(all.source.answer(0), 'other'));
    expect([seen.status, seen.view.code]).toEqual([403, 'source/other-browser']);
    expect(all.source.redeemed).toEqual([]);
  });

  it('of one tab ends the run of that tab alone', async () => {
    const all = world();
    await leave(all);
    await leave(all, '/flow/login');
    const second = await all.browser.open(back(all.source.answer(1)));
    expect(second.location).toBe('https://auth.example.com/');
    const [first] = [...all.engine.plans.all.values()];
    expect(first?.state).toBe('running');
  });

  it('too late is refused', async () => {
    const all = world();
    await leave(all);
    const answer = all.source.answer(0);
    all.engine.clock.advance(31 * 60_000);
    const seen = await all.browser.open(back(answer));
    expect(await all.browser.session()).toBeNull();
    expect(all.source.redeemed).toEqual([]);
    expect(seen.status).toBe(303);
  });

  it.each([
    ['nothing', ''],
    ['no state', 'code=x'],
    ['a state that is none of ours', 'code=x&state=../../etc'],
    ['a state of an unknown plan', `code=x&state=${'A'.repeat(22)}.${'B'.repeat(22)}`],
    ['a repeated state', 'code=x&state=a&state=b'],
    ['too many parameters', Array.from({ length: 20 }, (_, i) => `p${i}=1`).join('&')],
    ['a sealed answer that is not ours', 'answer=AAAA'],
    ['markup', 'state=%3Cscript%3Ealert(1)%3C/script%3E&error=%3Cx%22%27%3E'],
  ])('that is %s is refused without a lookup of secrets', async (_name, answer) => {
    const all = world();
    await leave(all);
    const seen = await all.browser.open(back(answer));
    expect([seen.status, seen.view.code]).toEqual([403, 'source/other-browser']);
    expect(seen.text).not.toContain('<script');
    expect(seen.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('leaves no code in a Referer', async () => {
    const all = world();
    await leave(all);
    const seen = await all.browser.open(back(all.source.answer(0)));
    expect(seen.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('never leads to an address of its own', async () => {
    const all = world();
    await leave(all);
    const evil = 'https://evil.example/';
    const answer = all.source.answer(0, { rd: evil, redirect_uri: evil, return_to: evil });
    expect((await all.browser.open(back(answer))).location).toBe(WIKI);
  });

  it('is not taken with HEAD, nor by other methods', async () => {
    const all = world();
    await leave(all);
    const path = back(all.source.answer(0));
    const statuses = [];
    for (const method of ['HEAD', 'PUT', 'DELETE']) {
      statuses.push((await all.browser.send(path, { method })).status);
    }
    expect(statuses).toEqual([403, 405, 405]);
    expect(all.source.redeemed).toEqual([]);
  });

  it('cannot be submitted for a stage that did not ask for it', async () => {
    const all = world();
    await leave(all);
    const [plan] = [...all.engine.plans.all.values()];
    const page = await all.browser.open(`/flow/login?plan=${plan?.id}`);
    const seen = await all.browser.submit(page, { login: 'ann' });
    expect(seen.view.challenge.type).toBe('password');
    const late = await all.browser.open(back(all.source.answer(0)));
    expect(late.status).toBe(303);
    expect([all.source.redeemed, await all.browser.session()]).toEqual([[], null]);
  });
});

describe('an answer as a form from the provider', () => {
  it('is sent on to a GET that has the cookies, without its code', async () => {
    const all = world();
    await leave(all);
    const answer = all.source.answer(0, { user: '{"name":{"firstName":"Zoe"}}', id_token: 'x' });
    const seen = await post(all, answer);
    expect(seen.status).toBe(303);
    expect(seen.location).toMatch(/^\/flow\/login\/back\?answer=[\w-]+$/);
    expect(seen.location).not.toContain('code-of');
    expect([all.source.redeemed, seen.cookies]).toEqual([[], []]);
    expect((await all.browser.open(seen.location)).location).toBe(WIKI);
  });

  it('helps no other browser', async () => {
    const all = world();
    await leave(all);
    const { location } = await post(all, all.source.answer(0));
    const victim = flowBrowser(all.engine);
    await victim.open('/flow/login');
    expect((await victim.open(location)).view.code).toBe('source/other-browser');
    expect((await all.browser.open(location.replace('/login/', '/other/'))).status).toBe(403);
  });

  it.each([
    ['no state', 'code=x'],
    ['too much', `state=a&code=${'x'.repeat(4000)}`],
  ])('with %s is refused', async (_name, answer) => {
    const all = world();
    expect((await post(all, answer)).view.code).toBe('source/other-browser');
  });
});

describe('an account that a source vouches for', () => {
  it('without a user is refused', async () => {
    const all = world();
    all.source.profile = testProfile({ subject: 'other' });
    expect(reasonOf(await arrive(all))).toBe('flow.source.not-linked');
    expect(await all.browser.session()).toBeNull();
    expect(all.engine.events.all).toContainEqual(
      expect.objectContaining({
        type: 'sign-in',
        result: 'wrong',
        source: 'company',
        code: 'source/not-linked',
      }),
    );
  });

  it('with the subject of another issuer is another account', async () => {
    const all = world();
    all.source.profile = testProfile({ issuer: 'https://other.example.net' });
    expect(reasonOf(await arrive(all))).toBe('flow.source.not-linked');
  });

  it('of a disabled user is refused', async () => {
    const all = world();
    all.engine.directory.put(testUser({ disabled: true }));
    expect(reasonOf(await arrive(all))).toBe('flow.source.disabled');
    expect(await all.browser.session()).toBeNull();
  });

  it('of which the provider does not answer leaves the other ways open', async () => {
    const all = world();
    const page = await all.browser.open('/flow/login');
    all.source.isDown = true;
    const seen = await all.browser.submit(page, { login: '', source: 'company' });
    expect(reasonOf(seen)).toBe('flow.source.unavailable');
    expect(seen.view.challenge.type).toBe('identification');
    expect(all.engine.events.all).toContainEqual(
      expect.objectContaining({ result: 'unavailable', code: 'source/unavailable' }),
    );
  });

  it('that the user does not show is no failed attempt', async () => {
    const all = world();
    await leave(all);
    const state = all.source.visits[0]?.state ?? '';
    const query = new URLSearchParams({ error: 'access_denied', state }).toString();
    const seen = await all.browser.open((await all.browser.open(back(query))).location);
    expect(reasonOf(seen)).toBe('flow.source.denied');
    expect([...all.engine.throttle.counts.keys()].filter((key) => key.includes('source'))).toEqual(
      [],
    );
  });
});
