/**
 * `doorward user …`: users are added, changed and locked out; passwords never come from arguments.
 */
import { describe, expect, it } from 'vitest';
import { fakeAccounts, testAuthenticator } from '../../../test/support/fake-accounts.ts';
import { fakeSessions, testSession, testUser } from '../../../test/support/fakes.ts';
import { testSnapshot } from '../../../test/support/snapshot.ts';
import { doorward, users } from '../../../test/support/terminal.ts';
import { Problem } from '../../core/values/problem.ts';
import type { UserEntry } from '../../core/administration/import-users.ts';
import type { LeftBehind } from '../../core/administration/imported-factor.ts';
import type { CommandContext } from '../shell/context.ts';

describe('user', () => {
  it('adds a user with the password from standard input', async () => {
    const people = users();
    const line =
      'user add bob --email b@x.test --display-name Bob --group a --group b --attribute k=v=w';
    const ran = await doorward(line, { people, stdin: 'long enough' });
    expect(ran).toEqual({ code: 0, out: 'bob is added\n', err: '' });
    expect(await people.read('fake/bob')).toMatchObject({
      name: 'bob',
      displayName: 'Bob',
      email: 'b@x.test',
      groups: ['a', 'b'],
      attributes: { k: 'v=w' },
    });
    expect(people.hashes.get('fake/bob')).toBe('hash(long enough)');
  });

  it('asks twice on a terminal, and stores nothing if the two differ', async () => {
    const people = users();
    const same = { people, answers: ['long enough', 'long enough'] };
    expect((await doorward('user add bob', same)).code).toBe(0);
    const differ = await doorward('user add eve', { people, answers: ['long enough', 'other'] });
    expect(differ).toMatchObject({ code: 1, out: '' });
    expect(differ.err).toContain('differ');
    expect(await people.read('fake/eve')).toBeNull();
  });

  it.each([
    [null, 'No password given'],
    ['', 'No password given'],
    ['short', 'too short'],
    ['password1', 'most common'],
    ['x'.repeat(1025), 'too long'],
  ])('refuses the password %j', async (stdin, message) => {
    const { code, err } = await doorward('user add bob', { stdin });
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(err.split('\n')).toHaveLength(2);
  });

  it('never takes a password as an argument', async () => {
    expect((await doorward('user add bob --password secret')).code).toBe(2);
    expect((await doorward('user passwd bob secret')).code).toBe(2);
    expect((await doorward('hash secret')).code).toBe(2);
  });

  it('does not add a user twice', async () => {
    const { code, err } = await doorward('user add ann', {
      people: users(testUser()),
      stdin: 'long enough',
    });
    expect(code).toBe(1);
    expect(err).toContain('already');
  });

  it('refuses a username that a new user cannot have before it asks for a password', async () => {
    const people = users();
    people.checkName = () => Promise.reject(new Problem('user/name', 'Letters a to z.'));
    const ran = await doorward('user add bob', { people });
    expect([ran.code, ran.err]).toEqual([1, 'doorward: Letters a to z. (user/name)\n']);
  });

  it('lists users, also as JSON, and moves no cursor', async () => {
    const people = users(testUser({ displayName: 'Ann\u001b[2J\r\nroot' }));
    const { out } = await doorward('user list', { people });
    expect(out).toContain('ann   Ann\\u001b[2J\\u000d\\u000aroot  ann@example.com  staff');
    const json = JSON.parse((await doorward('user list --json', { people })).out) as object[];
    expect(json).toEqual([
      {
        id: 'fake/ann',
        name: 'ann',
        display_name: 'Ann\u001b[2J\r\nroot',
        email: 'ann@example.com',
        email_verified: true,
        groups: ['staff'],
        attributes: {},
        disabled: false,
        password_set_at: null,
      },
    ]);
  });

  it('lists more users than fit on a page', async () => {
    const many = Array.from({ length: 450 }, (_, i) =>
      testUser({ id: `fake/u${i}`, name: `u${String(i).padStart(3, '0')}` }),
    );
    const { out } = await doorward('user list --json', { people: users(...many) });
    expect(JSON.parse(out)).toHaveLength(450);
  });

  it.each(['passwd', 'disable', 'delete'])(
    '%s ends the sessions of that user alone',
    async (name) => {
      const people = users(testUser(), testUser({ id: 'fake/bob', name: 'bob' }));
      const sessions = fakeSessions();
      await sessions.start({ id: 'one', secret: 's' }, testSession());
      await sessions.start(
        { id: 'two', secret: 's' },
        testSession({ id: 'session:two', userId: 'fake/bob' }),
      );
      const { code, out } = await doorward(`user ${name} ann`, {
        people,
        sessions,
        stdin: 'long enough',
      });
      expect(code).toBe(0);
      expect(out).toContain('1 session ended\n');
      expect(await sessions.list(null)).toHaveLength(1);
    },
  );

  it("delete removes the user's account data, too", async () => {
    const bobs = testAuthenticator({ id: 'authenticator-of-bob-1', userId: 'fake/bob' });
    const accounts = fakeAccounts([testAuthenticator(), bobs]);
    const { code } = await doorward('user delete ann', { people: users(testUser()), accounts });
    expect(code).toBe(0);
    expect(accounts.all.authenticators).toEqual([bobs]);
  });

  it('disables and enables', async () => {
    const people = users(testUser());
    await doorward('user disable ann', { people });
    expect((await people.read('fake/ann'))?.disabled).toBe(true);
    await doorward('user enable ann', { people });
    expect((await people.read('fake/ann'))?.disabled).toBe(false);
  });

  it.each(['passwd', 'disable', 'enable', 'delete'])(
    '%s rejects an unknown username',
    async (name) => {
      const { code, err } = await doorward(`user ${name} eve`);
      expect(code).toBe(1);
      expect(err).toBe(
        'doorward: the embedded directory has no user eve; see doorward user list\n',
      );
    },
  );

  it('gives a remedy without an embedded directory', async () => {
    const { code, err } = await doorward('user list', { context: { openUsers: async () => null } });
    expect(code).toBe(1);
    expect(err).toContain('add { type: embedded }');
  });
});

const exporting =
  (...entries: UserEntry[]): CommandContext['readExport'] =>
  async () => ({ product: 'Authelia', entries, ignored: [] });
const readExport = exporting(
  { user: { name: 'ann', groups: ['changed'] }, passwordHash: '$argon2id$ann' },
  { user: { name: 'new', groups: [] }, passwordHash: '$argon2id$new' },
  { user: { name: 'bare' }, passwordHash: null },
);

function left(name: string, ...what: LeftBehind[]): UserEntry {
  return { user: { name }, passwordHash: null, left: what };
}

describe('user import', () => {
  it('adds missing users, with their hashes, and leaves the others alone', async () => {
    const people = users(testUser());
    const ran = await doorward('user import users.yaml', { people, context: { readExport } });
    expect(ran).toEqual({
      code: 0,
      out: 'ann: already exists, skipped (--update overwrites)\nnew: added\nbare: added, without a password\n2 users added, 0 updated, 1 skipped\n',
      err: '',
    });
    expect(people.hashes).toEqual(new Map([['fake/new', '$argon2id$new']]));
    const again = await doorward('user import users.yaml', { people, context: { readExport } });
    expect(again.out).toContain('0 users added, 0 updated, 3 skipped');
  });

  it('keeps names that new users could not have, and warns about them', async () => {
    const people = users(testUser());
    people.checkName = async ({ name }) => {
      if (name === 'bare') throw new Problem('user/name-alike', 'Looks like b\u0430re.');
    };
    const { code, out, err } = await doorward('user import users.yaml', {
      people,
      context: { readExport },
    });
    expect([code, err]).toEqual([0, 'warning: bare: Looks like b\u0430re.\n']);
    expect(out).toContain('2 users added');
    const many = Array.from({ length: 30 }, (_, n) => ({
      user: { name: `bare${n}` },
      passwordHash: null,
    }));
    people.checkName = () => Promise.reject(new Problem('user/name', 'No.'));
    const ran = await doorward('user import users.yaml', {
      people,
      context: { readExport: exporting(...many) },
    });
    expect(ran.err.split('\n').slice(9)).toEqual([
      'warning: bare9: No.',
      'warning: 20 more imported names like these',
      '',
    ]);
  });

  it('overwrites if requested, and ends the sessions', async () => {
    const people = users(testUser());
    const sessions = fakeSessions();
    await sessions.start({ id: 'one', secret: 's' }, testSession());
    const { out } = await doorward('user import users.yaml --update', {
      people,
      sessions,
      context: { readExport },
    });
    expect(out).toContain('ann: updated');
    expect(people.hashes.get('fake/ann')).toBe('$argon2id$ann');
    expect(await sessions.count()).toBe(0);
  });

  it('says what was not imported, and of whom', async () => {
    const many = Array.from({ length: 12 }, (_, n) => left(`b${n}`, 'recovery-codes'));
    const found = [
      left('ann', 'password/kind'),
      left('bob', 'password/kind', 'totp/kind'),
      ...many,
    ];
    const ran = await doorward('user import realm.json', {
      people: users(testUser()),
      context: {
        readExport: async () => ({
          product: 'Keycloak',
          entries: found,
          ignored: [{ name: 'service-account-ci', why: 'service-account' }],
        }),
      },
    });
    expect(ran.err.split('\n')).toEqual([
      'not imported: service accounts, for which you can make tokens: service-account-ci',
      'not imported: passwords, because Doorward cannot verify hashes of their kind or cost: bob',
      'not imported: one-time codes of a kind that Doorward does not have, such as counter-based ones: bob',
      'not imported: recovery codes: b0, b1, b2, b3, b4, b5, b6, b7, b8, b9 and 2 more',
      '',
    ]);
  });

  it('imports second factors, and counts them', async () => {
    const factor = { ...testAuthenticator(), createdAt: null };
    const accounts = fakeAccounts();
    const entry = { user: { name: 'new' }, passwordHash: null, factors: [factor] };
    const { out } = await doorward('user import a b', {
      accounts,
      context: { readExport: exporting(entry) },
    });
    expect(out).toContain('1 user added, 0 updated, 0 skipped, 1 authenticator app\n');
    expect(accounts.all.authenticators).toHaveLength(1);
  });

  it('writes nothing in a dry run', async () => {
    const people = users(testUser());
    const sessions = fakeSessions();
    await sessions.start({ id: 'one', secret: 's' }, testSession());
    const { out } = await doorward('user import users.yaml --dry-run --update', {
      people,
      sessions,
      context: { readExport },
    });
    expect(out).toContain('\ndry run, nothing written: 2 users added, 1 updated, 0 skipped\n');
    expect(people.hashes.size).toBe(0);
    expect(await sessions.count()).toBe(1);
  });

  it('passes the portal’s host and --trust-email on to the importer', async () => {
    const asked: unknown[] = [];
    const spy: CommandContext['readExport'] = async (...given) => {
      asked.push(given);
      return { product: 'Authelia', entries: [], ignored: [] };
    };
    await doorward('user import a b --trust-email', { context: { readExport: spy } });
    expect(asked).toEqual([
      [['a', 'b'], { portalHost: testSnapshot().site.host, trustsEmail: true }],
    ]);
  });

  it('reports what is wrong with the file', async () => {
    const fault = new Problem('users/file', 'users.yaml:3: expected a hash');
    expect(
      await doorward('user import users.yaml', {
        context: { readExport: () => Promise.reject(fault) },
      }),
    ).toMatchObject({
      code: 1,
      err: 'doorward: users.yaml:3: expected a hash (users/file)\n',
    });
  });
});
