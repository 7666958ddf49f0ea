/** The two ends of a copy, and why one of them cannot be used. */
import { Problem } from '../../core/values/problem.ts';
import type { DatabaseKind } from '../kind.ts';
import { type Held, refuseNewer } from '../newer.ts';
import type { Row } from '../sql.ts';
import type { Table } from './tables.ts';

/** One part of a place: a file, or a schema. */
export interface Part {
  readonly kind: DatabaseKind;
  /** Its file, if the place consists of files. */
  readonly file: string;
}

/** Where a copy comes from, in one state that nothing changes until it is closed. */
export interface Origin {
  /** Whether the place has the part. It always has the first one. */
  has(kind: DatabaseKind): boolean;
  /** All rows of a table, in pieces and in any order. */
  rows(kind: DatabaseKind, table: Table): AsyncIterable<readonly Row[]>;
  close(): Promise<void>;
}

/** Where a copy goes to: empty before, and empty again if it is closed without a commit. */
export interface Target {
  /** Makes the tables of a part, without rows. */
  create(kind: DatabaseKind, tables: readonly Table[]): Promise<void>;
  put(kind: DatabaseKind, table: Table, rows: readonly Row[]): Promise<void>;
  /** What was put, as it was stored. */
  rows(kind: DatabaseKind, table: Table): AsyncIterable<readonly Row[]>;
  /** From now on, all of it counts. */
  commit(): Promise<void>;
  close(): Promise<void>;
}

/** Rows of one piece. */
export const PIECE = 500;

/** What a column contains. */
type Stored = string | number | Uint8Array | null;

/** The values of a row, in the order of the columns. */
export function valuesOf(row: Row, { name, columns }: Table): Stored[] {
  return columns.map((column) => {
    const value = row[column];
    if (value === null || typeof value === 'string' || typeof value === 'number') return value;
    if (value instanceof Uint8Array) return value;
    throw new TypeError(`column ${name}.${column}: a value that cannot be copied`);
  });
}

/** Problem for a part that does not have exactly the tables of this release; `name` is the part in words. */
export function refuseOtherVersion(kind: DatabaseKind, name: string, held: Held): void {
  refuseNewer(kind, name, held);
  const known = kind.migrations.length;
  if (held.version === known) return;
  throw new Problem(
    'database/older',
    `${name} has version ${held.version} of its tables, and only version ${known} is copied. Start this release on it once, which upgrades it, and stop it again.`,
    { status: 409 },
  );
}

/** Problem for a place that something has open. */
export function inUse(name: string): Problem {
  const message = `${name} is in use. Stop every gateway and command that uses it, and try again.`;
  return new Problem('database/in-use', message, { status: 409 });
}

/** Problem for a target that is not empty. */
export function notEmpty(name: string, remedy: string): Problem {
  const message = `${name}, and a copy goes only to an empty place. ${remedy}`;
  return new Problem('database/not-empty', message, { status: 409 });
}

/** Problem for an origin without its first part. */
export function nothingThere(name: string): Problem {
  const message = `${name}, so there is nothing to copy. Correct the place, restore a backup, or start a gateway on it once.`;
  return new Problem('database/nothing', message, { status: 404 });
}
