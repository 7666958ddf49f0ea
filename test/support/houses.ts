/** Databases for copies: files and Postgres, filled with random rows, and compared as a whole. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { onTestFinished } from 'vitest';
import { ACCOUNTS_FILE, openAccounts } from '../../src/accounts/accounts.ts';
import { ACCOUNTS_KIND } from '../../src/accounts/schema.ts';
import { copyAll, type CopiedTable } from '../../src/database/copy/copy.ts';
import type { Origin, Part, Target } from '../../src/database/copy/place.ts';
import { tablesOf } from '../../src/database/copy/tables.ts';
import { openFile } from '../../src/database/open-file.ts';
import { DIRECTORY_FILE, openEmbeddedDirectory } from '../../src/directories/embedded/directory.ts';
import { DIRECTORY_KIND } from '../../src/directories/embedded/schema.ts';
import { authenticatorOf } from '../contracts/accounts.suite.ts';
import { ANN, newId } from '../contracts/accounts-world.ts';
import { directoryTools } from './directory-tools.ts';
import { eventLog, testClock, testVault } from './state.ts';

export const KINDS = [ACCOUNTS_KIND, DIRECTORY_KIND];

/** A folder that is removed after the test. */
export function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'doorward-house-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

/** The files of a house in this folder. */
export function partsIn(dir: string): readonly Part[] {
  return [
    { kind: ACCOUNTS_KIND, file: join(dir, ACCOUNTS_FILE) },
    { kind: DIRECTORY_KIND, file: join(dir, DIRECTORY_FILE) },
  ];
}

/** Copies everything between two ends, which are closed afterwards. */
export async function copied(
  opening: Promise<Origin> | Origin,
  target: () => Promise<Target> | Target,
): Promise<readonly CopiedTable[]> {
  await using opened = new AsyncDisposableStack();
  const origin = await opening;
  opened.defer(() => origin.close());
  const goal = await target();
  opened.defer(() => goal.close());
  return await copyAll(KINDS, { origin, target: goal });
}

/** Any text: every character, NUL and noncharacters included, and those that only differ in case or accents. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(
      'a',
      'A',
      'ä',
      'a\u0308',
      'ſ',
      '\0',
      '\u{fdd0}',
      '0',
      '1',
      "'",
      '\\',
      '😈',
    ),
  }),
  fc.json({ maxDepth: 2 }),
);
const VALUES: Readonly<Record<string, fc.Arbitrary<SQLInputValue>>> = {
  TEXT: text,
  INTEGER: fc.oneof(fc.constantFrom(0, 1), fc.maxSafeInteger()),
  BLOB: fc.uint8Array({ maxLength: 300 }),
};

/** Makes the files, and puts as many random rows into each table as a property has runs. */
export function fillHouse(dir: string): void {
  const runs = fc.readConfigureGlobal().numRuns ?? 100;
  for (const { kind, file } of partsIn(dir)) {
    const { db } = openFile(file, kind, () => false);
    db.exec('BEGIN');
    for (const { name, columns } of tablesOf(kind)) {
      const row = fc.tuple(
        ...db
          .prepare('SELECT type, "notnull" AS needed, pk FROM pragma_table_info(?)')
          .all(name)
          .map(({ type, needed, pk }) => {
            const value = VALUES[String(type)];
            if (value === undefined) throw new Error(`no values for ${String(type)}`);
            return needed === 1 || Number(pk) > 0 ? value : fc.option(value);
          }),
      );
      const insert = db.prepare(
        `INSERT OR IGNORE INTO ${name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      );
      for (const values of fc.sample(row, runs)) insert.run(...values);
    }
    db.exec('COMMIT');
    db.close();
  }
}

/** Everything in the files, in an order that does not depend on how it was written. */
export function everythingIn(dir: string): unknown {
  return partsIn(dir).map(({ kind, file }) => {
    using db = new DatabaseSync(file, { readOnly: true });
    const version = db.prepare('PRAGMA user_version').get();
    const sequences = db.prepare('SELECT name, seq FROM sqlite_sequence').all();
    const tables = tablesOf(kind).map(({ name, columns }) => {
      const rows = db.prepare(`SELECT ${columns.join(', ')} FROM ${name}`).all();
      return {
        name,
        rows: rows.map((row) => JSON.stringify(Object.values(row).map(exactly))).sort(),
      };
    });
    return { version, sequences, tables };
  });
}

/** Text by its bytes: a string could hide a difference. */
function exactly(value: unknown): unknown {
  if (typeof value === 'string') return ['text', Buffer.from(value).toString('hex')];
  return value instanceof Uint8Array ? ['bytes', Buffer.from(value).toString('hex')] : value;
}

const clock = testClock();
/** What accounts need. */
export const tools = { clock, vault: testVault(), events: eventLog() };
/** A session that ended, and one that was spared when the others ended. */
export const [ENDED, SPARED] = [newId(), newId()];
/** Ann's. */
export const signIn = { userId: ANN, at: 1, ip: '192.0.2.7', device: null };
/** A session of ann that was issued at this time. */
export const sessionOf = (id: string, issuedAt: number) => ({
  id,
  userId: ANN,
  createdAt: issuedAt,
  issuedAt,
});

/** A second factor, ended sessions and a sign-in of ann; a disabled user, bob. */
export async function furnish(dir: string): Promise<{ readonly bob: string }> {
  const accounts = openAccounts({ ...tools, dataDir: dir });
  await accounts.addAuthenticator(authenticatorOf());
  await accounts.recordEnding({
    id: ENDED,
    userId: ANN,
    at: clock.now(),
    until: clock.now() + 1e7,
  });
  await accounts.moveSessionsValidFrom(ANN, 1_000, SPARED);
  await accounts.recordSignIn(signIn);
  await accounts.close();
  const more = await directoryTools();
  onTestFinished(() => more.remove());
  const users = openEmbeddedDirectory({ ...more, dataDir: dir });
  const bob = await users.create({ name: 'bob' }, null);
  await users.update(bob.id, { disabled: true });
  await users.close();
  return { bob: bob.id };
}

/** The names of all files in a folder that belong to a database. */
export const filesIn = (dir: string) => readdirSync(dir).filter((name) => name.includes('.db'));
/** An origin that fails before the piece with this number. */
export function failing(origin: Origin, piece: number): Origin {
  let count = 0;
  return {
    ...origin,
    async *rows(kind, table) {
      for await (const rows of origin.rows(kind, table)) {
        if (count === piece) throw new Error('the origin is gone');
        count += 1;
        yield rows;
      }
    },
  };
}
/** A target that stores something else than it was given. */
export function unfaithful(target: Target): Target {
  return {
    ...target,
    put: (kind, table, rows) =>
      target.put(
        kind,
        table,
        rows.map((row) => ('disabled' in row ? { ...row, disabled: 0 } : row)),
      ),
  };
}
