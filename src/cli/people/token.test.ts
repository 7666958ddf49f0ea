/** `doorward token …`: created, listed, and revoked; the text is printed only once. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fakeAccounts } from '../../../test/support/fake-accounts.ts';
import { START, testUser } from '../../../test/support/fakes.ts';
import { testSnapshot } from '../../../test/support/snapshot.ts';
import { doorward, users } from '../../../test/support/terminal.ts';
import { testToken } from '../../../test/support/tokens.ts';
import { type Token, tokenIdOf } from '../../core/people/token.ts';

const DAY = 86_400_000;
const snapshot = testSnapshot({
  routes: [
    { id: 'wiki', host: 'wiki.example.com' },
    { id: 'files', host: 'files.example.com' },
  ],
});
const people = () => users(testUser());
const random = { token: (bytes: number) => randomBytes(bytes).toString('base64url') };
const context = { random };

const tokenOf = (changes: Partial<Token> = {}) => testToken({ expiresAt: START + DAY, ...changes });

describe('token create', () => {
  it('prints the token alone on standard output, and stores only a hash of it', async () => {
    const accounts = fakeAccounts();
    const setting = { snapshot, accounts, people: people(), context };
    const { code, out, err } = await doorward('token create ann --name Backup', setting);
    expect(code).toBe(0);
    const text = out.trim();
    const id = tokenIdOf(text) ?? '';
    expect(id).not.toBe('');
    expect(err).toBe(
      `${id}: acts for ann, valid until 2027-02-21T12:00:00.000Z; the token is not shown again\n`,
    );
    expect(accounts.all.tokens).toEqual([
      tokenOf({ id, textName: `token:${text}`, expiresAt: START + 90 * DAY }),
    ]);
  });

  it('limits it to routes, methods, networks, and a time', async () => {
    const accounts = fakeAccounts();
    const words = 'token create ann --name Sync --route files --route wiki --method PROPFIND';
    const more = '--network 10.0.0.0/8 --network 2001:db8::1 --expires never --json';
    const setting = { snapshot, accounts, people: people(), context };
    const { code, out, err } = await doorward(`${words} ${more}`, setting);
    expect([code, err]).toEqual([0, '']);
    const printed: { token: string; id: string } = JSON.parse(out);
    expect(printed).toEqual({
      id: tokenIdOf(printed.token),
      user_id: 'fake/ann',
      name: 'Sync',
      state: 'open',
      routes: ['files', 'wiki'],
      methods: ['PROPFIND'],
      networks: ['10.0.0.0/8', '2001:db8::1'],
      created_at: '2026-11-23T12:00:00.000Z',
      expires_at: null,
      last_used_at: null,
      token: printed.token,
    });
    expect(accounts.all.tokens[0]).toMatchObject({ routes: ['files', 'wiki'], expiresAt: null });
  });

  it.each([
    ['token create --name B', 2, "missing required argument 'user'"],
    ['token create ann', 2, "required option '--name <text>' not specified"],
    ['token create ann --name B --expires soon', 2, 'invalid --expires soon'],
    ['token create eve --name B', 1, 'no directory has a user eve'],
    ['token create fake/gone --name B', 1, 'no directory has a user fake/gone'],
    ['token create ann --name B --route blog', 1, 'There is no route blog.'],
    ['token create ann --name B --method get', 1, 'get is not a method'],
    ['token create ann --name B --method HEAD', 1, 'GET includes HEAD'],
    ['token create ann --name B --network 10.0.0.0/33', 1, '10.0.0.0/33 is not a network'],
    [`token create ann --name ${'x'.repeat(65)}`, 1, 'at most 64 characters'],
  ])('refuses %j', async (line, code, message) => {
    const accounts = fakeAccounts();
    const ran = await doorward(line, { snapshot, accounts, people: people() });
    expect(ran).toMatchObject({ code, out: '' });
    expect(ran.err).toContain(message);
    expect(ran.err.split('\n')).toHaveLength(2);
    expect(accounts.writes).toEqual([]);
  });

  it.each(['', '  ', 'a\nb'])('refuses the name %j', async (name) => {
    const words = ['token', 'create', 'ann', '--name', name];
    const { code, err } = await doorward(words, { snapshot, people: people() });
    expect([code, err]).toEqual([
      1,
      'doorward: A token needs a name of at most 64 characters. (token/offer)\n',
    ]);
  });

  it('refuses lists that no token could need', async () => {
    const networks = Array.from({ length: 65 }, (_, i) => ['--network', `10.0.0.${i}`]).flat();
    const words = ['token', 'create', 'ann', '--name', 'B', ...networks];
    const { code, err } = await doorward(words, { snapshot, people: people() });
    expect(code).toBe(1);
    expect(err).toContain('64 networks');
  });
});

const threeTokens = () => {
  const store = fakeAccounts();
  store.all.tokens.push(
    tokenOf(),
    tokenOf({ id: 'expired', createdAt: START - 2, expiresAt: START, lastUsedAt: START - 1 }),
    tokenOf({ id: 'hers000', userId: 'fake/eve', createdAt: START - 3, routes: ['wiki'] }),
  );
  return store;
};

describe('token list', () => {
  it('shows state, end, last use, and limits, and never the text', async () => {
    const { code, out } = await doorward('token list', {
      accounts: threeTokens(),
      people: people(),
    });
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.replace(/ +/g, ' ').trim())).toEqual([
      'ID USER NAME STATE EXPIRES LAST USED LIMITS',
      'AbCdEfG ann Backup open 2026-11-24T12:00:00.000Z never',
      'expired ann Backup expired 2026-11-23T12:00:00.000Z 2026-11-23T11:59:59.999Z',
      'hers000 fake/eve Backup open 2026-11-24T12:00:00.000Z never wiki',
      '',
    ]);
  });

  it('lists those of one user, and of a deleted one by ID', async () => {
    const setting = { accounts: threeTokens(), people: people() };
    const ids = async (line: string) => {
      const listed: { id: string }[] = JSON.parse((await doorward(line, setting)).out);
      return listed.map(({ id }) => id);
    };
    expect(await ids('token list ann --json')).toEqual(['AbCdEfG', 'expired']);
    expect(await ids('token list fake/eve --json')).toEqual(['hers000']);
    expect((await doorward('token list eve', setting)).code).toBe(1);
  });

  it('says how to create one if there are none', async () => {
    const { out } = await doorward('token list');
    expect(out).toBe('no tokens; create one: doorward token create USER --name TEXT\n');
  });
});

describe('token revoke', () => {
  it('revokes one by its ID', async () => {
    const accounts = fakeAccounts();
    accounts.all.tokens.push(tokenOf());
    const ran = await doorward('token revoke AbCdEfG', { accounts });
    expect(ran).toEqual({ code: 0, out: '1 token revoked\n', err: '' });
    expect(accounts.all.tokens).toEqual([]);
    const again = await doorward('token revoke AbCdEfG', { accounts });
    expect(again).toMatchObject({ code: 1, out: '' });
    expect(again.err).toBe('doorward: no token has the ID AbCdEfG; see doorward token list\n');
  });
});

describe('a user for tokens', () => {
  it('is added without a password', async () => {
    const directory = users();
    const ran = await doorward('user add backup --no-password', { people: directory });
    expect(ran).toEqual({ code: 0, out: 'backup is added\n', err: '' });
    expect(await directory.read('fake/backup')).toMatchObject({ name: 'backup' });
    expect(directory.hashes.size).toBe(0);
  });
});
