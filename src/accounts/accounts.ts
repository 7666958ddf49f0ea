/**
 * What is stored about users beside their directory, for users of every directory. Used by the gateway
 * and the command line. Nothing is cached, so what another process wrote counts at once;
 * `passkey-search.ts` is the exception.
 */
import { join } from 'node:path';
import type { Accounts, NamedUsers } from '../core/people/account.ts';
import type { PostgresAddress } from '../core/setup/postgres-address.ts';
import type { SourceLinks } from '../core/sources/source-link.ts';
import type { AdapterTools } from '../core/setup/adapters.ts';
import { type ChangeLog, type ChangesTiming, openChangeLog } from '../database/change-log.ts';
import type { Database } from '../database/database.ts';
import { openChangeFeed } from '../database/postgres/change-feed.ts';
import { openPostgres } from '../database/postgres/postgres.ts';
import type { PostgresTiming } from '../database/postgres/server.ts';
import { command, type Steps } from '../database/sql.ts';
import { openSqlite } from '../database/sqlite.ts';
import { authenticatorsTable } from './authenticators.ts';
import { consentsTable } from './consents.ts';
import { endingsTable } from './endings/endings.ts';
import { devicesTable } from './devices.ts';
import { factorTriesTable } from './factor-tries.ts';
import { type FileIds, fileIdTable } from './file-id.ts';
import { invitationsTable } from './invitations.ts';
import { namedUsersTable } from './named-users.ts';
import { passkeySearch } from './passkey-search.ts';
import { passwordsTable } from './passwords.ts';
import { ACCOUNTS_KIND } from './schema.ts';
import { opensSeals, type Renewal, renewSeals } from './seals.ts';
import { signInsTable } from './sign-ins.ts';
import { sourceLinksTable } from './source-links.ts';
import { tokensTable } from './tokens.ts';

/** Name of the file in `data_dir`. */
export const ACCOUNTS_FILE = 'accounts.db';

/** Without a request that asks, changes of other processes show within `poll`. */
const TIMING: ChangesTiming = { believed: 1, poll: 250 };

/** Delete the rows of a deleted user. */
const FORGET = [
  'authenticators',
  'devices',
  'sign_ins',
  'passwords',
  'consents',
  'factor_tries',
  'tokens',
  'source_links',
].map((table) => command(`DELETE FROM ${table} WHERE user_id = ?`));

function* forget(userId: string): Steps<void> {
  for (const remove of FORGET) yield* remove(userId);
}

/** The store in a database. */
export interface AccountStore extends Accounts, FileIds, NamedUsers, SourceLinks {
  /** Rejects when the database does not answer, cannot be written, or its disk is full; also if a file was replaced. */
  ping(): Promise<void>;
  /**
   * Seals everything with the first secret. Only the gateway does so, at its start: a command that runs
   * with a changed configuration must not use a secret that the running gateway does not have.
   */
  renewSeals(): Promise<Renewal>;
  /** Whether a configured secret is the one with which everything was last sealed; true if nothing was. */
  opensSeals(): Promise<boolean>;
}

/** Opens the file. Problems `accounts/unusable` and `accounts/newer`. */
export function openAccounts(
  tools: Pick<AdapterTools, 'clock' | 'vault' | 'dataDir'>,
): AccountStore {
  const db = openSqlite(join(tools.dataDir, ACCOUNTS_FILE), ACCOUNTS_KIND);
  return joinTables(db, openChangeLog(db, { id: 'user_id' }, TIMING), tools);
}

/** Opens those in Postgres. Problems `accounts/unusable` and `accounts/newer`. */
export async function openSharedAccounts(
  address: PostgresAddress,
  tools: Pick<AdapterTools, 'clock' | 'vault' | 'events'>,
  timing?: PostgresTiming,
): Promise<AccountStore> {
  const db = await openPostgres(address, ACCOUNTS_KIND, timing);
  return joinTables(db, openChangeFeed(db, tools.events), tools);
}

function joinTables(
  db: Database,
  changes: ChangeLog,
  { clock, vault }: Pick<AdapterTools, 'clock' | 'vault'>,
): AccountStore {
  return {
    ...authenticatorsTable(db, vault, changes),
    ...passkeySearch(db, vault),
    ...devicesTable(db),
    ...endingsTable(db),
    ...signInsTable(db),
    ...factorTriesTable(db),
    ...passwordsTable(db, vault),
    ...consentsTable(db, clock),
    ...invitationsTable(db, clock),
    ...tokensTable(db, changes, clock),
    ...sourceLinksTable(db),
    ...fileIdTable(db),
    ...namedUsersTable(db, changes, forget),
    ping: () => db.probe(),
    async forgetUser(userId) {
      await db.write(
        function* () {
          yield* forget(userId);
          yield* changes.record([userId]);
        },
        { ending: true },
      );
      await changes.announce([userId]);
    },
    watch: (listener) => changes.watch(listener),
    isCoherent: () => changes.isCoherent(),
    renewSeals: () => renewSeals(db, vault),
    opensSeals: () => opensSeals(db, vault),
    async close() {
      changes.stop();
      db.close();
    },
  };
}
