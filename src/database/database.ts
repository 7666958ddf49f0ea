/** What repositories need of a database. `sqlite.ts` implements it. */
import type { Steps } from './sql.ts';

/** How one write is done. */
export interface WriteOptions {
  /** On the disk before it resolves, for what must not come back after a power cut. */
  readonly lasting?: boolean;
  /** It takes access away: done even when the disk is full, in space reserved for it. Implies `lasting`. */
  readonly ending?: boolean;
}

/**
 * One open database. Rejects with Problem `…/unavailable` or `…/damaged`; Problems thrown by the steps
 * pass through.
 */
export interface Database {
  /** Statements that only read. */
  read<T>(steps: () => Steps<T>): Promise<T>;
  /** One transaction: all statements count, or none. Also Problem `…/full`. */
  write<T>(steps: () => Steps<T>, options?: WriteOptions): Promise<T>;
  /** Rejects unless the database can be written. */
  probe(): Promise<void>;
  close(): void;
}
