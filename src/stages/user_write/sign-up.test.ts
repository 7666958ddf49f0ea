import { describe, expect, it } from 'vitest';
import { testInvitation } from '../../../test/support/fake-accounts.ts';
import { testUser } from '../../../test/support/fakes.ts';
import {
  flowBrowser,
  flowEngine,
  type StageWords,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { Problem } from '../../core/values/problem.ts';

const FORM: StageWords = {
  type: 'prompt',
  fields: [
    { type: 'username', name: 'username', required: false },
    { type: 'email', name: 'email', required: false },
    { type: 'text', name: 'nick', label: 'Nick', required: false },
    { type: 'password', name: 'password' },
  ],
};
const WRITE: StageWords = {
  type: 'user_write',
  create: 'always',
  fields: { name: 'username', email: 'email', password: 'password' },
  groups: ['members'],
};
const CLEO = { username: 'cleo', email: 'cleo@example.com', password: 'correct horse' };
const BOTH = ['username', 'email'] as const;

/** A page without the address on it and without random values. */
function without(address: string, view: object): string {
  return JSON.stringify(view)
    .replaceAll(address, '')
    .replaceAll(/[A-Za-z0-9_-]{20,}/g, '');
}

interface Changed {
  readonly mail?: StageWords;
  readonly write?: StageWords;
  readonly first?: readonly StageWords[];
  readonly last?: readonly StageWords[];
}

function signUp(changed: Changed = {}) {
  const { mail = { type: 'email_code' }, write = WRITE, first = [], last = [] } = changed;
  const stages = [
    ...first,
    FORM,
    write,
    { ...mail, enables: true },
    ...last,
    { type: 'user_login' },
  ];
  const flow = testFlow('sign-up', stages, { designation: 'enrollment', requires: 'anonymous' });
  const engine = flowEngine({ flows: [flow] });
  /** A value of the latest email. */
  const mailed = (name: string) => engine.emails.all.at(-1)?.values[name] ?? '';
  /** A browser at the page that asks for the code. */
  async function ask(given: Readonly<Record<string, string>> = CLEO, query = '') {
    const browser = flowBrowser(engine);
    const page = await browser.submit(await browser.open(`/flow/sign-up${query}`), given);
    return { browser, page };
  }
  const found = (login: string) => engine.directory.find(login, BOTH);
  return { engine, mailed, ask, found };
}

describe('a sign-up that verifies the address', () => {
  it.each(['email_code', 'email_link'])(
    'creates the user with the code of %s, enabled and verified, and signs in',
    async (type) => {
      const { engine, mailed, ask, found } = signUp({ mail: { type } });
      const { browser, page } = await ask();
      expect(page.view.challenge?.lead).toEqual({
        key: `${type}.sign-up`,
        values: { address: 'cleo@example.com' },
      });
      expect(await found('cleo')).toBeNull();
      expect(engine.emails.all).toHaveLength(1);
      const end = await browser.submit(page, { code: mailed('code') });
      expect(end.location).toBe('https://auth.example.com/');
      const cleo = await found('cleo');
      expect(cleo).toMatchObject({
        email: 'cleo@example.com',
        emailVerified: true,
        disabled: false,
        groups: ['members'],
      });
      expect(engine.users.hashes.get(cleo?.id ?? '')).toBe('hash');
      const session = await browser.session();
      expect(session?.userId).toBe(cleo?.id);
      expect(session?.proofs.map(({ method }) => method)).toEqual([type]);
      expect(JSON.stringify([...engine.plans.all.values()])).not.toMatch(/"hash"|password_hash/);
    },
  );

  it('creates the user with the link, in the browser that began alone', async () => {
    const { engine, mailed, ask, found } = signUp({ mail: { type: 'email_link' } });
    const { browser } = await ask();
    const path = mailed('link').replace('https://auth.example.com', '');
    expect((await flowBrowser(engine).open(path)).view.code).toBe('link/other-browser');
    const button = await browser.open(path);
    expect(await found('cleo')).toBeNull();
    await browser.submit(button);
    expect((await browser.session())?.userId).toBe((await found('cleo'))?.id);
  });

  it('creates no user with a wrong or an expired code, and none twice', async () => {
    const { engine, mailed, ask, found } = signUp();
    const { browser, page } = await ask();
    const wrong = mailed('code') === '000000' ? '111111' : '000000';
    const again = await browser.submit(page, { code: wrong });
    expect(again.view.rejection).toEqual({ key: 'email_code.wrong' });
    expect(await found('cleo')).toBeNull();
    const other = await ask({ ...CLEO, username: 'other' });
    const code = mailed('code');
    await browser.submit(again, { code });
    expect(await found('cleo')).toBeNull();
    engine.clock.advance(10 * 60_000);
    await other.browser.submit(other.page, { code });
    expect(await found('other')).toBeNull();
  });

  it('shows the owner of an address in an email, and nothing on the page', async () => {
    const free = signUp();
    const taken = signUp();
    const one = await free.ask({ ...CLEO, email: 'xyz@example.com' });
    const two = await taken.ask({ ...CLEO, email: 'ann@example.com' });
    expect(without('ann@example.com', two.page.view)).toBe(
      without('xyz@example.com', one.page.view),
    );
    expect(taken.engine.emails.all).toEqual([
      expect.objectContaining({
        to: 'ann@example.com',
        template: 'account-exists',
        values: { account: 'ann', site: 'Doorward' },
      }),
    ]);
    expect([...taken.engine.throttle.counts.values()]).toEqual([
      ...free.engine.throttle.counts.values(),
    ]);
    expect(taken.engine.plans.writes).toBe(free.engine.plans.writes);
  });

  it('gives an address to the first who verifies it, and a later code opens no account', async () => {
    const { engine, mailed, ask, found } = signUp();
    const first = await ask();
    const code = mailed('code');
    const second = await ask({ ...CLEO, username: 'eve' });
    const late = mailed('code');
    await first.browser.submit(first.page, { code });
    const end = await second.browser.submit(second.page, { code: late });
    expect([end.status, end.view.code]).toEqual([409, 'user/exists']);
    expect(await found('eve')).toBeNull();
    expect(await second.browser.session()).toBeNull();
    expect(engine.users.hashes.size).toBe(1);
  });

  it('starts no session for a user who could not be written', async () => {
    const { engine, mailed, ask } = signUp();
    const { browser, page } = await ask();
    engine.users.writeFault = new Problem('directory/unavailable', 'Gone.', { status: 503 });
    const end = await browser.submit(page, { code: mailed('code') });
    expect(end.status).toBe(503);
    expect(await browser.session()).toBeNull();
    engine.users.writeFault = null;
    await browser.submit(page, { code: mailed('code') });
    expect(await browser.session()).toBeNull();
  });

  it('evaluates the policies of later stages with the new user', async () => {
    const seen: unknown[] = [];
    const policies = {
      match: 'all' as const,
      bindings: [
        {
          name: 'probe',
          evaluate: ({ user }: { readonly user: unknown }) => {
            seen.push(user);
            return { pass: true, reason: { code: 'probe/ok' } };
          },
          negate: false,
          otherwise: null,
          expires: null,
          dryRun: false,
          needs: [],
          field: null,
          at: 'probe',
          line: '',
        },
      ],
    };
    const last = [{ type: 'message', title: 'Hello', text: 'Hello', policies }];
    const { mailed, ask } = signUp({ last });
    const { browser, page } = await ask({ ...CLEO, username: 'Cleo' });
    await browser.submit(page, { code: mailed('code') });
    expect(seen[0]).toMatchObject({ name: 'cleo', groups: ['members'], emailVerified: true });
  });

  it('uses an invitation up with the account, and not before', async () => {
    const { engine, mailed, ask } = signUp({ first: [{ type: 'invitation' }] });
    const tokenName = engine.vault.name('invitation', 'x'.repeat(32));
    const data = { email: 'cleo@example.com', groups: ['guests'] };
    engine.accounts.all.invitations = [testInvitation({ tokenName, data, flow: 'sign-up' })];
    const { browser, page } = await ask(
      { ...CLEO, email: 'evil@example.com' },
      `?invitation=${'x'.repeat(32)}`,
    );
    expect(engine.emails.all.map(({ to }) => to)).toEqual(['cleo@example.com']);
    expect(engine.accounts.all.invitations[0]?.used).toBe(0);
    await browser.submit(page, { code: mailed('code') });
    expect(engine.accounts.all.invitations[0]?.used).toBe(1);
    expect((await engine.directory.find('cleo', BOTH))?.groups).toEqual(['members', 'guests']);
  });

  it('refuses a name that cannot be used before an email is sent', async () => {
    const write = { ...WRITE, fields: { name: 'nick', email: 'email' } };
    const { engine, ask } = signUp({ write });
    engine.users.checkName = () =>
      Promise.reject(new Problem('user/name-alike', 'No.', { status: 409 }));
    const { page } = await ask({ ...CLEO, username: '', nick: 'c1eo' });
    expect([page.status, page.view.code]).toEqual([409, 'user/name-alike']);
    expect(engine.emails.all).toEqual([]);
  });

  it('does not say whether an address that is the name as well is taken', async () => {
    const write = { ...WRITE, fields: { name: 'email', email: 'email', password: 'password' } };
    const { engine, ask } = signUp({ write });
    const { page } = await ask({ email: 'ann@example.com', password: 'correct horse' });
    expect([page.status, page.view.challenge?.type]).toEqual([200, 'email_code']);
    expect(engine.emails.all[0]?.template).toBe('account-exists');
  });

  it('ends without an address', async () => {
    const { ask } = signUp();
    const { page } = await ask({ username: 'cleo', password: 'correct horse' });
    expect(page.view.text).toEqual({ key: 'user_write.addressless' });
  });

  it('verifies a known user as ever where a user is created only if none is identified', async () => {
    const first = [{ type: 'identification' }, { type: 'password' }];
    const write = { ...WRITE, create: 'if_missing', fields: { email: 'email' } };
    const { engine, mailed } = signUp({ first, write });
    engine.directory.put(testUser({ emailVerified: false }));
    const browser = flowBrowser(engine);
    const named = await browser.submit(await browser.open('/flow/sign-up'), { login: 'ann' });
    const form = await browser.submit(named, { password: 'right' });
    const page = await browser.submit(form, { password: 'correct horse' });
    expect(page.view.challenge?.lead).toEqual({ key: 'email_code.lead' });
    await browser.submit(page, { code: mailed('code') });
    expect((await browser.session())?.userId).toBe('fake/ann');
    expect(await engine.directory.read('fake/ann')).toMatchObject({ emailVerified: true });
  });
});
