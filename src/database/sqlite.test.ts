import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '../core/values/problem.ts';
import type { DatabaseKind } from './kind.ts';
import { bytes, flag, integer, integerOrNull, object, text, texts, word } from './rows.ts';
import { command, exists, query, type Row } from './sql.ts';
import { openSqlite, type SqliteDatabase } from './sqlite.ts';

const KIND: DatabaseKind = {
  code: 'store',
  name: 'state file',
  role: 'session store',
  migrations: ['CREATE TABLE things (id TEXT PRIMARY KEY, size INTEGER, shown INTEGER) STRICT'],
  pragmas: '',
  lasting: false,
  block: 20,
  attempts: 2,
  loss: '',
  newer: '',
};
const INSERT = command(
  'INSERT INTO things (id, size, shown) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
);
const LIST = query('SELECT id, size, shown FROM things ORDER BY id', (row) => ({
  id: text(row, 'id'),
  size: integerOrNull(row, 'size'),
  isShown: flag(row, 'shown'),
}));
const HAS = exists('SELECT 1 FROM things WHERE id = ?');

describe('a database in an SQLite file', () => {
  let dataDir: string;
  let db: SqliteDatabase;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'doorward-sqlite-'));
    db = openSqlite(join(dataDir, 'state.db'), KIND);
  });
  afterEach(() => {
    db.close();
    rmSync(dataDir, { recursive: true });
  });

  it('returns what was written, with booleans and nulls', async () => {
    const count = await db.write(function* () {
      const first = yield* INSERT('b', 7, true);
      const second = yield* INSERT('a', null, false);
      const again = yield* INSERT('a', 9, true);
      return [first, second, again];
    });
    expect(count).toEqual([1, 1, 0]);
    expect(await db.read(() => LIST.all())).toEqual([
      { id: 'a', size: null, isShown: false },
      { id: 'b', size: 7, isShown: true },
    ]);
    expect(db.look(() => HAS('a'))).toBe(true);
    expect(db.look(() => HAS('c'))).toBe(false);
    expect((await db.read(() => LIST.first()))?.id).toBe('a');
  });

  it('keeps nothing of a transaction that fails', async () => {
    const problem = new Problem('thing/exists', 'It exists.', { status: 409 });
    const failing = db.write(function* () {
      yield* INSERT('a', 1, true);
      throw problem;
    });
    await expect(failing).rejects.toBe(problem);
    expect(await db.read(() => LIST.first())).toBeNull();
  });

  it('keeps nothing of a transaction with a failing statement, and reports a Problem', async () => {
    const wrong = command("INSERT INTO things (id, size, shown) VALUES ('b', 'large', 0)");
    const failing = db.write(function* () {
      yield* INSERT('a', 1, true);
      yield* wrong();
    });
    await expect(failing).rejects.toMatchObject({ code: 'store/unavailable', status: 503 });
    expect(await db.read(() => LIST.first())).toBeNull();
  });

  it('reports a Problem after it is closed', async () => {
    db.close();
    await expect(db.read(() => LIST.all())).rejects.toMatchObject({ code: 'store/unavailable' });
    await expect(db.write(() => INSERT('a', 1, true))).rejects.toMatchObject({
      code: 'store/unavailable',
    });
  });
});

describe('a column', () => {
  it.each<[string, (row: Row) => unknown, unknown]>([
    ['text', (row) => text(row, 'c'), 1],
    ['an integer', (row) => integer(row, 'c'), '1'],
    ['an integer or null', (row) => integerOrNull(row, 'c'), '1'],
    ['a flag', (row) => flag(row, 'c'), 'yes'],
    ['bytes', (row) => bytes(row, 'c'), 'text'],
    ['one of a few words', (row) => word(row, 'c', ['a', 'b']), 'c'],
    ['a JSON object', (row) => object(row, 'c'), '[1]'],
    ['a JSON object, where it is not JSON', (row) => object(row, 'c'), '{'],
    ['an array of strings', (row) => texts(row, 'c'), '["a", 1]'],
    ['text, where it is missing', (row) => text(row, 'd'), 'a'],
  ])('that does not contain %s causes an error', (_, read, value) => {
    expect(() => read({ c: value })).toThrow(/^column|JSON/);
  });

  it('is returned as what it contains', () => {
    const data = new Uint8Array([1]);
    expect(bytes({ c: data }, 'c')).toBe(data);
    expect(word({ c: 'b' }, 'c', ['a', 'b'])).toBe('b');
    expect(object({ c: '{"a":[1,null]}' }, 'c')).toEqual({ a: [1, null] });
    expect(texts({ c: '["a","b"]' }, 'c')).toEqual(['a', 'b']);
    expect([flag({ c: 0 }, 'c'), flag({ c: 1 }, 'c'), flag({ c: true }, 'c')]).toEqual([
      false,
      true,
      true,
    ]);
  });
});
