/**
 * Reads the columns of a row. A column that does not hold what its table promises means a damaged
 * or foreign file: reading it fails.
 */
import type { Json } from '../core/values/json.ts';
import type { Row } from './sql.ts';

type JsonObject = Readonly<Record<string, Json>>;

export function text(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : fail(column, 'text');
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function integer(row: Row, column: string): number {
  const value = row[column];
  return typeof value === 'number' ? value : fail(column, 'an integer');
}

export function integerOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : integer(row, column);
}

/** A boolean, which SQLite stores as 0 or 1. */
export function flag(row: Row, column: string): boolean {
  const value = row[column];
  return typeof value === 'boolean' ? value : integer(row, column) !== 0;
}

export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  return value instanceof Uint8Array ? value : fail(column, 'bytes');
}

/** Text that is one of a few words. */
export function word<W extends string>(row: Row, column: string, words: readonly W[]): W {
  const value = text(row, column);
  return words.find((known) => known === value) ?? fail(column, words.join(', '));
}

/** Text that is a JSON object. */
export function object(row: Row, column: string): JsonObject {
  return parseObject(text(row, column)) ?? fail(column, 'a JSON object');
}

/** Text that is a JSON array of strings. */
export function texts(row: Row, column: string): readonly string[] {
  const value: Json = JSON.parse(text(row, column));
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
    ? value
    : fail(column, 'a JSON array of strings');
}

/** A JSON object from its text; null if the text is other JSON. */
export function parseObject(json: string): JsonObject | null {
  const value: Json = JSON.parse(json);
  return isObject(value) ? value : null;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fail(column: string, expected: string): never {
  throw new TypeError(`column ${column}: expected ${expected}`);
}
