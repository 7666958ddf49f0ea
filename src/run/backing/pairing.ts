/**
 * Whether the accounts and the directory of one `data_dir` or database belong together. An accounts file
 * that was lost and silently made anew would take every second factor away with it, so that a
 * password alone would sign in: a start refuses that, until an operator accepts the loss.
 */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCOUNTS_FILE, type AccountStore } from '../../accounts/accounts.ts';
import { describePostgres, type PostgresAddress } from '../../core/setup/postgres-address.ts';
import type { EventSink } from '../../core/access/event.ts';
import { errorCode } from '../../core/values/error-code.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Random } from '../../core/values/system.ts';
import { directoryFile, type Pair, withPair } from '../../directories/embedded/pair.ts';

/** Holds the accounts file's name, for directories that are kept elsewhere. */
const NAME_FILE = 'accounts-id';
/** An operator creates it to start in spite of a loss; it is used once. */
const ACCEPT_FILE = 'accept-loss';
/** What only a gateway that ran leaves behind; the command line makes users without it. */
const TRACES = ['state.db', 'first-users-made', 'first-run.lock'];
/** How ids of users of the embedded directory begin. */
const OURS = 'embedded/';

/** What is known before the accounts file is opened, or made. */
interface Before {
  /** Whether the accounts file is there and not empty. */
  readonly isThere: boolean;
  /** What the file beside it says; null without one. */
  readonly noted: string | null;
  /** Whether a gateway ran here before. */
  readonly wasServed: boolean;
  /** Null: no embedded directory is configured. */
  readonly pair: Pair | null;
}

/** What is missing. */
type Loss = 'accounts' | 'directory' | 'secrets' | null;

/** The loss that shows without the accounts file being opened. */
function lossBefore({ isThere, noted, wasServed, pair }: Before): Loss {
  if (isThere) return null;
  const isExpected = noted !== null || (pair !== null && pair.accounts !== null);
  // Release 0.1 noted no name; there, a gateway that ran has always made the file.
  const isMissed = pair !== null && pair.isLegacy && pair.hasUsers && wasServed;
  return isExpected || isMissed ? 'accounts' : null;
}

/** The loss that shows once it is open. */
async function lossAfter(
  { noted, pair }: Before,
  accounts: Pick<AccountStore, 'fileId' | 'hasUsersOf'>,
): Promise<Loss> {
  const { id, isPaired } = await accounts.fileId();
  if (noted !== null && noted !== id) return 'accounts';
  if (pair === null) return null;
  if (pair.accounts !== null) return pair.accounts === id ? null : 'accounts';
  const isLost = isPaired || (!pair.hasUsers && (await accounts.hasUsersOf(OURS)));
  return isLost ? 'directory' : null;
}

/** What it takes. */
interface PairingParts {
  readonly dataDir: string;
  /** The database in place of files under `dataDir`. */
  readonly database: PostgresAddress | null;
  /** Whether the configuration names the embedded directory. */
  readonly isEmbedded: boolean;
  readonly random: Random;
  readonly events: EventSink;
  readonly open: () => AccountStore | Promise<AccountStore>;
}

/** Opens the accounts file, if it is the right one. Problems `accounts/gone` and `directory/gone`. */
export async function openPaired(parts: PairingParts): Promise<AccountStore> {
  const { dataDir, database, isEmbedded } = parts;
  const path = join(dataDir, ACCOUNTS_FILE);
  const before = {
    // An empty database is recognized by what was noted, after it was opened.
    isThere: database !== null || (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0,
    noted: notedIn(dataDir),
    wasServed: TRACES.some((name) => existsSync(join(dataDir, name))),
  };
  if (!isEmbedded) return pairUp(parts, { ...before, pair: null });
  const opened = Promise.withResolvers<AccountStore>();
  await withPair(database ?? directoryFile(dataDir), async (pair) => {
    const accounts = await pairUp(parts, { ...before, pair });
    opened.resolve(accounts);
    return (await accounts.fileId()).id;
  });
  return opened.promise;
}

async function pairUp(parts: PairingParts, before: Before): Promise<AccountStore> {
  const { dataDir, random, events } = parts;
  const accept = join(dataDir, ACCEPT_FILE);
  const isAccepted = existsSync(accept);
  const early = lossBefore(before);
  if (early !== null && !isAccepted) throw gone(early, parts);
  const accounts = await parts.open();
  try {
    const loss =
      early ?? (await lossAfter(before, accounts)) ?? (await lossOfSecrets(parts, accounts));
    if (loss !== null && !isAccepted) throw gone(loss, parts);
    const { id, isPaired } = await accounts.fileId();
    const isUnpaired = before.pair !== null && !isPaired;
    const name = isUnpaired
      ? await accounts.pairFile(random)
      : (id ?? (await accounts.assignFileId(random)));
    if (before.noted !== name)
      writeFileSync(join(dataDir, NAME_FILE), `${name}\n`, { mode: 0o600 });
    if (loss !== null) {
      rmSync(accept);
      const cause = new Error(`the loss of the ${loss} file was accepted by ${ACCEPT_FILE}`);
      events.emit({ type: 'fault', code: `${loss}/loss-accepted`, requestId: null, cause });
    }
    return accounts;
  } catch (caught) {
    await accounts.close();
    throw caught;
  }
}

function notedIn(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, NAME_FILE), 'utf8').trim() || null;
  } catch (caught) {
    if (errorCode(caught) === 'ENOENT') return null;
    throw caught;
  }
}

/** Two instances with different secrets could not open what the other one seals. */
async function lossOfSecrets(
  { database }: PairingParts,
  accounts: Pick<AccountStore, 'opensSeals'>,
): Promise<Loss> {
  return database === null || (await accounts.opensSeals()) ? null : 'secrets';
}

function gone(
  what: NonNullable<Loss>,
  { dataDir, database }: Pick<PairingParts, 'dataDir' | 'database'>,
): Problem {
  const accept = `If it is lost for good, create the empty file ${join(dataDir, ACCEPT_FILE)} and start again.`;
  if (what === 'secrets') {
    return new Problem(
      'accounts/secrets',
      `Second factors and passkeys in the database were sealed with a secret that is not in session.secrets. Give every instance the same secrets. ${accept}`,
      { status: 503 },
    );
  }
  const [lost, other] =
    what === 'accounts' ? [ACCOUNTS_FILE, 'its users'] : ['directory.db', ACCOUNTS_FILE];
  const meaning =
    what === 'accounts'
      ? 'Starting would silently lose every second factor, passkey, and invitation.'
      : 'Starting would silently lose every user of the embedded directory.';
  const found =
    database === null
      ? `${join(dataDir, lost)} is missing, empty, or does not belong to ${other}.`
      : `The ${describePostgres(database)} is empty, or is not the one that this gateway used before.`;
  return new Problem(`${what}/gone`, `${found} ${meaning} Restore it from a backup. ${accept}`, {
    status: 503,
  });
}
