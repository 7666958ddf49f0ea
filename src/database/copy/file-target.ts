/**
 * Files as the target of a copy. They are written under other names, and get their own once they are on the disk: a
 * copy that is interrupted leaves no file that a gateway would open.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, linkSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { sync } from '../copy-before.ts';
import type { DatabaseKind } from '../kind.ts';
import { createTables } from '../migrate-file.ts';
import { fileRows } from './file-rows.ts';
import { notEmpty, type Part, type Target, valuesOf } from './place.ts';
import type { Table } from './tables.ts';

/** A file that is being written. */
interface Draft {
  readonly db: DatabaseSync;
  readonly draft: string;
  readonly file: string;
}

/** Of the names of drafts. No other file is taken for one: operators make copies, too. */
const DRAFT_BYTES = 6;
const DRAFT = /\.copy-[0-9a-f]{12}(?:-journal)?$/;

/** Any of them would be read with the file. */
const SUFFIXES = ['', '-wal', '-shm', '-journal'];

/** Refuses a place that has any of the files. */
export function openFileTarget(parts: readonly Part[]): Target {
  for (const { file } of parts) makeSureEmpty(file);
  const drafts = new Map<DatabaseKind, Draft>();
  const draftOf = (kind: DatabaseKind): Draft => {
    const draft = drafts.get(kind);
    if (draft === undefined) throw new TypeError(`the tables of ${kind.name} were not made`);
    return draft;
  };
  const statements = new Map<Table, StatementSync>();
  return {
    async create(kind, tables) {
      const file = parts.find((part) => part.kind === kind)?.file;
      if (file === undefined) throw new TypeError(`${kind.name} is not part of the target`);
      const draft = `${file}.copy-${randomBytes(DRAFT_BYTES).toString('hex')}`;
      closeSync(openSync(draft, 'wx', 0o600));
      const db = new DatabaseSync(draft, { allowExtension: false });
      drafts.set(kind, { db, draft, file });
      db.exec('BEGIN');
      createTables(db, kind, 0);
      // Migrations put rows of their own into new tables.
      for (const { name } of tables) db.exec(`DELETE FROM ${name}`);
    },
    async put(kind, table, rows) {
      const insert = statements.get(table) ?? draftOf(kind).db.prepare(insertInto(table));
      statements.set(table, insert);
      for (const row of rows) insert.run(...valuesOf(row, table));
    },
    rows: (kind, table) => fileRows(draftOf(kind).db, table),
    async commit() {
      for (const { db, draft } of drafts.values()) {
        db.exec('COMMIT');
        db.close();
        sync(draft);
      }
      giveNames([...drafts.values()]);
    },
    async close() {
      for (const { db, draft } of drafts.values()) {
        if (db.isOpen) db.close();
        for (const suffix of SUFFIXES) rmSync(draft + suffix, { force: true });
      }
    },
  };
}

/** Also removes what an interrupted copy left behind. */
function makeSureEmpty(file: string): void {
  const found = SUFFIXES.map((suffix) => file + suffix).find((path) => existsSync(path));
  if (found !== undefined) {
    const remedy =
      'Move the file away, with all files whose names begin like it, if you do not need it.';
    throw notEmpty(`There is a file ${found}`, remedy);
  }
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) {
    const isDraft = name.startsWith(`${basename(file)}.copy-`) && DRAFT.test(name);
    if (isDraft) rmSync(join(folder, name));
  }
}

function insertInto({ name, columns }: Table): string {
  return `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
}

/** In order: a directory never has its name without its accounts. Takes the names back if one is taken. */
function giveNames(drafts: readonly Draft[]): void {
  const named: string[] = [];
  try {
    for (const { draft, file } of drafts) {
      // Unlike renaming, linking never replaces a file that appeared meanwhile.
      linkSync(draft, file);
      named.push(file);
      sync(dirname(file));
    }
  } catch (caught) {
    for (const file of named) rmSync(file, { force: true });
    throw caught;
  }
}
