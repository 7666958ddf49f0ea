/** Whether accounts and users in Postgres belong together, and to this gateway. The rules for files: pairing.test.ts. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AccountStore,
  openAccounts,
  openSharedAccounts,
} from '../../src/accounts/accounts.ts';
import type { PostgresAddress } from '../../src/core/setup/postgres-address.ts';
import { openFileOrigin } from '../../src/database/copy/file-origin.ts';
import { openPostgresTarget } from '../../src/database/copy/postgres-target.ts';
import { openPaired } from '../../src/run/backing/pairing.ts';
import { postgresConfig } from '../../src/schema/postgres.ts';
import { createVault } from '../../src/tickets/vault.ts';
import { fakeRandom } from '../support/fakes.ts';
import { copied, folder, furnish, KINDS, partsIn, tools } from '../support/houses.ts';
import { isLeftOut } from '../support/packages.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { ANN } from './accounts-world.ts';

const random = fakeRandom();
const { events } = tools;

describe.skipIf(isLeftOut('postgres'))(
  'a database of a gateway (unless Postgres is left out by DOORWARD_TEST_WITHOUT)',
  () => {
    let server: Postgres;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server?.stop());

    const place = () => {
      const url = server.create();
      return { url, address: postgresConfig.parse(url) };
    };
    /** What every start does. */
    const open = (
      dataDir: string,
      database: PostgresAddress,
      ...secrets: string[]
    ): Promise<AccountStore> => {
      const vault = secrets.length === 0 ? tools.vault : createVault(secrets);
      const make = () => openSharedAccounts(database, { ...tools, vault });
      return openPaired({ dataDir, database, isEmbedded: true, random, events, open: make });
    };
    const start = async (...args: Parameters<typeof open>): Promise<void> => {
      await (await open(...args)).close();
    };

    it.each([
      ['emptied', 'DROP SCHEMA doorward_accounts, doorward_directory CASCADE', 'accounts/gone'],
      ['without its accounts', 'DROP SCHEMA doorward_accounts CASCADE', 'accounts/gone'],
      ['without its users', 'DROP SCHEMA doorward_directory CASCADE', 'directory/gone'],
      [
        'restored with other accounts',
        "UPDATE doorward_accounts.identity SET id = 'other'",
        'accounts/gone',
      ],
    ])(
      'that is %s is a fault at every start, until an operator accepts it',
      async (_, sql, code) => {
        const { url, address } = place();
        const dir = folder();
        await start(dir, address);
        await start(dir, address);
        server.run(url, sql);
        await expect(open(dir, address)).rejects.toMatchObject({ code, status: 503 });
        await expect(open(dir, address)).rejects.toMatchObject({ code });
        writeFileSync(join(dir, 'accept-loss'), '');
        await start(dir, address);
        expect(existsSync(join(dir, 'accept-loss'))).toBe(false);
        await start(dir, address);
      },
    );

    it('that was exchanged for an empty one is a fault', async () => {
      const dir = folder();
      await start(dir, place().address);
      await expect(open(dir, place().address)).rejects.toMatchObject({ code: 'accounts/gone' });
    });

    it('that was sealed with another secret is a fault', async () => {
      const { address } = place();
      const [old, other] = ['a'.repeat(40), 'b'.repeat(40)];
      const first = await open(folder(), address, old);
      await first.renewSeals();
      await first.close();
      const refused = { code: 'accounts/secrets', status: 503 };
      await expect(open(folder(), address, other)).rejects.toMatchObject(refused);
      await start(folder(), address, other, old);
    });

    it('that was copied from the files of the gateway is its own', async () => {
      const { address } = place();
      const dir = folder();
      const files = () =>
        openPaired({
          dataDir: dir,
          database: null,
          isEmbedded: true,
          random,
          events,
          open: () => openAccounts({ ...tools, dataDir: dir }),
        });
      await (await files()).close();
      await furnish(dir);
      await copied(openFileOrigin(partsIn(dir)), () => openPostgresTarget(address, KINDS));
      const accounts = await open(dir, address);
      expect(await accounts.authenticators(ANN)).toHaveLength(1);
      await accounts.close();
      // A further machine, which has none of the files.
      await start(folder(), address);
    });
  },
);
