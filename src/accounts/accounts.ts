/**
 * What is kept about people beside their directory, in one SQLite file under `data_dir`: for the
 * gateway and the command line alike, for users of every directory. Nothing of it is remembered
 * between two questions, so what another process wrote counts at once; `passkey-search.ts` is the exception.
 */
import { join } from 'node:path';
import type { Accounts } from '../core/people/account.ts';
import type { AdapterTools } from '../core/setup/adapters.ts';
import { authenticatorsTable } from './authenticators.ts';
import { consentsTable } from './consents.ts';
import { openDatabase } from './database.ts';
import { endingsTable } from './endings.ts';
import { devicesTable } from './devices.ts';
import { factorTriesTable } from './factor-tries.ts';
import { type IdentityTable, identityTable } from './identity.ts';
import { invitationsTable } from './invitations.ts';
import { passkeySearch } from './passkey-search.ts';
import { passwordsTable } from './passwords.ts';
import { type Renewal, renewSeals } from './seals.ts';
import { signInsTable } from './sign-ins.ts';

/** Name of the file in `data_dir`. */
export const ACCOUNTS_FILE = 'accounts.db';

/** Tables whose rows go when their user is deleted. */
const OF_USERS = [
  'authenticators',
  'devices',
  'sign_ins',
  'passwords',
  'consents',
  'factor_tries',
] as const;

/** The store in a file. */
export interface EmbeddedAccounts extends Accounts, IdentityTable {
  /** Rejects when the file was replaced, cannot be written, or the disk is full. */
  ping(): Promise<void>;
  /**
   * Seals everything by the first secret, if it is not yet. For the gateway at its start: a command
   * run with a changed configuration must not seal by what a running gateway does not know.
   */
  renewSeals(): Promise<Renewal>;
}

/** Opens the file. Problems `accounts/unusable` and `accounts/newer`. */
export function openAccounts(
  tools: Pick<AdapterTools, 'clock' | 'vault' | 'dataDir'>,
): EmbeddedAccounts {
  const { clock, vault } = tools;
  const db = openDatabase(join(tools.dataDir, ACCOUNTS_FILE));
  const forget = OF_USERS.map((table) => db.prepare(`DELETE FROM ${table} WHERE user_id = ?`));
  return {
    ...authenticatorsTable(db, vault),
    ...passkeySearch(db, vault),
    ...devicesTable(db),
    ...endingsTable(db),
    ...signInsTable(db),
    ...factorTriesTable(db),
    ...passwordsTable(db, vault),
    ...consentsTable(db, clock),
    ...invitationsTable(db, clock),
    ...identityTable(db),
    ping: () => db.probe(),
    forgetUser: (userId) =>
      db.write(() => forget.forEach((statement) => statement.run(userId)), { ending: true }),
    renewSeals: () => renewSeals(db, vault),
    close: () => Promise.resolve(db.close()),
  };
}
