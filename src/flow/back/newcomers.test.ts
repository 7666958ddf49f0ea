import { describe, expect, it } from 'vitest';
import {
  type EngineWords,
  flowBrowser,
  flowEngine,
  type Seen,
  type StageWords,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { fakeSource, ISSUER, testProfile, testRule } from '../../../test/support/fake-source.ts';
import { testUser } from '../../../test/support/fakes.ts';
import type { SourceRule } from '../../core/sources/source-rule.ts';
import type { SourceProfile } from '../../core/sources/source.ts';

const LOGIN = testFlow('login', [
  { type: 'identification', sources: 'all' },
  { type: 'password' },
  { type: 'user_login' },
]);
const PROMPT: StageWords = {
  type: 'prompt',
  fields: [
    { type: 'username', name: 'username', value: { from: 'source.username' } },
    {
      type: 'text',
      name: 'display_name',
      label: 'Name',
      value: { from: 'source.display_name' },
      required: false,
    },
    {
      type: 'text',
      name: 'locale',
      label: 'Locale',
      value: { from: 'source.claims.ui.locale' },
      required: false,
    },
    { type: 'email', name: 'email', value: { from: 'source.email' }, required: false },
  ],
};
const WRITE: StageWords = {
  type: 'user_write',
  create: 'always',
  fields: { name: 'username', display_name: 'display_name', email: 'email' },
};
const JOIN = testFlow('welcome', [PROMPT, WRITE, { type: 'user_login' }], {
  designation: 'enrollment',
  requires: 'source',
});

function world(
  { join = JOIN, ...words }: EngineWords & { readonly join?: typeof JOIN } = {},
  rule: Partial<SourceRule> = {},
  profile: Partial<SourceProfile> = {},
) {
  const source = fakeSource();
  source.profile = testProfile(profile);
  const unknown = { kind: 'flow', flow: 'welcome' } as const;
  const sources = [{ source, rule: testRule({ unknown, ...rule }) }];
  const engine = flowEngine({ flows: [LOGIN, join], sources, ...words });
  return { engine, source, browser: flowBrowser(engine) };
}
type World = ReturnType<typeof world>;

/** Leaves for the provider; the path with which it sends the browser back. */
async function visit({ browser, source }: World, rd = ''): Promise<string> {
  const page = await browser.open(`/flow/login?as=other${rd}`);
  const left = await browser.submit(page, { login: '', source: 'company' });
  expect(left.location.startsWith(ISSUER)).toBe(true);
  return `/flow/login/back?${source.answer(-1)}`;
}

async function follow({ browser }: World, path: string): Promise<Seen> {
  let seen = await browser.open(path);
  while (seen.location.startsWith('/flow/')) seen = await browser.open(seen.location);
  return seen;
}

const arrive = async (all: World): Promise<Seen> => follow(all, await visit(all));
const names = async ({ engine }: World): Promise<readonly string[]> => {
  const found = ['ann', 'zoe', 'zed'].map((name) => engine.directory.find(name, ['username']));
  return (await Promise.all(found)).flatMap((user) => (user === null ? [] : [user.name]));
};
const links = ({ engine }: World) =>
  engine.links.all.map(({ subject, userId }) => [subject, userId]);

describe('an account without a user', () => {
  it('leads into the flow, with what the provider says, and creates nothing yet', async () => {
    const all = world({}, {}, { claims: { ui: { locale: 'de' } } });
    const page = await arrive(all);
    expect(page.view.flow.name).toBe('welcome');
    const shown = page.view.challenge.fields.map((one: { value?: string }) => one.value);
    expect(shown).toEqual(['zoe', 'Zoe Example', 'de', 'zoe@example.com']);
    expect([await names(all), links(all), await all.browser.session()]).toEqual([
      ['ann'],
      [],
      null,
    ]);
  });

  it('becomes a user who is linked to it and signed in, at the destination', async () => {
    const all = world();
    const rd = encodeURIComponent('https://wiki.example.com/x');
    const page = await follow(all, await visit(all, `&rd=${rd}`));
    const end = await all.browser.submit(page, { username: 'Zed', email: 'zoe@example.com' });
    expect(end.location).toBe('https://wiki.example.com/x');
    const session = await all.browser.session();
    expect(session?.proofs.map(({ method }) => method)).toEqual(['source']);
    // The provider can end it.
    expect(session?.source).toBe('company');
    expect(await all.engine.directory.read(session?.userId ?? '')).toMatchObject({
      name: 'Zed',
      email: 'zoe@example.com',
      emailVerified: true,
      groups: [],
    });
    expect([links(all), session?.source]).toEqual([[['zoe-1', session?.userId]], 'company']);
    const changes = all.engine.events.all.flatMap((one) => ('change' in one ? [one.change] : []));
    expect(changes.slice(0, 2)).toEqual(['user/created', 'source/linked']);
    // From then on, the account signs its user in.
    const later = { ...all, browser: flowBrowser(all.engine) };
    await arrive(later);
    expect((await later.browser.session())?.userId).toBe(session?.userId);
  });

  it.each([
    ['the address that the provider has verified', {}, {}, 'zoe@example.com', true],
    ['it also without a field', {}, { email: '' }, 'zoe@example.com', true],
    ['another address unverified', {}, { email: 'zed@example.org' }, 'zed@example.org', false],
    [
      'an unverified address unverified',
      { emailVerified: false },
      { email: 'zoe@example.com' },
      'zoe@example.com',
      false,
    ],
  ])('gets %s', async (_, profile: Partial<SourceProfile>, typed, email, emailVerified) => {
    const all = world({}, {}, profile);
    const page = await arrive(all);
    await all.browser.submit(page, { username: 'zed', email: 'zoe@example.com', ...typed });
    const session = await all.browser.session();
    const user = await all.engine.directory.read(session?.userId ?? '');
    expect(user).toMatchObject({ email, emailVerified });
  });

  it('gets the groups of the source, whatever the flow says', async () => {
    const join = testFlow(
      'welcome',
      [PROMPT, { ...WRITE, groups: ['admins'] }, { type: 'user_login' }],
      { requires: 'source' },
    );
    const groups = { claim: null, map: new Map(), only: new Set(['staff']) };
    const all = world({ join }, { groups }, { groups: ['staff', 'admins'] });
    await all.browser.submit(await arrive(all), { username: 'zed' });
    const session = await all.browser.session();
    const user = await all.engine.directory.read(session?.userId ?? '');
    expect(user?.groups).toEqual(['staff']);
  });

  it('shows a taken username on the form, and stays where it was', async () => {
    const all = world();
    const page = await arrive(all);
    const again = await all.browser.submit(page, { username: 'ann', email: '' });
    expect(again.view.challenge.fields[0].error).toEqual({ key: 'prompt.username.taken' });
    await all.browser.submit(again, { username: 'zed', email: '' });
    expect(await names(all)).toEqual(['ann', 'zed']);
  });

  it('can have its verified address as a name, and no other address', async () => {
    const join = testFlow(
      'welcome',
      [
        {
          type: 'prompt',
          fields: [{ type: 'username', name: 'username', value: { from: 'source.username' } }],
        },
        { type: 'user_write', create: 'always', fields: { name: 'username' } },
        { type: 'user_login' },
      ],
      { requires: 'source' },
    );
    const all = world({ join }, {}, { username: null });
    const page = await arrive(all);
    expect(page.view.challenge.fields[0].value).toBe('zoe@example.com');
    const again = await all.browser.submit(page, { username: 'ann@example.com' });
    expect(again.view.challenge.fields[0].error).toEqual({ key: 'prompt.username.address' });
    await all.browser.submit(again, { username: 'zoe@example.com' });
    expect(await all.browser.session()).not.toBeNull();
  });

  it('whose address belongs to a user must be linked by that user instead', async () => {
    const users = [testUser({ email: 'zoe@example.com', emailVerified: true })];
    const all = world({ users });
    const page = await arrive(all);
    expect(page.view.flow.name).toBe('login');
    expect(page.view.rejection.key).toBe('flow.source.link-first');
  });

  it('shows a second factor at the provider in the session', async () => {
    const secondFactor = { amr: ['mfa'], acr: [] };
    const all = world({}, { secondFactor }, { claims: { amr: ['mfa'] } });
    await all.browser.submit(await arrive(all), { username: 'zed', email: '' });
    const session = await all.browser.session();
    expect(session?.proofs.map(({ method }) => method)).toEqual(['source', 'source_mfa']);
  });

  it('starts over with its account after a rejected submission, where the flow says so', async () => {
    const join = testFlow(
      'welcome',
      [{ ...PROMPT, onInvalid: 'restart' }, WRITE, { type: 'user_login' }],
      { requires: 'source' },
    );
    const all = world({ join });
    const again = await all.browser.submit(await arrive(all), { username: 'ann', email: '' });
    expect(again.view.challenge.type).toBe('prompt');
    await all.browser.submit(again, { username: 'zed', email: '' });
    const session = await all.browser.session();
    expect(links(all)).toEqual([['zoe-1', session?.userId]]);
    expect([session?.proofs.length, session?.source]).toEqual([1, 'company']);
  });
});

describe('the flow for accounts without a user', () => {
  it('cannot be started by anyone', async () => {
    const all = world();
    const seen = await all.browser.open('/flow/welcome');
    expect([seen.status, seen.view.code]).toEqual([403, 'flow/source']);
    expect(seen.view.primary.href).toBe('https://auth.example.com/');
  });

  it('is not open to a form with the seed of another flow', async () => {
    const all = world();
    const page = await all.browser.open('/flow/login');
    const forged = { ...page, view: { ...page.view, action: '/flow/welcome' } };
    const end = await all.browser.submit(forged, { username: 'zed', email: '' });
    expect([end.status, await names(all)]).toEqual([403, ['ann']]);
  });

  it.each([
    ['refuses accounts without a user', { unknown: { kind: 'refuse' } }],
    ['creates users by itself', { unknown: { kind: 'create' } }],
    ['leads into another flow', { unknown: { kind: 'flow', flow: 'other' } }],
    ['is gone', null],
  ] as const)('ends for runs under way once the source %s', async (_, change) => {
    const all = world();
    const page = await arrive(all);
    const found = all.engine.sources.all.pop();
    if (found !== undefined && change !== null) {
      all.engine.sources.all.push({ ...found, rule: { ...found.rule, ...change } });
    }
    const end = await all.browser.submit(page, { username: 'zed', email: '' });
    expect([end.status, end.view.code]).toEqual([403, 'flow/source']);
    expect([await names(all), links(all), await all.browser.session()]).toEqual([
      ['ann'],
      [],
      null,
    ]);
  });

  it('is not open to another browser', async () => {
    const all = world();
    const page = await arrive(all);
    const thief = flowBrowser(all.engine);
    const seen = await thief.open(`/flow/welcome?plan=${page.view.hidden.plan}`);
    expect(seen.location).toContain('notice=restarted');
    const posted = await thief.submit(page, { username: 'zed', email: '' });
    expect([posted.status >= 400 || posted.view === null, await names(all)]).toEqual([
      true,
      ['ann'],
    ]);
  });

  it('goes on in its place when the answer arrives twice or the browser goes back', async () => {
    const all = world();
    const path = await visit(all);
    const page = await follow(all, path);
    const again = await follow(all, path);
    expect(again.view.flow.name).toBe('welcome');
    expect([again.view.hidden.plan, all.source.redeemed.length]).toEqual([
      page.view.hidden.plan,
      1,
    ]);
    await all.browser.submit(again, { username: 'zed', email: '' });
    expect(await names(all)).toEqual(['ann', 'zed']);
    expect((await follow(all, path)).location).toBe('https://auth.example.com/');
  });

  it('creates one user for one account, in whichever tab is first', async () => {
    const all = world();
    const other = { ...all, browser: flowBrowser(all.engine) };
    const [mine, theirs] = [await arrive(all), await arrive(other)];
    await all.browser.submit(mine, { username: 'zoe', email: '' });
    const end = await other.browser.submit(theirs, { username: 'zed', email: '' });
    expect([end.status, end.view.code]).toEqual([409, 'source/linked']);
    expect([await names(all), links(all).length]).toEqual([['ann', 'zoe'], 1]);
    expect(await other.browser.session()).toBeNull();
  });

  it('creates one user for one account when both tabs are sent at once', async () => {
    const all = world();
    const other = { ...all, browser: flowBrowser(all.engine) };
    const [mine, theirs] = [await arrive(all), await arrive(other)];
    const ends = await Promise.all([
      all.browser.submit(mine, { username: 'zoe', email: '' }),
      other.browser.submit(theirs, { username: 'zed', email: '' }),
    ]);
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set([303, 409]));
    expect([(await names(all)).length, links(all).length]).toEqual([2, 1]);
  });

  it('leaves no link behind if the user cannot be created', async () => {
    const all = world();
    const page = await arrive(all);
    all.engine.users.create = () => Promise.reject(new Error('disk full'));
    const end = await all.browser.submit(page, { username: 'zed', email: '' });
    expect([end.status, links(all), await all.browser.session()]).toEqual([500, [], null]);
  });

  it('enters no flow that does not require a source', async () => {
    const all = world({ join: testFlow('welcome', [PROMPT]) });
    const end = await arrive(all);
    expect([end.status, links(all)]).toEqual([500, []]);
  });
});

describe('a flow that also verifies the address', () => {
  const join = testFlow(
    'welcome',
    [PROMPT, WRITE, { type: 'email_code', enables: true }, { type: 'user_login' }],
    { requires: 'source' },
  );

  it('creates and links the user once the code was entered', async () => {
    const all = world({ join }, {}, { emailVerified: false });
    const page = await all.browser.submit(await arrive(all), {
      username: 'zed',
      email: 'zed@example.org',
    });
    expect([await names(all), links(all)]).toEqual([['ann'], []]);
    const code = all.engine.emails.all.at(-1)?.values['code'] ?? '';
    await all.browser.submit(page, { code });
    const session = await all.browser.session();
    expect(await all.engine.directory.read(session?.userId ?? '')).toMatchObject({
      name: 'zed',
      email: 'zed@example.org',
      emailVerified: true,
    });
    expect(links(all)).toEqual([['zoe-1', session?.userId]]);
  });
});
