/** The account store against its contract, and the tests that only concern its file. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNTS_FILE, type AccountStore, openAccounts } from '../../src/accounts/accounts.ts';
import type { Authenticator } from '../../src/core/people/account.ts';
import { fakeAccounts } from '../support/fake-accounts.ts';
import { fakeLinks } from '../support/fake-source.ts';
import { testClock, testVault } from '../support/state.ts';
import { accountsContract, authenticatorOf } from './accounts.suite.ts';
import { newId } from './accounts-world.ts';
import { consentsContract } from './consents.suite.ts';
import { endingsContract } from './endings.suite.ts';
import { factorTriesContract } from './factor-tries.suite.ts';
import { importedFactorsContract } from './imported-factors.suite.ts';
import { namedUsersContract } from './named-users.suite.ts';
import { passwordsContract } from './passwords.suite.ts';
import { signInsContract } from './sign-ins.suite.ts';
import { sourceLinksContract } from './source-links.suite.ts';
import { tokenOf, tokensContract } from './tokens.suite.ts';

const ANN = 'embedded/ann';

let dataDir: string;
let file: string;
let opened: AccountStore[];
const clock = testClock();

function open(): AccountStore {
  const accounts = openAccounts({ clock, vault: testVault(), dataDir });
  opened.push(accounts);
  return accounts;
}

/** All files of the store, concatenated. */
function bytes(): string {
  const parts = readdirSync(dataDir).map((name) => readFileSync(join(dataDir, name)));
  return Buffer.concat(parts).toString('latin1');
}

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'doorward-accounts-'));
  file = join(dataDir, ACCOUNTS_FILE);
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((accounts) => accounts.close()));
  rmSync(dataDir, { recursive: true });
});

const kept = async () => {
  const world = testClock();
  return {
    clock: world,
    open: async () => {
      const accounts = openAccounts({ clock: world, vault: testVault(), dataDir });
      opened.push(accounts);
      return accounts;
    },
    end: async () => undefined,
  };
};

const fake = async () => {
  const world = testClock();
  const accounts = fakeAccounts([], world);
  return { clock: world, open: async () => accounts, end: async () => undefined };
};

for (const contract of [
  accountsContract,
  consentsContract,
  endingsContract,
  factorTriesContract,
  importedFactorsContract,
  signInsContract,
  passwordsContract,
  tokensContract,
]) {
  contract('kept', kept);
  contract('fake', fake);
}

sourceLinksContract('kept', open);
sourceLinksContract('fake', fakeLinks);
namedUsersContract('kept', async () => open());

describe('the account file', () => {
  it('is readable by its owner alone, including its journals', async () => {
    await open().addAuthenticator(authenticatorOf());
    for (const name of readdirSync(dataDir)) {
      expect(statSync(join(dataDir, name)).mode & 0o777).toBe(0o600);
    }
    expect(readdirSync(dataDir)).toContain(ACCOUNTS_FILE);
  });

  it('contains no secret in plain text', async () => {
    const accounts = open();
    const data = { secret: 'CARRIERPIGEONBASE32', email: 'ann@secret.example' };
    await accounts.addAuthenticator(authenticatorOf({ data, name: 'Clear name' }));
    expect(bytes()).toContain('Clear name');
    expect(bytes()).not.toContain('CARRIERPIGEON');
    expect(bytes()).not.toContain('secret.example');
    await accounts.close();
    expect(bytes()).not.toContain('CARRIERPIGEON');
  });

  it('keeps all data when it is closed and reopened', async () => {
    const before = open();
    const totp = authenticatorOf();
    await before.addAuthenticator(totp);
    await before.close();
    expect(await open().authenticators(ANN)).toEqual([totp]);
  });

  it('is created once when many instances start at the same time', async () => {
    const many = Array.from({ length: 8 }, () => open());
    await many[0]?.addAuthenticator(authenticatorOf());
    for (const accounts of many) expect(await accounts.authenticators(ANN)).toHaveLength(1);
  });

  it('accepts writes from several processes, and counts each use once', async () => {
    const invitation = {
      id: newId(),
      tokenName: newId(),
      flow: 'enrollment',
      singleUse: false,
      data: {},
      note: '',
      createdAt: clock.now(),
      expiresAt: clock.now() + 1_000,
      used: 0,
    };
    const accounts = open();
    await accounts.createInvitation(invitation);
    const spender = join(import.meta.dirname, '../support/accounts-spender.ts');
    const args = [spender, dataDir, invitation.id, String(clock.now()), '50'];
    const run = promisify(execFile);
    const done = await Promise.all([1, 2, 3].map(() => run(process.execPath, args)));
    expect(done.map(({ stdout }) => stdout)).toEqual(['50', '50', '50']);
    expect((await accounts.invitation(invitation.tokenName))?.used).toBe(150);
  });

  it('stops the start if it is not a database, with its name and a remedy, and is left unchanged', () => {
    writeFileSync(file, 'this is a letter to a friend, and not a database at all');
    expect(() => open()).toThrow(
      expect.objectContaining({ code: 'accounts/unusable', status: 503 }),
    );
    expect(() => open()).toThrow(
      `The accounts file ${file} cannot be used. The file is damaged (file is not a database). First copy it`,
    );
    expect(readFileSync(file, 'utf8')).toContain('a letter');
  });

  it('is migrated from an older release without losing data', async () => {
    const totp = authenticatorOf();
    const before = open();
    await before.addAuthenticator(totp);
    await before.close();
    const db = new DatabaseSync(file);
    db.exec(
      'DROP TABLE sign_ins; DROP TABLE passwords; DROP TABLE session_floors; DROP TABLE ended_sessions; DROP TABLE factor_tries; DROP TABLE tokens; DROP TABLE changes; DROP TABLE named_users; DROP TABLE source_links; PRAGMA user_version = 1',
    );
    db.close();
    const accounts = open();
    await accounts.recordSignIn({ userId: ANN, at: 1, ip: '192.0.2.7', device: null });
    expect(await accounts.authenticators(ANN)).toEqual([totp]);
    expect(await accounts.signIns(ANN)).toHaveLength(1);
    expect(await accounts.takeFactorTry(ANN, 1)).toBe(1);
    await accounts.createToken(tokenOf());
    expect(await accounts.tokens(ANN, 10)).toHaveLength(1);
  });

  it('keeps the count of wrong second factors over a restart', async () => {
    const before = open();
    for (let i = 0; i < 99; i += 1) await before.takeFactorTry(ANN, 1);
    await before.close();
    const after = open();
    expect([await after.takeFactorTry(ANN, 5), await after.takeFactorTry(ANN, 6)]).toEqual([
      100, 0,
    ]);
    await after.close();
    expect(await open().factorLock(ANN)).toBe(5);
  });

  it('stops the start if a newer release wrote it', () => {
    const db = new DatabaseSync(file);
    db.exec('PRAGMA user_version = 999');
    db.close();
    expect(() => open()).toThrow(expect.objectContaining({ code: 'accounts/newer' }));
  });

  it('rejects reads when it stays locked or is closed, rather than return a result', async () => {
    const accounts = open();
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const unavailable = { code: 'accounts/unavailable', status: 503 };
    await expect(accounts.addAuthenticator(authenticatorOf())).rejects.toMatchObject(unavailable);
    other.exec('ROLLBACK');
    other.close();
    await accounts.addAuthenticator(authenticatorOf());
    await accounts.close();
    await expect(accounts.authenticators(ANN)).rejects.toMatchObject(unavailable);
    await expect(accounts.spendInvitation(newId(), 1)).rejects.toMatchObject(unavailable);
  });
});

describe('invalid input', () => {
  it.each<Partial<Authenticator>>([
    { id: 'short' },
    { id: 'x'.repeat(65) },
    { userId: '' },
    { userId: 'x'.repeat(513) },
    { kind: 'sms' as 'totp' },
    { name: 'x'.repeat(65) },
    { name: 'a\nb' },
    { handle: 'x'.repeat(1_365) },
    { createdAt: Number.NaN },
    { lastUsedAt: 1.5 },
    { data: { text: 'x'.repeat(9_000) } },
  ])('is refused: an authenticator with %j', async (changes) => {
    const accounts = open();
    const shape = { code: 'authenticator/shape', status: 400 };
    await expect(accounts.addAuthenticator(authenticatorOf(changes))).rejects.toMatchObject(shape);
    expect(await accounts.authenticators(ANN)).toEqual([]);
  });

  it('is refused: replacements with another user or kind, names, devices and consents', async () => {
    const accounts = open();
    for (const changes of [{ userId: 'file/bob' }, { kind: 'totp' as const }]) {
      const one = authenticatorOf({ kind: 'recovery_code', ...changes });
      await expect(
        accounts.replaceAuthenticators(ANN, 'recovery_code', [one]),
      ).rejects.toMatchObject({ code: 'authenticator/shape' });
    }
    await expect(accounts.renameAuthenticator(ANN, newId(), 'x'.repeat(65))).rejects.toMatchObject({
      code: 'authenticator/name',
    });
    await expect(
      accounts.rememberDevice(ANN, { device: 'x', agent: '', now: 1, factorAt: null }),
    ).rejects.toMatchObject({
      code: 'device/shape',
    });
    const signIn = { userId: ANN, at: 1, ip: '192.0.2.7', device: null };
    for (const changes of [{ at: Number.NaN }, { ip: 'x'.repeat(65) }, { device: 'x' }]) {
      await expect(accounts.recordSignIn({ ...signIn, ...changes })).rejects.toMatchObject({
        code: 'sign-in/shape',
      });
    }
    for (const [userId, hash, at] of [
      ['', 'h', 1],
      [ANN, '', 1],
      [ANN, 'x'.repeat(1_025), 1],
      [ANN, 'h', Number.NaN],
    ] as const) {
      await expect(accounts.rememberPassword(userId, hash, at)).rejects.toMatchObject({
        code: 'password/shape',
      });
    }
    const consent = { userId: ANN, route: 'wiki', permissions: ['x'.repeat(200)], at: 1 };
    await expect(accounts.saveConsent({ ...consent, expiresAt: null })).rejects.toMatchObject({
      code: 'consent/shape',
    });
    for (const changes of [
      { id: 'short' },
      { id: 'AbCd-fG' },
      { textName: 'x' },
      { userId: '' },
      { name: '' },
      { name: 'x'.repeat(65) },
      { name: 'a\nb' },
      { routes: Array.from({ length: 65 }, () => 'wiki') },
      { routes: [''] },
      { methods: ['X'.repeat(25)] },
      { networks: ['x'.repeat(65)] },
      { expiresAt: Number.NaN },
    ]) {
      await expect(accounts.createToken(tokenOf(changes))).rejects.toMatchObject({
        code: 'token/shape',
      });
    }
  });
});

describe('the search for passkeys of a relying party', () => {
  const passkey = (index: number, data: Authenticator['data']) =>
    authenticatorOf({
      kind: 'webauthn',
      userId: `embedded/user-${index}`,
      handle: `key-${String(index).padStart(4, '0')}`,
      data,
    });

  it('finds the last of many, and opens no passkey twice', async () => {
    const vault = testVault();
    let unsealed = 0;
    const counting = {
      ...vault,
      open: (...args: Parameters<typeof vault.open>) => {
        unsealed += 1;
        return vault.open(...args);
      },
    };
    const accounts = openAccounts({ clock, vault: counting, dataDir });
    const newer = Array.from({ length: 450 }, (_, i) => passkey(i, { rpId: 'auth.example.com' }));
    const older = passkey(450, {});
    for (const one of [...newer, older]) await accounts.addAuthenticator(one);
    expect(await accounts.hasPasskeysOf('example.com')).toBe(true);
    expect(unsealed).toBe(451);
    expect(await accounts.hasPasskeysOf('example.com')).toBe(true);
    expect(unsealed).toBe(452);
    await accounts.removeAuthenticator(older.userId, older.id);
    expect(await accounts.hasPasskeysOf('example.com')).toBe(false);
    expect(unsealed).toBe(452);
    await accounts.close();
  });

  it('finds any number of them, including at the edges of a page', async () => {
    const accounts = open();
    const all = Array.from({ length: 403 }, (_, i) =>
      passkey(i, i % 201 === 0 ? {} : { rpId: 'x' }),
    );
    for (const one of all) await accounts.addAuthenticator(one);
    for (const index of [0, 201, 402]) {
      expect(await accounts.hasPasskeysOf('example.com')).toBe(true);
      await accounts.removeAuthenticator(all[index]?.userId ?? '', all[index]?.id ?? '');
    }
    expect(await accounts.hasPasskeysOf('example.com')).toBe(false);
  });
});
