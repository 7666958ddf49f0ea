/**
 * The id of the accounts file, by which the directory beside it recognizes it. Without it, a file that
 * was lost and created anew would look like one in which no user ever set up a second factor.
 */
import type { Random } from '../core/values/system.ts';
import type { Database } from '../database/database.ts';
import { flag, text } from '../database/rows.ts';
import { beginsWith, command, exists, query, rangeOf, type Steps } from '../database/sql.ts';

/** How the file is known. */
interface FileId {
  /** Null: it has none yet, being new or from release 0.1. */
  readonly id: string | null;
  /** Whether it belongs to an embedded directory. */
  readonly isPaired: boolean;
}

/** Reads and assigns the id. */
export interface FileIds {
  fileId(): Promise<FileId>;
  /** Whether anything is kept about a user whose id starts with `prefix`. */
  hasUsersOf(prefix: string): Promise<boolean>;
  /** Assigns an id, unless there is one, and resolves with it. */
  assignFileId(random: Random): Promise<string>;
  /** As `assignFileId`, and notes for good that the file belongs to an embedded directory. */
  pairFile(random: Random): Promise<string>;
}

/** 144 bits. */
const ID_BYTES = 18;

const READ = query('SELECT id, is_paired FROM identity', (row) => ({
  id: text(row, 'id'),
  isPaired: flag(row, 'is_paired'),
}));
const INSERT = command('INSERT INTO identity (id, is_paired) VALUES (?, 0)');
const PAIR = command('UPDATE identity SET is_paired = 1');
const KNOWN = ['authenticators', 'devices', 'sign_ins', 'passwords', 'consents', 'tokens'].map(
  (table) => exists(`SELECT 1 FROM ${table} WHERE ${beginsWith('user_id')} LIMIT 1`),
);

/** The id of one file. */
export function fileIdTable(db: Database): FileIds {
  return {
    fileId: async () => (await db.read(() => READ.first())) ?? { id: null, isPaired: false },
    hasUsersOf: (prefix) =>
      db.read(function* () {
        for (const isKnown of KNOWN) if (yield* isKnown(...rangeOf(prefix))) return true;
        return false;
      }),
    assignFileId: (random) => db.write(() => assign(random)),
    pairFile: (random) =>
      db.write(function* () {
        const id = yield* assign(random);
        yield* PAIR();
        return id;
      }),
  };
}

function* assign(random: Random): Steps<string> {
  const known = yield* READ.first();
  if (known !== null) return known.id;
  const id = random.token(ID_BYTES);
  yield* INSERT(id);
  return id;
}
