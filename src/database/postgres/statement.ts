/** Our statements as Postgres wants them, and its values as our rows expect them. */
import type { Call, Value } from '../sql.ts';

/** A statement of ours in the form of the driver. */
export interface Statement {
  /** Of the prepared statement on each connection. */
  readonly name: string;
  readonly text: string;
}

const known = new Map<string, Statement>();

/** The statement with `$1` in place of `?` and `?1`. Repositories have a fixed number of statements. */
export function statementOf(sql: string): Statement {
  const found = known.get(sql);
  if (found !== undefined) return found;
  let last = 0;
  const text = sql.replace(/\?(\d*)/g, (_, digits: string) => {
    if (digits === '') last += 1;
    return `$${digits === '' ? last : digits}`;
  });
  const made = { name: `doorward_${known.size}`, text };
  known.set(sql, made);
  return made;
}

/** The parameters of a call. */
export function parametersOf({ values }: Pick<Call, 'values'>): readonly Value[] {
  return values.map((value) => {
    if (typeof value === 'boolean') return Number(value);
    return typeof value === 'string' ? withoutNul(value) : value;
  });
}

/**
 * Text in Postgres contains no NUL, but ids of a users file and logins of clients may. A noncharacter
 * (Unicode, 23.7) escapes it, and itself.
 */
const ESCAPE = '\u{fdd0}';

function withoutNul(text: string): string {
  return text.replace(/[\0\u{fdd0}]/gu, (found) => ESCAPE + (found === '\0' ? '0' : '1'));
}

function withNul(text: string): string {
  if (!text.includes(ESCAPE)) return text;
  return text.replace(/\u{fdd0}([01])/gu, (_, which) => (which === '0' ? '\0' : ESCAPE));
}

/** How columns are read, by the OID of their type. We store no number that needs more than 53 bits. */
const READERS = new Map<number, (text: string) => string | number>([
  [20, (text) => Number(text)],
  [25, withNul],
]);

/** Readers of column types for the driver; `others` are its own. */
export function columnTypes<F>(others: (oid: number, format: F) => unknown) {
  return {
    getTypeParser: (oid: number, format: F) => READERS.get(oid) ?? others(oid, format),
  };
}

/** A migration, written for SQLite, in the types of Postgres. Texts compare by bytes, as in SQLite. */
export function schemaOf(sql: string): string {
  return sql
    .replace(/--.*$/gm, '')
    .replace(/\bINTEGER PRIMARY KEY AUTOINCREMENT\b/g, 'bigint PRIMARY KEY')
    .replace(/\bINTEGER\b/g, 'bigint')
    .replace(/\bTEXT\b/g, 'text COLLATE "C"')
    .replace(/\bBLOB\b/g, 'bytea')
    .replace(/\) STRICT(?:, WITHOUT ROWID)?/g, ')');
}
