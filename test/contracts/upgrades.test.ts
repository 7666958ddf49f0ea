/** Files of older and newer releases: copied before an upgrade, and refused where this release does not know them. */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ACCOUNTS_FILE, openAccounts } from '../../src/accounts/accounts.ts';
import { ACCOUNTS_KIND } from '../../src/accounts/schema.ts';
import { createTables } from '../../src/database/migrate-file.ts';
import { RELEASE } from '../../src/database/newer.ts';
import { RESERVE_FILE, RESERVE_SIZE } from '../../src/database/reserve.ts';
import { DIRECTORY_FILE, openEmbeddedDirectory } from '../../src/directories/embedded/directory.ts';
import { DIRECTORY_KIND } from '../../src/directories/embedded/schema.ts';
import { openEmbedded, STATE_FILE } from '../../src/stores/embedded/store.ts';
import { directoryTools } from '../support/directory-tools.ts';
import { smallDisk } from '../support/small-disk.ts';
import { testClock, testVault } from '../support/state.ts';
import { authenticatorOf } from './accounts.suite.ts';
import { ANN } from './accounts-world.ts';

const tools = { clock: testClock(), vault: testVault() };

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'doorward-upgrades-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

/** Changes a file behind the back of its owner. */
function change(path: string, sql: string): void {
  using db = new DatabaseSync(path);
  db.exec(sql);
}
function versionIn(path: string): unknown {
  using db = new DatabaseSync(path, { readOnly: true });
  return db.prepare('PRAGMA user_version').get()?.['user_version'];
}

/** The tables as the first release made them. */
function makeOld(path: string): void {
  using db = new DatabaseSync(path);
  createTables(db, { ...ACCOUNTS_KIND, migrations: ACCOUNTS_KIND.migrations.slice(0, 1) }, 0);
  db.exec('DROP TABLE written_by');
}
const copyIn = (dir: string): string =>
  join(dir, `${ACCOUNTS_FILE}.before-${ACCOUNTS_KIND.migrations.length}`);

describe('an accounts file of an older release', () => {
  it('is copied before it is upgraded, and once', async () => {
    const dir = folder();
    const file = join(dir, ACCOUNTS_FILE);
    makeOld(file);
    change(file, "INSERT INTO seal VALUES ('of that time')");
    await openAccounts({ ...tools, dataDir: dir }).close();
    expect(versionIn(file)).toBe(ACCOUNTS_KIND.migrations.length);
    const copy = copyIn(dir);
    expect(versionIn(copy)).toBe(1);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    change(copy, "INSERT INTO seal VALUES ('of later')");
    await openAccounts({ ...tools, dataDir: dir }).close();
    using db = new DatabaseSync(copy, { readOnly: true });
    expect(db.prepare('SELECT proof FROM seal').all()).toHaveLength(2);
    expect(readdirSync(dir).filter((name) => name.includes('.before-'))).toHaveLength(1);
  });

  it('is copied again after the copy was restored, also over an interrupted attempt', async () => {
    const dir = folder();
    writeFileSync(`${copyIn(dir)}.part`, 'half of a file');
    for (const proof of ['first', 'second']) {
      rmSync(join(dir, ACCOUNTS_FILE), { force: true });
      makeOld(join(dir, ACCOUNTS_FILE));
      change(join(dir, ACCOUNTS_FILE), `INSERT INTO seal VALUES ('${proof}')`);
      await openAccounts({ ...tools, dataDir: dir }).close();
      using db = new DatabaseSync(copyIn(dir), { readOnly: true });
      expect(db.prepare('SELECT proof FROM seal').get()).toEqual({ proof });
    }
    expect(existsSync(`${copyIn(dir)}.part`)).toBe(false);
  });

  it('is not upgraded while the disk has no room for the copy, and the reserve stays', async () => {
    const disk = smallDisk(10);
    onTestFinished(() => disk.remove());
    const file = join(disk.dir, ACCOUNTS_FILE);
    makeOld(file);
    change(
      file,
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
       INSERT INTO authenticators
       SELECT 'id-' || i, 'embedded/ann', 'totp', '', 1, NULL, '', randomblob(50000) FROM n`,
    );
    const reserve = join(disk.dir, RESERVE_FILE);
    writeFileSync(reserve, Buffer.alloc(RESERVE_SIZE, 1));
    const open = () => openAccounts({ ...tools, dataDir: disk.dir });
    for (let tries = 0; tries < 2; tries += 1) {
      expect(open).toThrow(
        expect.objectContaining({
          code: 'accounts/unusable',
          message: expect.stringContaining('no copy of it could be made first. The disk is full.'),
        }),
      );
    }
    expect(versionIn(file)).toBe(1);
    expect(existsSync(reserve)).toBe(true);
    expect(readdirSync(disk.dir).filter((name) => name.includes('.before-'))).toEqual([]);
  });
});

it('a new file is not copied, and the state, which can be lost, never is', async () => {
  const dir = folder();
  const accounts = openAccounts({ ...tools, dataDir: dir });
  const totp = authenticatorOf();
  await accounts.addAuthenticator(totp);
  expect(await accounts.authenticators(ANN)).toEqual([totp]);
  await accounts.close();
  await openEmbedded({ ...tools, dataDir: dir }).close();
  change(join(dir, STATE_FILE), 'PRAGMA user_version = 7');
  await openEmbedded({ ...tools, dataDir: dir }).close();
  expect(readdirSync(dir).filter((name) => name.includes('.before-'))).toEqual([]);
});

it('a directory of an older release is copied, too', async () => {
  const more = await directoryTools();
  onTestFinished(() => more.remove());
  const file = join(more.dataDir, DIRECTORY_FILE);
  await openEmbeddedDirectory(more).close();
  change(
    file,
    'DROP INDEX users_skeleton; ALTER TABLE users DROP COLUMN skeleton; PRAGMA user_version = 4',
  );
  await openEmbeddedDirectory(more).close();
  expect(versionIn(`${file}.before-${DIRECTORY_KIND.migrations.length}`)).toBe(4);
});

describe('a file of a newer release', () => {
  const known = ACCOUNTS_KIND.migrations.length;
  it.each([
    ["UPDATE written_by SET release = '9.8.7-beta.1'", 'the newer release 9.8.7-beta.1'],
    ['DROP TABLE written_by', 'a newer release'],
    ["UPDATE written_by SET release = 'x' || char(10) || 'y'", 'a newer release'],
    ['DELETE FROM written_by', 'a newer release'],
  ])('is refused with the release that is needed: %s', async (sql, writer) => {
    const dir = folder();
    const file = join(dir, ACCOUNTS_FILE);
    await openAccounts({ ...tools, dataDir: dir }).close();
    change(file, `${sql}; PRAGMA user_version = 999`);
    expect(() => openAccounts({ ...tools, dataDir: dir })).toThrow(
      expect.objectContaining({
        code: 'accounts/newer',
        status: 503,
        message: `The accounts file ${file} was written by ${writer}: its tables have version 999, and release ${RELEASE} knows version ${known}. Run that one, or restore a copy from before the upgrade.`,
      }),
    );
    expect(versionIn(file)).toBe(999);
  });
});
