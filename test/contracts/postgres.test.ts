/** The account store and the embedded directory in Postgres, against their contracts. */
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { openSharedAccounts } from '../../src/accounts/accounts.ts';
import type { Accounts } from '../../src/core/people/account.ts';
import type { WritableDirectory } from '../../src/core/people/directory.ts';
import type { PostgresAddress } from '../../src/core/setup/postgres-address.ts';
import { openSharedDirectory } from '../../src/directories/embedded/directory.ts';
import { postgresConfig } from '../../src/schema/postgres.ts';
import { createVault } from '../../src/tickets/vault.ts';
import { directoryTools } from '../support/directory-tools.ts';
import { isLeftOut } from '../support/packages.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { eventLog, testClock, testVault } from '../support/state.ts';
import { until } from '../support/until.ts';
import { accountsContract } from './accounts.suite.ts';
import { consentsContract } from './consents.suite.ts';
import { type Bench, directoryContract } from './directories.suite.ts';
import { putPeople } from './embedded-people.ts';
import { endingsContract } from './endings.suite.ts';
import { factorTriesContract } from './factor-tries.suite.ts';
import { importedFactorsContract } from './imported-factors.suite.ts';
import { namedUsersContract } from './named-users.suite.ts';
import { passwordsContract } from './passwords.suite.ts';
import { signInsContract } from './sign-ins.suite.ts';
import { sealsContract } from './seals.suite.ts';
import { sourceLinksContract } from './source-links.suite.ts';
import { tokensContract } from './tokens.suite.ts';
import { writableDirectoryContract } from './writable-directories.suite.ts';

describe.skipIf(isLeftOut('postgres'))(
  'Postgres (unless left out by DOORWARD_TEST_WITHOUT)',
  () => {
    let server: Postgres;
    let url: string;
    beforeAll(async () => {
      server = await startPostgres();
      url = server.create();
    });
    /** An empty database. A new one for each test would take longer. */
    const emptied = () => {
      server.run(url, 'DROP SCHEMA IF EXISTS doorward_accounts, doorward_directory CASCADE');
      return postgresConfig.parse(url);
    };
    afterAll(() => server?.stop());

    const accountsWorld = async () => {
      const clock = testClock();
      const config = emptied();
      const opened: Accounts[] = [];
      return {
        clock,
        open: async () => {
          const accounts = await openSharedAccounts(config, {
            clock,
            vault: testVault(),
            events: eventLog(),
          });
          opened.push(accounts);
          await until('changes are announced', () => accounts.isCoherent());
          return accounts;
        },
        end: async () => void (await Promise.all(opened.map((accounts) => accounts.close()))),
      };
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
      contract('postgres', accountsWorld);
    }

    /** Accounts, closed after the test. */
    const openAccounts = async (config: PostgresAddress, ...secrets: string[]) => {
      const vault = secrets.length === 0 ? testVault() : createVault(secrets);
      const accounts = await openSharedAccounts(config, {
        clock: testClock(),
        vault,
        events: eventLog(),
      });
      onTestFinished(() => accounts.close());
      return accounts;
    };
    sourceLinksContract('postgres', () => openAccounts(emptied()));
    namedUsersContract('postgres', () => openAccounts(emptied()));
    sealsContract('postgres', async () => {
      const config = emptied();
      return (...secrets) => openAccounts(config, ...secrets);
    });

    /** Two instances; what one of them writes, the other announces. */
    async function directoryBench(): Promise<Bench> {
      const tools = await directoryTools();
      const config = emptied();
      const directory = await openSharedDirectory(config, tools);
      const other = await openSharedDirectory(config, tools);
      await untilCoherent(other);
      await untilCoherent(directory);
      return {
        directory,
        async put(people) {
          const [written, heard] = [new Set<string | null>(), new Set<string | null>()];
          const unwatch = [
            other.watch((id) => written.add(id)),
            directory.watch((id) => heard.add(id)),
          ];
          await putPeople(other, tools.passwords, people);
          await until('the other instance hears of it', () => written.isSubsetOf(heard));
          for (const stop of unwatch) stop();
        },
        async close() {
          await Promise.all([directory.close(), other.close()]);
          await tools.remove();
        },
      };
    }
    directoryContract('embedded', directoryBench);
    writableDirectoryContract('embedded', async () => {
      const tools = await directoryTools();
      const users = await openSharedDirectory(emptied(), tools);
      await untilCoherent(users);
      return {
        users,
        echoes: true,
        hash: (password) => tools.passwords.hash(password),
        async close() {
          await users.close();
          await tools.remove();
        },
      };
    });
  },
);

function untilCoherent(directory: WritableDirectory): Promise<void> {
  return until('changes are announced', () => directory.freshFor() > 0);
}
