import { describe, expect, it } from 'vitest';
import { testInvitation } from '../../../test/support/fake-accounts.ts';
import { testUser } from '../../../test/support/fakes.ts';
import {
  flowBrowser,
  flowEngine,
  LOGIN,
  type StageWords,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { Problem } from '../../core/values/problem.ts';
import { userWrite } from './stage.ts';

const FORM: StageWords = {
  type: 'prompt',
  fields: [
    { type: 'username', name: 'username', required: false },
    { type: 'email', name: 'email', required: false },
    { type: 'text', name: 'team', label: 'Team', required: false },
    { type: 'number', name: 'age', label: 'Age', required: false },
    { type: 'password', name: 'password', required: false },
  ],
};
const FIELDS = {
  name: 'username',
  email: 'email',
  password: 'password',
  'attributes.team': 'team',
};

/** A new user at the form. */
function enrol(options: Record<string, unknown> = {}, first: readonly StageWords[] = []) {
  const write = { type: 'user_write', create: 'always', fields: FIELDS, ...options };
  const engine = flowEngine({ flows: [testFlow('enrollment', [...first, FORM, write])] });
  return { engine, browser: flowBrowser(engine) };
}

/** Ann, signed in, at the form. */
async function settings(options: Record<string, unknown> = {}) {
  const write = { type: 'user_write', fields: FIELDS, ...options };
  const flow = testFlow('settings', [FORM, write], { requires: 'session' });
  const ann = testUser({ attributes: { team: 'Red', floor: 1 }, groups: ['staff'] });
  const engine = flowEngine({ flows: [LOGIN, flow], users: [ann] });
  const browser = flowBrowser(engine);
  await browser.signIn();
  const page = await browser.open('/flow/settings');
  const now = () => engine.directory.read('fake/ann');
  return { engine, browser, page, now };
}

const wants = (create: string) =>
  userWrite.claims(userWrite.config.parse({ create, fields: {} })).wants;

describe('user_write', () => {
  it('creates a user from the prompted values, and signs no user in', async () => {
    const { engine, browser } = enrol({ groups: ['members'], inactive: true });
    const page = await browser.open('/flow/enrollment');
    await browser.submit(page, {
      username: 'bob',
      email: 'bob@example.com',
      team: 'Blue',
      password: 'correct horse',
    });
    expect(await engine.directory.find('bob', ['username'])).toEqual({
      id: expect.stringMatching(/^fake\/user:/),
      name: 'bob',
      displayName: 'bob',
      email: 'bob@example.com',
      emailVerified: false,
      groups: ['members'],
      attributes: { team: 'Blue' },
      disabled: true,
      passwordSetAt: null,
    });
    expect([...engine.users.hashes.values()]).toEqual(['hash']);
    expect(await browser.session()).toBeNull();
    expect(JSON.stringify([...engine.plans.all.values()])).not.toContain('password_hash');
  });

  it('changes the signed-in user, and leaves values alone that were not submitted', async () => {
    const { browser, page, now } = await settings({ groups: ['staff', 'new'] });
    await browser.submit(page, { team: 'Blue' });
    expect(await now()).toMatchObject({
      name: 'ann',
      email: 'ann@example.com',
      groups: ['staff', 'new'],
      attributes: { team: 'Blue', floor: 1 },
    });
  });

  it('writes nothing without submitted values', async () => {
    const { engine, browser, page, now } = await settings();
    engine.users.writeFault = new Error('written');
    const end = await browser.submit(page);
    expect(end.location).toBe('https://auth.example.com/');
    expect(await now()).toMatchObject({ attributes: { team: 'Red', floor: 1 } });
  });

  it('refuses a username or an address that another user has', async () => {
    const { engine, browser } = enrol();
    const page = await browser.open('/flow/enrollment');
    const end = await browser.submit(page, { username: 'bob', email: 'ann@example.com' });
    expect(end.status).toBe(409);
    expect(await engine.directory.find('bob', ['username'])).toBeNull();
  });

  it('creates no user without a username', async () => {
    const { browser } = enrol();
    const end = await browser.submit(await browser.open('/flow/enrollment'), { team: 'Blue' });
    expect(end.view.text).toEqual({ key: 'user_write.nameless' });
  });

  it.each([
    ['a password among attributes', { name: 'username', 'attributes.secret': 'password' }],
    ['a text for a password', { name: 'username', password: 'team' }],
    ['a number for a name', { name: 'age' }],
  ])('writes nothing of %s', async (_, fields) => {
    const { engine, browser } = enrol({ fields });
    const page = await browser.open('/flow/enrollment');
    const answer = { username: 'bob', team: 'Blue', age: '7', password: 'correct horse' };
    const end = await browser.submit(page, answer);
    expect(end.view.text).toEqual({ key: 'user_write.unfit' });
    expect(await engine.directory.find('bob', ['username'])).toBeNull();
  });

  it('changes no user who has only entered a username', async () => {
    const words = [
      { type: 'identification' },
      FORM,
      { type: 'user_write', create: 'if_missing', fields: FIELDS },
    ];
    const engine = flowEngine({ flows: [testFlow('odd', words)] });
    const browser = flowBrowser(engine);
    const page = await browser.submit(await browser.open('/flow/odd'), { login: 'ann' });
    const end = await browser.submit(page, { team: 'Blue', password: 'correct horse' });
    expect(end.view.text).toEqual({ key: 'user_write.unproved' });
    expect(engine.users.hashes.size).toBe(0);
  });

  it('spends an invitation with the user it was for, and its data takes precedence', async () => {
    const { engine, browser } = enrol({}, [{ type: 'invitation' }]);
    const data = { email: 'bob@example.com', groups: ['guests'], attributes: { team: 'Green' } };
    const tokenName = engine.vault.name('invitation', 'x'.repeat(32));
    engine.accounts.all.invitations = [testInvitation({ tokenName, data })];
    const page = await browser.open(`/flow/enrollment?invitation=${'x'.repeat(32)}`);
    expect(engine.accounts.all.invitations[0]?.used).toBe(0);
    await browser.submit(page, { username: 'bob', email: 'evil@example.com', team: 'Blue' });
    expect(engine.accounts.all.invitations[0]?.used).toBe(1);
    expect(await engine.directory.find('bob', ['username'])).toMatchObject(data);
  });

  it.each([
    ['user/name', 400],
    ['user/name-alike', 409],
  ])(
    'refuses with %s a username that a new user cannot have, and spends no invitation',
    async (code, status) => {
      // The form itself checks only fields of the type username.
      const fields = { name: 'team', email: 'email' };
      const { engine, browser } = enrol({ fields }, [{ type: 'invitation' }]);
      const requested: unknown[] = [];
      engine.users.checkName = (user, id) => {
        requested.push([user, id]);
        return Promise.reject(new Problem(code, 'No.', { status }));
      };
      const tokenName = engine.vault.name('invitation', 'x'.repeat(32));
      const data = { email: 'bob@example.com' };
      engine.accounts.all.invitations = [testInvitation({ tokenName, data })];
      const page = await browser.open(`/flow/enrollment?invitation=${'x'.repeat(32)}`);
      const end = await browser.submit(page, { team: 'b0b' });
      expect([end.status, end.view.code, end.view.text]).toEqual([
        status,
        code,
        { key: `flow.problem.${code}` },
      ]);
      const user = { name: 'b0b', email: 'bob@example.com', emailVerified: true };
      expect(requested).toEqual([[user, null]]);
      expect(engine.accounts.all.invitations[0]?.used).toBe(0);
      expect(await engine.directory.find('b0b', ['username'])).toBeNull();
    },
  );

  it('creates no user if the invitation was spent meanwhile', async () => {
    const { engine, browser } = enrol({}, [{ type: 'invitation' }]);
    const tokenName = engine.vault.name('invitation', 'x'.repeat(32));
    engine.accounts.all.invitations = [testInvitation({ tokenName })];
    engine.accounts.spendInvitation = () => Promise.resolve(false);
    const page = await browser.open(`/flow/enrollment?invitation=${'x'.repeat(32)}`);
    const end = await browser.submit(page, { username: 'bob' });
    expect(end.status).toBe(410);
    expect(await engine.directory.find('bob', ['username'])).toBeNull();
  });

  it('creates no first account if one exists', async () => {
    const { engine, browser } = enrol({}, [{ type: 'invitation' }]);
    engine.directory.remove(testUser().id);
    const tokenName = engine.vault.name('invitation', 'x'.repeat(32));
    const data = { first: true, groups: ['admins'] };
    engine.accounts.all.invitations = [testInvitation({ tokenName, data })];
    const page = await browser.open(`/flow/enrollment?invitation=${'x'.repeat(32)}`);
    const find = engine.directory.find.bind(engine.directory);
    // Another user is created while this submission is evaluated.
    engine.directory.find = (...given) => {
      engine.directory.put(testUser());
      return find(...given);
    };
    const end = await browser.submit(page, { username: 'bob' });
    expect([end.status, end.view.code]).toEqual([410, 'invitation/late']);
    expect(await engine.directory.find('bob', ['username'])).toBeNull();
    expect(engine.accounts.all.invitations[0]?.used).toBe(0);
  });

  it('creates the first account of an invitation for it, in its groups', async () => {
    const { engine, browser } = enrol({}, [{ type: 'invitation' }]);
    engine.directory.remove(testUser().id);
    const tokenName = engine.vault.name('invitation', 'x'.repeat(32));
    const data = { first: true, groups: ['admins'] };
    engine.accounts.all.invitations = [testInvitation({ tokenName, data })];
    const page = await browser.open(`/flow/enrollment?invitation=${'x'.repeat(32)}`);
    await browser.submit(page, { username: 'bob' });
    expect((await engine.directory.find('bob', ['username']))?.groups).toEqual(['admins']);
  });

  it.each([
    'id',
    'disabled',
    'groups',
    'attributes',
    'attributes.__proto__',
    'attributes.a.constructor',
  ])('refuses options to write %s', (target) => {
    expect(userWrite.config.safeParse({ fields: { [target]: 'x' } }).success).toBe(false);
  });

  it('requires the owner if it changes a user', () => {
    expect(wants('never')).toEqual(['identified', 'owner', 'prompted']);
    expect(wants('always')).toEqual(['prompted']);
  });
});
