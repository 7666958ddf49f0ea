/** What distinguishes one of our databases from another. */
import type { Problem } from '../core/values/problem.ts';

/** A change of the tables. Plain SQL is in the types of SQLite; `postgres/statement.ts` translates them. */
export type Migration = string | { readonly sqlite: string; readonly postgres: string };

/** One kind of file, or the same tables in Postgres. */
export interface DatabaseKind {
  /** First half of its problem codes. */
  readonly code: 'store' | 'accounts' | 'directory';
  /** Name in messages to operators, such as `state file`. */
  readonly name: string;
  /** Name in messages about faults at run time, such as `session store`. */
  readonly role: string;
  /** Run once each, in order. Append only: a released migration is never edited. */
  readonly migrations: readonly Migration[];
  /** Functions of one text that migrations call, by name. */
  readonly functions?: Readonly<Record<string, (text: string) => string>>;
  /** SQL run at each opening, before the migrations. */
  readonly pragmas: string;
  /** Whether every write is on the disk before it resolves. */
  readonly lasting: boolean;
  /** Milliseconds SQLite itself may block on a lock; after that we try again later. */
  readonly block: number;
  /** Attempts at a locked file, with pauses of 10 to 50 ms between them. */
  readonly attempts: number;
  /** For operators: the consequence of going on without a damaged file. */
  readonly loss: string;
  /** For operators: what to do about a file of a newer release. */
  readonly newer: string;
  /** Called when the disk becomes full; again only after a write has succeeded. */
  readonly onFull?: ((problem: Problem) => void) | undefined;
}
