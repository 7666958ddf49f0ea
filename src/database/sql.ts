/**
 * SQL as data. A repository describes what it reads and writes as generators that yield statements;
 * the database behind them runs each statement and sends its result back. SQLite runs them in one go,
 * without giving way to other work; a database across a network can await each of them.
 */

/** A parameter. SQLite stores booleans as 0 and 1. */
export type Value = string | number | boolean | Uint8Array | null;

/** One row, by column name. Read columns with `rows.ts`. */
export type Row = Readonly<Record<string, unknown>>;

/** A statement with its parameters. Placeholders are `?`, or `?1` where one is used repeatedly. */
export interface Call {
  readonly sql: string;
  readonly values: readonly Value[];
  /** Whether the statement returns rows. */
  readonly returns: 'rows' | 'nothing';
}

/** The result of one statement. */
export interface Outcome {
  /** Empty for statements that return none. */
  readonly rows: readonly Row[];
  /** Rows inserted, updated or deleted; 0 for statements that return rows. */
  readonly changes: number;
}

/**
 * Statements that run one after another and result in a `T`. They may run again when another process
 * held a lock. A statement that fails ends them: use `ON CONFLICT` where a conflict is expected.
 */
export type Steps<T> = Generator<Call, T, Outcome>;

/** A statement that returns rows. */
export interface Query<T> {
  all(...values: Value[]): Steps<readonly T[]>;
  /** The first row, or null. */
  first(...values: Value[]): Steps<T | null>;
}

/** A statement that returns rows, each of which `read` turns into a value. */
export function query<T>(sql: string, read: (row: Row) => T): Query<T> {
  return {
    *all(...values) {
      const { rows } = yield { sql, values, returns: 'rows' };
      return rows.map((row) => read(row));
    },
    *first(...values) {
      const { rows } = yield { sql, values, returns: 'rows' };
      const row = rows[0];
      return row === undefined ? null : read(row);
    },
  };
}

/** A statement that returns nothing; results in how many rows it changed. */
export function command(sql: string): (...values: Value[]) => Steps<number> {
  return function* run(...values) {
    const { changes } = yield { sql, values, returns: 'nothing' };
    return changes;
  };
}

/** Whether a statement returns any row. */
export function exists(sql: string): (...values: Value[]) => Steps<boolean> {
  const found = query(sql, () => true);
  return function* run(...values) {
    return (yield* found.first(...values)) !== null;
  };
}

/** A condition: the text of a column begins with a prefix. An index finds the rows; `rangeOf` has the parameters. */
export function beginsWith(column: string): string {
  return `${column} >= ? AND ${column} < ?`;
}

/** The parameters for a prefix that ends in an ASCII character. Texts compare by bytes. */
export function rangeOf(prefix: string): readonly [string, string] {
  const last = prefix.length - 1;
  return [prefix, prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1)];
}
