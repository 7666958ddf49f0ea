import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import {
  flowBrowser,
  flowEngine,
  LOGIN,
  type Seen,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { password } from './stage.ts';

const flowWith = (options: Record<string, unknown>) =>
  testFlow('login', [
    { type: 'identification' },
    { type: 'password', ...options },
    { type: 'user_login' },
  ]);

const reach = async (login: string, users = [testUser()], flow = LOGIN) => {
  const recovery = testFlow('recovery', [{ type: 'message', title: 'Recovery', text: 'x' }]);
  const engine = flowEngine({ users, flows: [flow, recovery] });
  const checked: (string | null)[] = [];
  const verify = engine.directory.verifyPassword.bind(engine.directory);
  engine.directory.verifyPassword = (id, secret) => {
    checked.push(id);
    return verify(id, secret);
  };
  const browser = flowBrowser(engine);
  const page = await browser.submit(await browser.open('/flow/login'), { login });
  return { engine, browser, page, checked };
};

describe('password', () => {
  it('keeps the username in the page and offers a way back', async () => {
    const { page } = await reach('ann');
    expect(page.view.challenge.fields[0]).toEqual({ kind: 'username', value: 'ann' });
    expect(page.view.restartUrl).toBe('/flow/login');
  });

  it('accepts the returned username without a message', async () => {
    const { browser, page } = await reach('ann');
    await browser.submit(page, { username: 'ann', password: 'right' });
    expect(await browser.session()).not.toBeNull();
  });

  it('asks the directory for every user, even unknown ones', async () => {
    const { checked, browser, page } = await reach('nix');
    await browser.submit(page, { password: 'right' });
    expect(checked).toEqual([null]);
  });

  it('asks for a disabled user too and rejects them', async () => {
    const { checked, browser, page } = await reach('ann', [testUser({ disabled: true })]);
    const again = await browser.submit(page, { password: 'right' });
    expect(checked).toEqual(['fake/ann']);
    expect(again.view.rejection).toEqual({ key: 'password.wrong' });
  });

  it('says that a password has expired, and counts it as a wrong one', async () => {
    const { browser, page, engine } = await reach('ann');
    engine.directory.verifyPassword = () => Promise.resolve('expired');
    const again = await browser.submit(page, { password: 'right' });
    expect(again.view.rejection).toEqual({ key: 'password.expired' });
    expect(await browser.session()).toBeNull();
    expect(engine.throttle.counts.get('account:password:fake/ann')).toBe(1);
  });

  it('does not say so about a disabled user', async () => {
    const { browser, page, engine } = await reach('ann', [testUser({ disabled: true })]);
    engine.directory.verifyPassword = () => Promise.resolve('expired');
    const again = await browser.submit(page, { password: 'right' });
    expect(again.view.rejection).toEqual({ key: 'password.wrong' });
  });

  it('hashes nothing over 1024 bytes, and counts it anyway', async () => {
    const { checked, browser, page, engine } = await reach('ann');
    const again = await browser.submit(page, { password: 'é'.repeat(513) });
    expect(again.view.rejection).toEqual({ key: 'password.wrong' });
    expect(checked).toEqual([]);
    expect(engine.throttle.counts.get('account:password:fake/ann')).toBe(1);
  });

  it('resets the account’s failed tries after a right one, and refunds the address its try', async () => {
    const { browser, page, engine } = await reach('ann');
    await browser.submit(await browser.submit(page, { password: 'wrong' }), { password: 'right' });
    expect(engine.throttle.counts.get('account:password:fake/ann')).toBeUndefined();
    expect(engine.throttle.counts.get('address:password:c0000207/32')).toBe(1);
  });
});

describe('password with directories', () => {
  it.each([
    ['the only one', ['fake'], 'ann', 'fake/ann', true],
    ['one of several', ['ldap', 'fake'], 'ann', 'fake/ann', true],
    ['none of them', ['ldap'], 'ann', null, false],
    ['a prefix of a name', ['fak'], 'ann', null, false],
    ['an unknown user', ['fake'], 'nix', null, false],
  ])('asks for users of %s: %j', async (_, directories, login, id, isIn) => {
    const { browser, page, checked } = await reach(login, [testUser()], flowWith({ directories }));
    await browser.submit(page, { password: 'right' });
    expect(checked).toEqual([id]);
    expect((await browser.session()) !== null).toBe(isIn);
  });

  it('counts and replies the same for users of other directories', async () => {
    const { browser, page, engine } = await reach(
      'ann',
      [testUser()],
      flowWith({ directories: ['ldap'] }),
    );
    const again = await browser.submit(page, { password: 'right' });
    expect(again.view.rejection).toEqual({ key: 'password.wrong' });
    expect(engine.throttle.counts.get('account:password:fake/ann')).toBe(1);
  });

  it.each([[[]], [['Embedded']], [['a/b']], [['file', 'file']], ['file']])(
    'refuses directories: %j',
    (directories) => {
      expect(password.config.safeParse({ directories }).success).toBe(false);
    },
  );
});

const links = (page: Seen): unknown => page.view.links;

describe('password with configure', () => {
  const RD = 'https://wiki.example.com/x?y=1';
  const open = async (configure: string) => {
    const { browser } = await reach('ann', [testUser()], flowWith({ configure }));
    const first = await browser.open(`/flow/login?rd=${encodeURIComponent(RD)}`);
    return { browser, page: await browser.submit(first, { login: 'ann' }) };
  };

  it('links to the flow, with the destination', async () => {
    const { browser, page } = await open('recovery');
    const href = `/flow/recovery?${new URLSearchParams({ rd: RD }).toString()}`;
    expect(links(page)).toEqual([{ href, label: { key: 'password.forgotten' } }]);
    const there = await browser.open(href);
    expect(there.view.challenge.title).toEqual({ literal: 'Recovery' });
    expect((await browser.post(there)).location).toBe(RD);
  });

  it('gives scripts the same link', async () => {
    const { browser, page } = await open('recovery');
    const { plan } = page.view.hidden;
    const json = await browser.send(`/api/flow/login?plan=${plan}`);
    expect(json.view.challenge.links).toEqual([
      {
        label: 'password.forgotten',
        url: `https://auth.example.com/api/flow/recovery?${new URLSearchParams({ rd: RD }).toString()}`,
      },
    ]);
  });

  it('shows no link to a flow that was left out because no email can be sent', async () => {
    const { page } = await open('gone');
    expect(links(page)).toEqual([]);
  });

  it.each([
    ['no directory lets users choose a new password', [], undefined, false],
    ['only another directory than the named one does', ['fake'], ['staff'], false],
    ['one of them does', ['other', 'fake'], undefined, true],
  ])('shows the link to every name or to none: %s', async (_, renewable, directories, isShown) => {
    const options = {
      configure: 'recovery',
      ...(directories === undefined ? {} : { directories }),
    };
    for (const name of ['ann', 'nix']) {
      const { engine, browser } = await reach(name, [testUser()], flowWith(options));
      Object.assign(engine.directory, { renewable });
      const page = await browser.submit(await browser.open('/flow/login'), { login: name });
      expect(page.view.links?.length).toBe(isShown ? 1 : 0);
    }
  });

  it('shows none without the option', async () => {
    const { browser, page } = await reach('ann');
    expect(links(page)).toEqual([]);
    const json = await browser.send(`/api/flow/login?plan=${page.view.hidden.plan}`);
    expect(json.view.challenge).not.toHaveProperty('links');
  });

  it.each(['', 'a b', '../recovery', 'Recovery', 'x'.repeat(65)])(
    'refuses configure: %s',
    (configure) => {
      expect(password.config.safeParse({ configure }).success).toBe(false);
    },
  );
});
