/** Whatever a text contains, Postgres stores it as a text, and finds the same rows as SQLite. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { DatabaseKind } from '../../src/database/kind.ts';
import { openPostgres, type PostgresDatabase } from '../../src/database/postgres/postgres.ts';
import { text } from '../../src/database/rows.ts';
import { command, query } from '../../src/database/sql.ts';
import { openSqlite, type SqliteDatabase } from '../../src/database/sqlite.ts';
import { postgresConfig } from '../../src/schema/postgres.ts';
import { isLeftOut } from '../support/packages.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';

const KIND: DatabaseKind = {
  code: 'accounts',
  name: 'file',
  role: 'database',
  migrations: ['CREATE TABLE texts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;'],
  pragmas: '',
  lasting: false,
  block: 50,
  attempts: 25,
  loss: '',
  newer: '',
};
const CLEAR = command('DELETE FROM texts');
const INSERT = command('INSERT INTO texts (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING');
const FIND = query('SELECT value FROM texts WHERE name = ?', (row) => text(row, 'value'));
const NAMES = query('SELECT name FROM texts', (row) => text(row, 'name'));

/** What ends a literal, a statement, a parameter, a comment or a line somewhere. */
const HOSTILE = [
  `'; DROP TABLE texts; --`,
  `' OR '1'='1`,
  `\\'; DROP TABLE texts; --`,
  `$$; DROP TABLE texts; $$`,
  `$1`,
  `?`,
  `?1`,
  `"`,
  `/*`,
  `*/`,
  `\\x00`,
  `E'\\000'`,
  `U&'\\0061'`,
  `%_%`,
  `{}`,
  `\0`,
  `a\0b`,
  `\u{fdd0}0`,
  `\u{fdd0}\u{fdd0}`,
  `\u{feff}`,
  `\u202e`,
  `\ud800`,
  `\udc00\ud800`,
  `\u{10ffff}`,
  `\u00bf\u0027`,
  `a\u0308`,
  `ä`,
  `\r\n`,
  ` `,
  ``,
];
const part = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 8 }));
const hostile = fc.array(part, { maxLength: 3 }).map((parts) => parts.join(''));

describe.skipIf(isLeftOut('postgres'))(
  'Postgres (unless left out by DOORWARD_TEST_WITHOUT)',
  () => {
    let server: Postgres;
    let dir: string;
    let postgres: PostgresDatabase;
    let sqlite: SqliteDatabase;

    beforeAll(async () => {
      dir = mkdtempSync(join(tmpdir(), 'doorward-text-'));
      server = await startPostgres();
      postgres = await openPostgres(postgresConfig.parse(server.create()), KIND);
      sqlite = openSqlite(join(dir, 'texts.db'), KIND);
    });
    afterAll(async () => {
      postgres?.close();
      sqlite?.close();
      await server?.stop();
      rmSync(dir, { recursive: true, force: true });
    });

    it('stores and finds every text as SQLite does', async () => {
      const through = async (db: Database, names: readonly string[]) => {
        await db.write(function* () {
          yield* CLEAR();
          for (const [n, name] of names.entries()) yield* INSERT(name, `${n} ${name}`);
        });
        return db.read(function* () {
          const found: (string | null)[] = [];
          for (const name of names) found.push(yield* FIND.first(name));
          return { found, stored: new Set(yield* NAMES.all()) };
        });
      };
      await fc.assert(
        fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 5 }), async (names) => {
          const expected = await through(sqlite, names);
          expect(await through(postgres, names)).toEqual(expected);
          expect(expected.found).not.toContain(null);
        }),
      );
    });
  },
);
