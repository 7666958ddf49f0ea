/**
 * `doorward user show`, `user reset` and `user unlock`: the account data of users outside the
 * directory.
 */
import { describe, expect, it } from 'vitest';
import { fakeAccounts, testAuthenticator } from '../../../test/support/fake-accounts.ts';
import { fakeSessions, START, testSession, testUser } from '../../../test/support/fakes.ts';
import { doorward, users } from '../../../test/support/terminal.ts';
import { type AuthenticatorKind, MOST_FACTOR_FAILURES } from '../../core/people/account.ts';
import type { Stores } from '../../core/setup/stores.ts';
import { Problem } from '../../core/values/problem.ts';

const people = users(testUser());
const KINDS: readonly AuthenticatorKind[] = ['totp', 'webauthn', 'recovery_code', 'email_code'];

/** Counts enough wrong second factors for a lock. */
async function lock(accounts: ReturnType<typeof fakeAccounts>, userId: string): Promise<void> {
  for (let i = 0; i < MOST_FACTOR_FAILURES; i += 1) await accounts.takeFactorTry(userId, START);
}

/** The throttle keys that are forgotten. */
function counters() {
  const released: string[] = [];
  const release = async (key: string, how: string) => void released.push(`${how} ${key}`);
  const openStores = async () =>
    ({ throttle: { release }, close: async () => {} }) as Partial<Stores> as Stores;
  return { released, context: { openStores } };
}

/** Ann and bob with one authenticator of each kind, and a known device each. */
async function some() {
  const accounts = fakeAccounts(
    ['ann', 'bob'].flatMap((name) =>
      KINDS.map((kind) =>
        testAuthenticator({
          id: `${kind}-of-${name}`,
          userId: `fake/${name}`,
          kind,
          name: `${name}’s\u001b[2J`,
          handle: `handle-of-${kind}-${name}`,
        }),
      ),
    ),
  );
  for (const name of ['ann', 'bob']) {
    await accounts.rememberDevice(`fake/${name}`, {
      device: `device-${name}`,
      agent: 'Firefox',
      now: START,
      factorAt: null,
    });
  }
  return accounts;
}

describe('user show', () => {
  it('shows a user of any directory without stored data', async () => {
    const { code, out } = await doorward('user show ann', { people });
    expect(code).toBe(0);
    expect(out).toContain('groups          staff\n');
    expect(out).toContain(
      'authenticators  (none)\nknown devices   (none)\nconsents        (none)\n',
    );
    expect(out).toContain('password set    (unknown)\n');
    expect(out).not.toContain('SIGNED IN');
  });

  it('shows authenticators, known devices and consents, and no secret', async () => {
    const accounts = await some();
    await accounts.useAuthenticator('totp-of-ann', START + 60_000);
    await accounts.saveConsent({
      userId: 'fake/ann',
      route: 'wiki',
      permissions: ['email', 'groups'],
      at: START,
      expiresAt: null,
    });
    const { out } = await doorward('user show ann@example.com', { people, accounts });
    expect(out).toContain(
      'authenticators  4\nknown devices   1\nconsents        wiki (email, groups)',
    );
    expect(out).toContain(
      'totp           ann’s\\u001b[2J  2026-11-23T12:00:00.000Z  2026-11-23T12:01:00.000Z\n',
    );
    expect(out).toContain('webauthn       ann’s\\u001b[2J  2026-11-23T12:00:00.000Z  never\n');
    expect(out).not.toMatch(/JBSWY3DP|handle-of|bob|device-ann/);
  });

  it('shows when the password was set, and the last sign-ins', async () => {
    const accounts = await some();
    for (const [i, ip] of ['192.0.2.7', '2001:db8::7'].entries()) {
      const at = START + i * 1_000;
      await accounts.recordSignIn({ userId: 'fake/ann', at, ip, device: 'device-ann' });
    }
    await accounts.recordSignIn({
      userId: 'fake/bob',
      at: START,
      ip: '198.51.100.9',
      device: null,
    });
    const ann = users(testUser({ passwordSetAt: START - 1_000 }));
    const { out } = await doorward('user show ann', { people: ann, accounts });
    expect(out).toContain('password set    2026-11-23T11:59:59.000Z\n');
    expect(out).toContain(
      [
        '\nSIGNED IN                 FROM',
        '2026-11-23T12:00:01.000Z  2001:db8::7',
        '2026-11-23T12:00:00.000Z  192.0.2.7\n',
      ].join('\n'),
    );
    expect(out).not.toMatch(/device-ann|198\.51/);
    const json = JSON.parse(
      (await doorward('user show ann --json', { people: ann, accounts })).out,
    );
    expect(json.password_set_at).toBe('2026-11-23T11:59:59.000Z');
    expect(json.sign_ins).toEqual([
      { at: '2026-11-23T12:00:01.000Z', ip: '2001:db8::7' },
      { at: '2026-11-23T12:00:00.000Z', ip: '192.0.2.7' },
    ]);
  });

  it('prints the same as JSON', async () => {
    const accounts = await some();
    const { out } = await doorward('user show ann --json', { people, accounts });
    const shown = JSON.parse(out);
    expect(shown).toMatchObject({ name: 'ann', known_devices: 1, consents: [] });
    expect(shown.authenticators[0]).toEqual({
      id: 'totp-of-ann',
      kind: 'totp',
      name: 'ann’s\u001b[2J',
      created_at: '2026-11-23T12:00:00.000Z',
      last_used_at: null,
    });
    expect(out).not.toMatch(/JBSWY3DP|handle-of|bob|device-ann/);
  });

  it('gives a remedy if a secret is lost', async () => {
    const accounts = await some();
    accounts.fault = new Problem('accounts/sealed', 'Put it back.', { status: 503 });
    expect(await doorward('user show ann', { people, accounts })).toEqual({
      code: 1,
      out: '',
      err: 'doorward: Put it back. (accounts/sealed)\n',
    });
  });

  it.each(['eve', 'fake/gone'])('rejects the unknown user %s', async (name) => {
    const { code, err } = await doorward(`user show ${name}`, { people });
    expect(code).toBe(1);
    expect(err).toBe(`doorward: no directory has a user ${name}; see doorward user list\n`);
  });
});

describe('user reset', () => {
  it.each<[string, readonly string[], number]>([
    ['--totp', ['webauthn', 'recovery_code', 'email_code'], 1],
    ['--passkeys', ['totp', 'recovery_code', 'email_code'], 1],
    ['--recovery-codes', ['totp', 'webauthn', 'email_code'], 1],
    ['--email-codes', ['totp', 'webauthn', 'recovery_code'], 1],
    ['--devices', KINDS, 0],
    ['--totp --devices', ['webauthn', 'recovery_code', 'email_code'], 0],
    ['--all', [], 0],
  ])(
    '%s removes this kind of data of this user, and nothing else',
    async (which, left, devices) => {
      const accounts = await some();
      const { code, err } = await doorward(`user reset ann ${which}`, { people, accounts });
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect((await accounts.authenticators('fake/ann')).map((a) => a.kind)).toEqual(left);
      expect(await accounts.devices('fake/ann', START)).toHaveLength(devices);
      expect(await accounts.authenticators('fake/bob')).toHaveLength(4);
      expect(await accounts.devices('fake/bob', START)).toHaveLength(1);
    },
  );

  it('removes the consents of this user only', async () => {
    const accounts = await some();
    for (const userId of ['fake/ann', 'fake/bob']) {
      const given = { route: 'wiki', permissions: ['email'], at: START, expiresAt: null };
      await accounts.saveConsent({ userId, ...given });
    }
    const { out } = await doorward('user reset ann --consents', { people, accounts });
    expect(out).toBe('removed from ann: consents\n0 sessions ended\n');
    expect(await accounts.consents('fake/ann')).toEqual([]);
    expect(await accounts.consents('fake/bob')).toHaveLength(1);
    expect(await accounts.authenticators('fake/ann')).toHaveLength(4);
  });

  it('ends the sessions of that user alone', async () => {
    const sessions = fakeSessions();
    await sessions.start({ id: 'one', secret: 's' }, testSession());
    await sessions.start(
      { id: 'two', secret: 's' },
      testSession({ id: 'session:two', userId: 'fake/bob' }),
    );
    const { out } = await doorward('user reset ann --totp --passkeys', { people, sessions });
    expect(out).toBe('removed from ann: authenticator apps, passkeys\n1 session ended\n');
    expect(await sessions.list(null)).toHaveLength(1);
  });

  it('finds the data of a deleted user by ID', async () => {
    const accounts = await some();
    const { code } = await doorward('user reset fake/bob --all', { people, accounts });
    expect(code).toBe(0);
    expect(await accounts.authenticators('fake/bob')).toEqual([]);
  });

  it('requires a choice of what to remove', async () => {
    const accounts = await some();
    const { code, err } = await doorward('user reset ann', { people, accounts });
    expect(code).toBe(2);
    expect(err).toContain(
      '--totp, --passkeys, --recovery-codes, --email-codes, --devices, --consents, or --all',
    );
    expect(accounts.writes).toEqual(['rememberDevice', 'rememberDevice']);
  });

  it('rejects an unknown username', async () => {
    expect((await doorward('user reset eve --all', { people })).err).toBe(
      'doorward: no directory has a user eve; see doorward user list\n',
    );
  });
});

describe('user unlock', () => {
  it('unlocks second factors, and says when they were locked', async () => {
    const accounts = await some();
    for (const userId of ['fake/ann', 'fake/bob']) await lock(accounts, userId);
    const { context } = counters();
    const shown = await doorward('user show ann', { people, accounts });
    const since = new Date(START).toISOString();
    expect(shown.out).toContain(
      `second factors  locked since ${since}; to unlock: doorward user unlock NAME`,
    );
    const json = await doorward('user show ann --json', { people, accounts });
    expect(JSON.parse(json.out)).toMatchObject({ factors_locked_at: since });
    const { code, out } = await doorward('user unlock ann', { people, accounts, context });
    expect({ code, out }).toEqual({
      code: 0,
      out: `second factors of ann are unlocked (locked since ${since})\nwaits after wrong passwords and codes for ann have ended\n`,
    });
    expect(await accounts.factorLock('fake/ann')).toBeNull();
    expect(await accounts.factorLock('fake/bob')).toBe(START);
    expect((await doorward('user show ann', { people, accounts })).out).not.toContain('locked');
  });

  it('resets the count if nothing was locked, and changes nothing else', async () => {
    const accounts = await some();
    await accounts.takeFactorTry('fake/ann', START);
    const { out } = await doorward('user unlock ann', { people, accounts, ...counters() });
    expect(out).toContain(
      'second factors of ann were not locked; the count of failed attempts is reset',
    );
    expect(await accounts.takeFactorTry('fake/ann', START)).toBe(1);
    expect(await accounts.authenticators('fake/ann')).toHaveLength(4);
  });

  it('ends the delays of the account by name, address, account and known device', async () => {
    const accounts = await some();
    const signIn = { userId: 'fake/ann', at: START, ip: '192.0.2.7', device: null };
    await accounts.recordSignIn(signIn);
    const { released, context } = counters();
    await doorward('user unlock ann', { people, accounts, context });
    expect(released).toEqual(
      expect.arrayContaining([
        'all typed:password:login:ann',
        'all typed:totp:login:ann@example.com',
        'all account:email_link:fake/ann',
        'all account:setup:totp:fake/ann',
        'all device:recovery_code:fake/ann:device-ann',
        'all device:webauthn:fake/ann:device-ann:192.0.2.7',
      ]),
    );
    expect(released.filter((key) => key.includes('bob'))).toEqual([]);
  });

  it.each(['--totp', '--passkeys', '--recovery-codes', '--email-codes', '--all'])(
    'happens with user reset %s as well, and not with --devices',
    async (which) => {
      const accounts = await some();
      await lock(accounts, 'fake/ann');
      await doorward('user reset ann --devices --consents', { people, accounts });
      expect(await accounts.factorLock('fake/ann')).toBe(START);
      await doorward(`user reset ann ${which}`, { people, accounts });
      expect(await accounts.factorLock('fake/ann')).toBeNull();
    },
  );

  it('finds the data of a deleted user by ID, and none by a wrong name', async () => {
    const accounts = await some();
    await lock(accounts, 'gone/eve');
    const setting = { people, accounts, ...counters() };
    expect((await doorward('user unlock gone/eve', setting)).code).toBe(0);
    expect(await accounts.factorLock('gone/eve')).toBeNull();
    expect((await doorward('user unlock eve', setting)).code).toBe(1);
  });
});
