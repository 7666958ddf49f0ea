/**
 * The name of one accounts file, by which the directory beside it knows it again. Without it, a file
 * that was lost and made anew would look like one in which no user ever set up a second factor.
 */
import type { Random } from '../core/values/system.ts';
import type { Database } from './database.ts';

/** Who this file is. */
interface Identity {
  /** Null: it has no name yet, being new or of release 0.1. */
  readonly id: string | null;
  /** Whether it belongs to an embedded directory. */
  readonly isPaired: boolean;
}

/** Reads and gives the name. */
export interface IdentityTable {
  identity(): Identity;
  /** Whether anything is kept about a user whose id begins so. */
  knows(prefix: string): boolean;
  /** Gives it a name, unless it has one; `isPaired` is only ever set. */
  establish(random: Random, isPaired: boolean): Promise<string>;
}

/** 128 bit and more. */
const ID_BYTES = 18;
const TABLES = ['authenticators', 'devices', 'sign_ins', 'passwords', 'consents'];

/** The name of one file. */
export function identityTable(db: Database): IdentityTable {
  const read = db.prepare('SELECT id, is_paired FROM identity');
  const insert = db.prepare('INSERT INTO identity (id, is_paired) VALUES (?, ?)');
  const pair = db.prepare('UPDATE identity SET is_paired = 1');
  const known = TABLES.map((table) =>
    db.prepare(`SELECT 1 FROM ${table} WHERE substr(user_id, 1, ?) = ? LIMIT 1`),
  );
  const identity = (): Identity => {
    const row = db.read(() => read.get()) as { id: string; is_paired: number } | undefined;
    return { id: row?.id ?? null, isPaired: row?.is_paired === 1 };
  };
  return {
    identity,
    knows: (prefix) =>
      db.read(() => known.some((one) => one.get(prefix.length, prefix) !== undefined)),
    establish: (random, isPaired) =>
      db.write(() => {
        const { id } = identity();
        const name = id ?? random.token(ID_BYTES);
        if (id === null) insert.run(name, isPaired ? 1 : 0);
        else if (isPaired) pair.run();
        return name;
      }),
  };
}
