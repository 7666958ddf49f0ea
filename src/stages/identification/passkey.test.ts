import { describe, expect, it } from 'vitest';
import { fieldOf, methodsOf, olderPasskey, testPasskey } from '../../../test/support/factors.ts';
import { START, testUser } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine, type Seen, testFlow } from '../../../test/support/flow-fakes.ts';
import { domainWith } from '../../core/setup/domain.ts';
import {
  softwareAuthenticator,
  type Tricks,
} from '../../../test/support/software-authenticator.ts';

const WRONG = { key: 'identification.passkey.wrong' };
const flowWith = (options: Record<string, unknown>, id = 'identification') =>
  testFlow('login', [
    { type: 'identification', id, ...options },
    { type: 'password' },
    { type: 'user_login' },
  ]);

/** The first page of a sign-in with passkeys, and a device with Ann's passkey. */
async function open(options: Record<string, unknown> = {}, user = testUser()) {
  const device = softwareAuthenticator({ synced: true });
  const engine = flowEngine({ flows: [flowWith({ passkey: true, ...options })], users: [user] });
  engine.accounts.all.authenticators = [await testPasskey(device)];
  const browser = flowBrowser(engine);
  const page = await browser.open('/flow/login');
  const answer = (tricks: Tricks = {}) => device.get(fieldOf(page, 'passkey').options, tricks);
  return { engine, device, browser, page, answer };
}

describe('identification with passkeys', () => {
  it('offers them in the autofill of the username and by a button, listing none', async () => {
    const { engine, page } = await open();
    expect(fieldOf(page, 'login').autocomplete).toBe('username webauthn');
    expect(fieldOf(page, 'passkey')).toMatchObject({
      ceremony: 'get',
      conditional: true,
      options: { rpId: 'auth.example.com', allowCredentials: [], userVerification: 'required' },
    });
    expect(engine.plans.writes).toBe(0);
  });

  it('signs in without a name and without a password', async () => {
    const { engine, browser, page, answer } = await open();
    const end = await browser.submit(page, { login: '', passkey: answer() });
    expect(end.location).toBe('https://auth.example.com/');
    expect(await methodsOf(browser)).toEqual(['webauthn']);
    expect((await browser.session())?.userId).toBe('fake/ann');
    expect(engine.accounts.all.authenticators[0]?.lastUsedAt).toBe(START);
  });

  it('uses the passkey, whatever username was entered', async () => {
    const { browser, page, answer } = await open();
    await browser.submit(page, { login: 'another', passkey: answer() });
    expect((await browser.session())?.userId).toBe('fake/ann');
  });

  it('is no username that could be saved', async () => {
    const { browser, page, answer } = await open({ remember_username: true });
    await browser.submit(page, { login: 'another', passkey: answer() });
    expect(await browser.session()).not.toBeNull();
    expect([...browser.jar.keys()].filter((name) => name.includes('username'))).toEqual([]);
  });

  it('still accepts usernames, and then requires the password', async () => {
    const { browser, page } = await open();
    const next = await browser.submit(page, { login: 'ann', passkey: '' });
    expect(next.view.challenge.type).toBe('password');
    await browser.submit(next, { password: 'right' });
    expect(await methodsOf(browser)).toEqual(['password']);
  });

  const tricks: [string, Tricks][] = [
    ['another origin', { origin: 'https://auth.example.org' }],
    ['another relying party', { rpId: 'example.com' }],
    ['another challenge', { challenge: 'x' }],
    ['an owner not verified', { verified: false }],
    ['another key', { forged: true }],
    ['no handle', { userHandle: null }],
    ['the handle of another user', { userHandle: 'passkey-user:fake/bob' }],
  ];
  it.each(tricks)('refuses %s', async (_what, trick) => {
    const { browser, page, answer } = await open();
    const again = await browser.submit(page, { passkey: answer(trick) });
    expect(again.view.challenge.type).toBe('identification');
    expect(again.view.rejection).toEqual(WRONG);
    expect(await browser.session()).toBeNull();
  });

  it('refuses unknown passkeys and those of disabled and deleted users with the same message', async () => {
    const unknown = await open();
    unknown.engine.accounts.all.authenticators = [];
    const disabled = await open({}, testUser({ disabled: true }));
    const deleted = await open();
    deleted.engine.directory.remove('fake/ann');
    for (const { browser, page, answer } of [unknown, disabled, deleted]) {
      const again = await browser.submit(page, { passkey: answer() });
      expect(again.view.rejection).toEqual(WRONG);
      expect(fieldOf(again, 'login').value).toBeUndefined();
      expect(await browser.session()).toBeNull();
    }
  });

  it('accepts each challenge once, also from a page that was never stored', async () => {
    const { engine, browser, page, answer } = await open();
    const right = answer();
    const results = await Promise.all(
      Array.from({ length: 10 }, () => browser.post(page, { passkey: right })),
    );
    expect(results.every((seen) => seen.status === 303)).toBe(true);
    expect([...engine.marks.taken.keys()].filter((key) => key.startsWith('passkey:'))).toHaveLength(
      1,
    );
    expect(await engine.sessions.count()).toBe(1);
    const thief = flowBrowser(engine);
    const own = await thief.open('/flow/login');
    await thief.submit(own, { passkey: right });
    expect(await thief.session()).toBeNull();
  });

  it('accepts none if they are not offered', async () => {
    const { engine, device } = await open();
    const plain = flowWith({}, 'plain');
    engine.live.current = { ...engine.live.current, flows: new Map([['login', plain]]) };
    const browser = flowBrowser(engine);
    const page = await browser.open('/flow/login');
    const again = await browser.submit(page, {
      login: 'ann',
      passkey: device.get({ challenge: 'x' }),
    });
    expect(again.view.rejection).toEqual({ key: 'identification.incomplete' });
  });

  it('still requires the password of a user who then enters another username', async () => {
    const flow = testFlow('login', [
      { type: 'identification', passkey: true },
      { type: 'identification', id: 'again' },
      { type: 'password' },
      { type: 'user_login' },
    ]);
    const { engine, device } = await open();
    engine.live.current = { ...engine.live.current, flows: new Map([['login', flow]]) };
    const browser = flowBrowser(engine);
    const page = await browser.open('/flow/login');
    const second = await browser.submit(page, {
      passkey: device.get(fieldOf(page, 'passkey').options),
    });
    const third = await browser.submit(second, { login: 'ann' });
    expect(third.view.challenge.type).toBe('password');
    expect(await browser.session()).toBeNull();
  });

  it('promises `check` nothing that a username would not provide', () => {
    const stage = flowWith({ passkey: true }).stages[0];
    expect(stage?.stage.claims(stage.config)).toEqual({
      wants: [],
      gives: ['identified'],
      mayProve: true,
    });
  });

  it('as JSON gives a challenge that its own response matches', async () => {
    const { engine, device } = await open();
    const script = flowBrowser(engine);
    const first = await script.send('/api/flow/login');
    const { options } = first.view.challenge.fields.find(
      (f: { name?: string }) => f.name === 'passkey',
    );
    const { seed, csrf } = first.view;
    const done = await script.send('/api/flow/login', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: 'https://auth.example.com',
        'sec-fetch-site': 'same-origin',
      },
      body: JSON.stringify({ seed, csrf, answer: { passkey: device.get(options) } }),
    });
    expect(done.view.done).toBe(true);
    expect(await methodsOf(script)).toEqual(['webauthn']);
  });
});

const passkeyNames = ({ view }: Seen): string[] =>
  (view.challenge.fields as { kind: string; name: string }[])
    .filter(({ kind }) => kind === 'passkey')
    .map(({ name }) => name);

async function withOlder() {
  const opened = await open();
  const older = softwareAuthenticator({ synced: true });
  opened.engine.accounts.all.authenticators.push(await olderPasskey(older, { userId: 'fake/ann' }));
  const browser = flowBrowser(opened.engine);
  const page = await browser.open('/flow/login');
  return {
    ...opened,
    browser,
    page,
    older,
    olderOptions: fieldOf(page, 'older_passkey').options,
  };
}

describe('identification with passkeys of an older release', () => {
  it('offers a second button for the cookie domain, outside of autofill, listing no credential', async () => {
    const { engine, page } = await withOlder();
    expect(passkeyNames(page)).toEqual(['passkey', 'older_passkey']);
    expect(fieldOf(page, 'older_passkey')).toMatchObject({
      ceremony: 'get',
      conditional: false,
      label: { key: 'identification.passkey.older' },
      options: { rpId: 'example.com', allowCredentials: [], userVerification: 'required' },
    });
    expect(fieldOf(page, 'passkey').options.rpId).toBe('auth.example.com');
    expect(engine.plans.writes).toBe(0);
  });

  it('offers one button once no account has an older passkey', async () => {
    expect(passkeyNames((await open()).page)).toEqual(['passkey']);
  });

  it('offers one button where the portal has no cookie domain', async () => {
    const { engine } = await withOlder();
    const { site } = engine.live.current;
    engine.live.current = { ...engine.live.current, domains: [domainWith(site, null)] };
    const page = await flowBrowser(engine).open('/flow/login');
    expect(passkeyNames(page)).toEqual(['passkey']);
  });

  it('signs in with an older passkey, and stores its relying party from then on', async () => {
    const { engine, browser, page, older, olderOptions } = await withOlder();
    const end = await browser.submit(page, { passkey: '', older_passkey: older.get(olderOptions) });
    expect(end.location).toBe('https://auth.example.com/');
    expect(await methodsOf(browser)).toEqual(['webauthn']);
    expect(engine.accounts.all.authenticators[1]?.data['rpId']).toBe('example.com');
    // Without the cookie domain, the passkey is still verified against the domain it was created
    // for.
    const again = flowBrowser(engine);
    const shown = await again.open('/flow/login');
    const answer = older.get(fieldOf(shown, 'older_passkey').options);
    const { site } = engine.live.current;
    engine.live.current = { ...engine.live.current, domains: [domainWith(site, null)] };
    await again.submit(shown, { older_passkey: answer });
    expect(await methodsOf(again)).toEqual(['webauthn']);
  });

  it('verifies each passkey against its own relying party, whichever button the submission came from', async () => {
    const { browser, page, device, older, olderOptions } = await withOlder();
    const { options } = fieldOf(page, 'passkey');
    const crossed = [
      { older_passkey: older.get(olderOptions, { rpId: 'auth.example.com' }) },
      { passkey: older.get(olderOptions, { rpId: 'auth.example.com' }) },
      { passkey: device.get(options, { rpId: 'example.com' }) },
      { older_passkey: device.get(options, { rpId: 'example.com' }) },
    ];
    let shown = page;
    for (const answer of crossed) {
      shown = await browser.submit(shown, answer);
      expect(shown.view.rejection).toEqual(WRONG);
    }
    expect(await browser.session()).toBeNull();
  });
});
