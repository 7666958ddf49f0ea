/** What the account store seals: opened by the right secret alone, and sealed again with a new one. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNTS_FILE, type AccountStore, openAccounts } from '../../src/accounts/accounts.ts';
import { createVault } from '../../src/tickets/vault.ts';
import { testClock, testVault } from '../support/state.ts';
import { authenticatorOf } from './accounts.suite.ts';
import { sealsContract } from './seals.suite.ts';

const ANN = 'embedded/ann';
const OLD = 'an old secret, which is long enough to be used';
const NEW = 'a new secret, which is long enough to be used, too';

let dataDir: string;
let file: string;
let opened: AccountStore[];
const clock = testClock();

function open(...secrets: string[]): AccountStore {
  const vault = secrets.length === 0 ? testVault() : createVault(secrets);
  const accounts = openAccounts({ clock, vault, dataDir });
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

sealsContract(
  'kept',
  async () =>
    async (...secrets) =>
      open(...secrets),
);

describe('a sealed value', () => {
  const SEALED = { code: 'accounts/sealed', status: 503 };

  it('that no secret opens does not make the sign-in page offer a passkey button', async () => {
    await open(OLD).addAuthenticator(authenticatorOf({ kind: 'webauthn', handle: 'c', data: {} }));
    expect(await open(OLD).hasPasskeysOf('example.com')).toBe(true);
    expect(await open(NEW).hasPasskeysOf('example.com')).toBe(false);
  });

  it.each(["user_id = 'embedded/eve'", "kind = 'email_code'", "handle = 'other'", "id = 'i'"])(
    'does not open in a row that was altered: %s',
    async (change) => {
      await open().addAuthenticator(authenticatorOf());
      const db = new DatabaseSync(file);
      db.exec(`UPDATE authenticators SET ${change}`);
      const row = db.prepare('SELECT user_id FROM authenticators').get() as { user_id: string };
      db.close();
      await expect(open().authenticators(row.user_id)).rejects.toMatchObject(SEALED);
    },
  );

  it('of past passwords is resealed, fails if no secret opens it, and is bound to its user', async () => {
    const before = open(OLD);
    await before.rememberPassword(ANN, '$argon2id$carrierpigeon', 1);
    expect(bytes()).not.toContain('carrierpigeon');
    await expect(open(NEW).passwordHashes(ANN, 1)).rejects.toMatchObject(SEALED);
    expect(await open(NEW, OLD).renewSeals()).toEqual({ renewed: 1, lost: 0 });
    expect(await open(NEW).passwordHashes(ANN, 1)).toEqual(['$argon2id$carrierpigeon']);
    const db = new DatabaseSync(file);
    db.exec("UPDATE passwords SET user_id = 'embedded/eve'");
    db.close();
    await expect(open(NEW).passwordHashes('embedded/eve', 1)).rejects.toMatchObject(SEALED);
  });

  it('is resealed in a large table, and left unchanged if no secret opens it', async () => {
    const before = open(OLD);
    const many = Array.from({ length: 501 }, (_, i) =>
      authenticatorOf({ userId: `embedded/${i}` }),
    );
    for (const one of many.slice(0, 3)) await before.addAuthenticator(one);
    await before.close();
    const db = new DatabaseSync(file);
    const insert = db.prepare(
      "INSERT INTO authenticators VALUES (?, 'embedded/eve', 'totp', '', 1, NULL, '', x'00')",
    );
    for (const { id } of many.slice(3)) insert.run(id);
    db.close();
    const after = open(NEW, OLD);
    expect(await after.renewSeals()).toEqual({ renewed: 3, lost: 498 });
    for (const one of many.slice(0, 3)) {
      expect(await open(NEW).authenticators(one.userId)).toEqual([one]);
    }
  });
});
