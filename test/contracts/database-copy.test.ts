/** Copies of the database from files to files: exact, whole, or nothing. Those with Postgres: postgres-copy.test.ts. */
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ACCOUNTS_FILE, openAccounts } from '../../src/accounts/accounts.ts';
import { openFileOrigin } from '../../src/database/copy/file-origin.ts';
import { openFileTarget } from '../../src/database/copy/file-target.ts';
import { DIRECTORY_FILE, openEmbeddedDirectory } from '../../src/directories/embedded/directory.ts';
import { directoryTools } from '../support/directory-tools.ts';
import {
  copied,
  everythingIn,
  failing,
  filesIn,
  folder,
  furnish,
  partsIn,
  tools,
  unfaithful,
} from '../support/houses.ts';

describe('a copy of files', () => {
  it('has everything that they had, and is on its own', async () => {
    const [from, to] = [folder(), join(folder(), 'new')];
    await furnish(from);
    const before = everythingIn(from);
    const tables = await copied(openFileOrigin(partsIn(from)), () => openFileTarget(partsIn(to)));
    expect(everythingIn(to)).toEqual(before);
    expect(everythingIn(from)).toEqual(before);
    expect(tables.find(({ table }) => table === 'users')).toMatchObject({
      part: 'directory',
      rows: 1,
    });
    expect(filesIn(to).sort()).toEqual([ACCOUNTS_FILE, DIRECTORY_FILE]);
    for (const name of filesIn(to)) expect(statSync(join(to, name)).mode & 0o777).toBe(0o600);
  });

  it('is nothing if it is interrupted, wherever that happens, and can be made again', async () => {
    const [from, to] = [folder(), folder()];
    await furnish(from);
    let pieces = 0;
    for (let isWhole = false; !isWhole && pieces < 50; pieces += 1) {
      const run = copied(failing(openFileOrigin(partsIn(from)), pieces), () =>
        openFileTarget(partsIn(to)),
      );
      isWhole = await run.then(
        () => true,
        () => false,
      );
      if (!isWhole) expect(filesIn(to)).toEqual([]);
    }
    expect(pieces).toBeGreaterThan(5);
    expect(everythingIn(to)).toEqual(everythingIn(from));
  });

  it('is nothing if it differs', async () => {
    const [from, to] = [folder(), folder()];
    await furnish(from);
    const run = copied(openFileOrigin(partsIn(from)), () =>
      unfaithful(openFileTarget(partsIn(to))),
    );
    await expect(run).rejects.toMatchObject({ code: 'database/copy-differs' });
    expect(filesIn(to)).toEqual([]);
  });

  it('is nothing if a file appears meanwhile, which is left as it is', async () => {
    const [from, to] = [folder(), folder()];
    await furnish(from);
    for (const name of [DIRECTORY_FILE, ACCOUNTS_FILE]) {
      const run = copied(openFileOrigin(partsIn(from)), () => {
        const target = openFileTarget(partsIn(to));
        writeFileSync(join(to, name), 'of a gateway');
        return target;
      });
      await expect(run).rejects.toThrow('EEXIST');
      expect(filesIn(to)).toEqual([name]);
      expect(statSync(join(to, name)).size).toBe('of a gateway'.length);
      rmSync(join(to, name));
    }
  });

  it('removes what an interrupted one left behind, and no copy of an operator', async () => {
    const [from, to] = [folder(), folder()];
    await furnish(from);
    const own = [`${ACCOUNTS_FILE}.copy-2026`, `${ACCOUNTS_FILE}.copy-0123456789ab.bak`];
    for (const name of own) writeFileSync(join(to, name), 'of an operator');
    writeFileSync(join(to, `${ACCOUNTS_FILE}.copy-0123456789ab`), 'half');
    writeFileSync(join(to, `${ACCOUNTS_FILE}.copy-0123456789ab-journal`), 'half');
    await copied(openFileOrigin(partsIn(from)), () => openFileTarget(partsIn(to)));
    expect(filesIn(to).sort()).toEqual([ACCOUNTS_FILE, DIRECTORY_FILE, ...own].sort());
  });

  it.each(['', '-wal', '-shm', '-journal'])('goes to no folder with a file %s of one', (suffix) => {
    for (const name of [ACCOUNTS_FILE, DIRECTORY_FILE]) {
      const to = folder();
      writeFileSync(join(to, name + suffix), '');
      expect(() => openFileTarget(partsIn(to))).toThrow(
        expect.objectContaining({ code: 'database/not-empty', status: 409 }),
      );
    }
  });

  it('is refused while a gateway has one of them open, and keeps gateways out', async () => {
    const from = folder();
    const { bob } = await furnish(from);
    const inUse = expect.objectContaining({ code: 'database/in-use', status: 409 });
    const accounts = openAccounts({ ...tools, dataDir: from });
    expect(() => openFileOrigin(partsIn(from))).toThrow(inUse);
    await accounts.close();
    const more = await directoryTools();
    onTestFinished(() => more.remove());
    const open = () => openEmbeddedDirectory({ ...more, dataDir: from });
    const users = open();
    expect(() => openFileOrigin(partsIn(from))).toThrow(inUse);
    await users.close();
    const origin = openFileOrigin(partsIn(from));
    expect(open).toThrow(expect.objectContaining({ code: 'directory/unusable' }));
    await origin.close();
    const again = open();
    expect((await again.read(bob))?.disabled).toBe(true);
    await again.close();
  });

  it('needs accounts of this version', async () => {
    const from = folder();
    expect(() => openFileOrigin(partsIn(from))).toThrow(
      expect.objectContaining({ code: 'database/nothing' }),
    );
    await furnish(from);
    for (const [version, code] of [
      [1, 'database/older'],
      [999, 'accounts/newer'],
      [0, 'database/older'],
    ] as const) {
      using db = new DatabaseSync(join(from, ACCOUNTS_FILE));
      db.exec(`PRAGMA user_version = ${version}`);
      db.close();
      expect(() => openFileOrigin(partsIn(from))).toThrow(expect.objectContaining({ code }));
    }
    // Without its accounts, a directory would be one whose users have no second factors.
    rmSync(join(from, ACCOUNTS_FILE));
    expect(() => openFileOrigin(partsIn(from))).toThrow(
      expect.objectContaining({ code: 'database/nothing' }),
    );
  });

  it('has no directory if there is none', async () => {
    const [from, to] = [folder(), folder()];
    await furnish(from);
    rmSync(join(from, DIRECTORY_FILE));
    await copied(openFileOrigin(partsIn(from)), () => openFileTarget(partsIn(to)));
    expect(filesIn(to)).toEqual([ACCOUNTS_FILE]);
  });
});
