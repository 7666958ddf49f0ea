/** Copies of the database to Postgres and back: exact, whole, or nothing. */
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openAccounts, openSharedAccounts } from '../../src/accounts/accounts.ts';
import type { PostgresAddress } from '../../src/core/setup/postgres-address.ts';
import { openFileOrigin } from '../../src/database/copy/file-origin.ts';
import { openFileTarget } from '../../src/database/copy/file-target.ts';
import type { Origin } from '../../src/database/copy/place.ts';
import { openPostgresOrigin } from '../../src/database/copy/postgres-origin.ts';
import { openPostgresTarget } from '../../src/database/copy/postgres-target.ts';
import { DIRECTORY_FILE, openSharedDirectory } from '../../src/directories/embedded/directory.ts';
import { postgresConfig } from '../../src/schema/postgres.ts';
import { directoryTools } from '../support/directory-tools.ts';
import {
  copied,
  ENDED,
  everythingIn,
  failing,
  filesIn,
  fillHouse,
  folder,
  furnish,
  KINDS,
  partsIn,
  SPARED,
  sessionOf,
  signIn,
  tools,
  unfaithful,
} from '../support/houses.ts';
import { isLeftOut } from '../support/packages.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { ANN, newId } from './accounts-world.ts';

describe.skipIf(isLeftOut('postgres'))(
  'a copy with Postgres (unless left out by DOORWARD_TEST_WITHOUT)',
  () => {
    let server: Postgres;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server?.stop());

    /** A new database. */
    const place = () => {
      const url = server.create();
      return { url, address: postgresConfig.parse(url) };
    };
    const toPostgres = (from: string, address: PostgresAddress) =>
      copied(openFileOrigin(partsIn(from)), () => openPostgresTarget(address, KINDS));
    const schemasIn = (url: string) =>
      server.run(url, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'doorward%'");

    it('and back has exactly what the files had: every row, the log of changes, and the sequences', async () => {
      const [from, to] = [folder(), folder()];
      const { url, address } = place();
      fillHouse(from);
      const there = await toPostgres(from, address);
      for (const { rows, table } of there) expect(rows, table).toBeGreaterThan(0);
      const back = await copied(openPostgresOrigin(address, KINDS), () =>
        openFileTarget(partsIn(to)),
      );
      expect(back).toEqual(there);
      expect(everythingIn(to)).toEqual(everythingIn(from));
      expectSameOrder(from, url);
    });

    /** Text is ordered by its bytes at both ends. */
    const expectSameOrder = (dir: string, url: string) => {
      using db = new DatabaseSync(join(dir, DIRECTORY_FILE), { readOnly: true });
      const escaped = /\0|\u{fdd0}/u;
      const inFile = db
        .prepare('SELECT id FROM users ORDER BY id')
        .all()
        .map(({ id }) => String(id))
        // In Postgres, these two have others in their place.
        .filter((id) => id !== '' && !escaped.test(id))
        .map((id) => Buffer.from(id).toString('hex'));
      const inPostgres = server.run(
        url,
        "SELECT encode(convert_to(id, 'UTF8'), 'hex') FROM doorward_directory.users WHERE id <> '' AND position(U&'\\FDD0' in id) = 0 ORDER BY id",
      );
      expect(inFile.length).toBeGreaterThan(50);
      expect(inPostgres.split('\n')).toEqual(inFile);
    };

    it('lets no ended session revive and no disabled user in, and goes on counting', async () => {
      const from = folder();
      const { address } = place();
      const { bob } = await furnish(from);
      const before = openAccounts({ ...tools, dataDir: from });
      const [limit, factors] = [
        await before.sessionsValidFrom(ANN),
        await before.authenticators(ANN),
      ];
      await before.close();
      await toPostgres(from, address);
      const accounts = await openSharedAccounts(address, tools);
      onTestFinished(() => accounts.close());
      expect(await accounts.hasEnded(sessionOf(ENDED, limit + 5))).toBe(true);
      expect(await accounts.hasEnded(sessionOf(newId(), limit - 1))).toBe(true);
      expect(await accounts.hasEnded(sessionOf(SPARED, limit - 1))).toBe(false);
      expect(await accounts.sessionsValidFrom(ANN)).toBe(limit);
      expect(await accounts.authenticators(ANN)).toEqual(factors);
      await accounts.recordSignIn({ ...signIn, at: 2 });
      expect((await accounts.signIns(ANN)).map(({ at }) => at)).toEqual([2, 1]);
      const more = await directoryTools();
      onTestFinished(() => more.remove());
      const users = await openSharedDirectory(address, more);
      onTestFinished(() => users.close());
      expect((await users.read(bob))?.disabled).toBe(true);
      await users.update(bob, { groups: ['staff'] });
      const changes = 'SELECT max(seq), count(*) FROM';
      using db = new DatabaseSync(join(from, DIRECTORY_FILE), { readOnly: true });
      const seq = Number(db.prepare('SELECT max(seq) AS seq FROM changes').get()?.['seq']);
      expect(server.run(postgresUrl(address), `${changes} doorward_directory.changes`)).toBe(
        `${seq + 1}|${seq + 1}`,
      );
    });

    it('is nothing if it is interrupted, wherever that happens', async () => {
      const from = folder();
      const { url, address } = place();
      await furnish(from);
      let pieces = 0;
      for (let isWhole = false; !isWhole && pieces < 50; pieces += 1) {
        const run = copied(failing(openFileOrigin(partsIn(from)), pieces), () =>
          openPostgresTarget(address, KINDS),
        );
        isWhole = await run.then(
          () => true,
          () => false,
        );
        if (!isWhole) expect(schemasIn(url)).toBe('0');
      }
      expect(pieces).toBeGreaterThan(5);
      expect(schemasIn(url)).toBe('2');
    });

    it('is nothing if it differs', async () => {
      const from = folder();
      const { url, address } = place();
      await furnish(from);
      const run = copied(openFileOrigin(partsIn(from)), async () =>
        unfaithful(await openPostgresTarget(address, KINDS)),
      );
      await expect(run).rejects.toMatchObject({ code: 'database/copy-differs' });
      expect(schemasIn(url)).toBe('0');
    });

    it('goes to no database with tables, and to one with schemas that an administrator made', async () => {
      const from = folder();
      const { url, address } = place();
      await furnish(from);
      server.run(url, 'CREATE SCHEMA doorward_directory CREATE TABLE other (id int)');
      await expect(toPostgres(from, address)).rejects.toMatchObject({
        code: 'database/not-empty',
        message: expect.stringContaining(
          'DROP SCHEMA doorward_accounts, doorward_directory CASCADE',
        ),
      });
      server.run(url, 'DROP TABLE doorward_directory.other');
      await toPostgres(from, address);
      await expect(toPostgres(from, address)).rejects.toMatchObject({ code: 'database/not-empty' });
    });

    it('is refused while a gateway is connected, at either end', async () => {
      const from = folder();
      const { url, address } = place();
      await furnish(from);
      await toPostgres(from, address);
      const inUse = { code: 'database/in-use', status: 409 };
      const accounts = await openSharedAccounts(address, tools);
      await until('it listens', () => accounts.isCoherent());
      await expect(openPostgresOrigin(address, KINDS)).rejects.toMatchObject(inUse);
      server.run(url, 'DROP SCHEMA doorward_accounts, doorward_directory CASCADE');
      await expect(toPostgres(from, address)).rejects.toMatchObject(inUse);
      expect(schemasIn(url)).toBe('0');
      await accounts.close();
      await until('it has gone', () =>
        toPostgres(from, address).then(
          () => true,
          () => false,
        ),
      );
    });

    it('keeps gateways and changes out while it runs', async () => {
      const from = folder();
      const { address } = place();
      await furnish(from);
      await toPostgres(from, address);
      const accounts = await openSharedAccounts(address, tools);
      await accounts.close();
      const begun = await untilOrigin(address);
      const other = openSharedAccounts(address, tools);
      let isOpen = false;
      void other.then(() => (isOpen = true));
      await expect(openPostgresOrigin(address, KINDS)).rejects.toMatchObject({
        code: 'database/in-use',
      });
      expect(isOpen).toBe(false);
      await begun.close();
      await (await other).close();
    });

    const untilOrigin = async (address: PostgresAddress): Promise<Origin> => {
      let origin: Origin | null = null;
      await until('nothing is connected', async () => {
        origin = await openPostgresOrigin(address, KINDS).catch(() => null);
        return origin !== null;
      });
      if (origin === null) throw new Error('no origin');
      return origin;
    };

    it('needs accounts of this version', async () => {
      const from = folder();
      const { url, address } = place();
      await expect(openPostgresOrigin(address, KINDS)).rejects.toMatchObject({
        code: 'database/nothing',
      });
      await furnish(from);
      await toPostgres(from, address);
      for (const [version, code] of [
        [1, 'database/older'],
        [999, 'accounts/newer'],
      ] as const) {
        server.run(url, `UPDATE doorward_accounts.schema_version SET version = ${version}`);
        await expect(openPostgresOrigin(address, KINDS)).rejects.toMatchObject({ code });
      }
    });

    it('refuses numbers that it could not read exactly', async () => {
      const [from, to] = [folder(), folder()];
      const { url, address } = place();
      await furnish(from);
      await toPostgres(from, address);
      server.run(url, 'UPDATE doorward_accounts.sign_ins SET at = 9007199254740993');
      const run = copied(openPostgresOrigin(address, KINDS), () => openFileTarget(partsIn(to)));
      await expect(run).rejects.toThrow('cannot be copied');
      expect(filesIn(to)).toEqual([]);
    });

    it('keeps nothing in a server that is killed before it commits, and the outcome is called unknown', async () => {
      const from = folder();
      const { url, address } = place();
      await furnish(from);
      const run = copied(openFileOrigin(partsIn(from)), async () => {
        const target = await openPostgresTarget(address, KINDS);
        return {
          ...target,
          async commit() {
            await server.kill();
            await target.commit();
          },
        };
      });
      await expect(run).rejects.toMatchObject({ code: 'database/copy-unknown' });
      await server.start();
      expect(schemasIn(url)).toBe('0');
      await toPostgres(from, address);
    });

    it('is no way around a newer release: a gateway refuses its schema with the release that is needed', async () => {
      const { url, address } = place();
      await (await openSharedAccounts(address, tools)).close();
      const more = await directoryTools();
      onTestFinished(() => more.remove());
      await (await openSharedDirectory(address, more)).close();
      for (const schema of ['doorward_accounts', 'doorward_directory']) {
        server.run(url, `UPDATE ${schema}.schema_version SET version = 999`);
        server.run(url, `UPDATE ${schema}.written_by SET release = '9.8.7'`);
      }
      await expect(openSharedAccounts(address, tools)).rejects.toMatchObject({
        code: 'accounts/newer',
        message: expect.stringContaining('by the newer release 9.8.7: its tables have version 999'),
      });
      await expect(openSharedDirectory(address, more)).rejects.toMatchObject({
        code: 'directory/newer',
      });
      expect(server.run(url, 'SELECT version FROM doorward_accounts.schema_version')).toBe('999');
    });
  },
);

function postgresUrl({ user, host, port, name }: PostgresAddress): string {
  return `postgres://${user}@${host}:${port}/${name}`;
}
