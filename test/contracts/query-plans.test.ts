/**
 * How both databases find rows: every statement of every repository, as the database plans it. A statement
 * that reads a whole table costs nothing in a test and blocks a gateway with 100,000 users.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { schemaName } from '../../src/database/postgres/migrate.ts';
import { statementOf } from '../../src/database/postgres/statement.ts';
import { postgresConfig } from '../../src/schema/postgres.ts';
import { directoryTools } from '../support/directory-tools.ts';
import { isLeftOut } from '../support/packages.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { testClock, testVault } from '../support/state.ts';

const SQL = '../../src/database/sql.ts';
const statements = new Set<string>();
/** The modules with all repositories. */
let parts: Awaited<ReturnType<typeof load>>;

async function load() {
  const [accounts, accountsKind, directory, directoryKind, state] = await Promise.all([
    import('../../src/accounts/accounts.ts'),
    import('../../src/accounts/schema.ts'),
    import('../../src/directories/embedded/directory.ts'),
    import('../../src/directories/embedded/schema.ts'),
    import('../../src/stores/embedded/store.ts'),
  ]);
  return { ...accounts, ...accountsKind, ...directory, ...directoryKind, ...state };
}

/** Every statement is made by one of three functions, most of them while their module is loaded. */
beforeAll(async () => {
  // Other files of this worker have loaded them.
  vi.resetModules();
  vi.doMock(import('../../src/database/sql.ts'), async (original) => {
    const { query, command, exists, ...others } = await original();
    const noted = (sql: string): string => {
      statements.add(sql);
      return sql;
    };
    return {
      ...others,
      query: (sql, read) => query(noted(sql), read),
      command: (sql) => command(noted(sql)),
      exists: (sql) => exists(noted(sql)),
    };
  });
  parts = await load();
});
afterAll(() => {
  vi.doUnmock(SQL);
  vi.resetModules();
});

/** Tables with one row. */
const SMALL = ['pair', 'identity', 'seal', 'schema_version'];

/** Statements that read more rows than they need, and why that does no harm. */
const ALLOWED: readonly (readonly [RegExp, string])[] = [
  [/count\(\*\) AS n FROM (?:invitations|sessions)/, 'at most 10,000; for metrics, from an index'],
  [/^SELECT password_hash FROM users WHERE password_hash IS NOT NULL ORDER BY id/, 'has an index'],
  [/^DELETE FROM sessions WHERE id IN \(SELECT id FROM sessions WHERE id IS NOT/, 'of all users'],
  [/max\(valid_from\), 0\) AS at FROM session_floors$/, 'when all sessions of all users end'],
  [/FROM sessions WHERE ends_at > \?1 AND .* ORDER BY created_at DESC/, 'ended ones are swept'],
];
/** Statements about what only Postgres has. */
const POSTGRES_ALONE = /pg_notify|schema_version/;

const isAllowed = (sql: string): boolean => ALLOWED.some(([pattern]) => pattern.test(sql));
/** Reads no more rows than it returns, if an index has them in order. */
const isPage = (sql: string): boolean => /LIMIT \S+$/.test(sql) && !sql.includes('WHERE');
const oneLine = (sql: string): string => sql.replace(/\s+/g, ' ').trim();

describe('in SQLite', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'doorward-plans-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What is wrong with the plan; null: the file has no such tables. */
  function faultsIn(db: DatabaseSync, sql: string): readonly string[] | null {
    let steps: readonly string[];
    try {
      const rows = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
      steps = rows.map((row) => String(row['detail']));
    } catch (caught) {
      if (!/no such (?:table|column)|has no column named/.test(String(caught))) throw caught;
      return null;
    }
    return steps.filter((step) => {
      const table = /^SCAN (\w+)/.exec(step)?.[1];
      if (step === 'USE TEMP B-TREE FOR ORDER BY') return isPage(sql);
      if (sql.includes('count(*)') && readsRows(db, sql, step)) return true;
      if (table === undefined || SMALL.includes(table) || isAllowed(sql)) return false;
      return !(isPage(sql) && / INDEX /.test(step));
    });
  }

  /** Whether rows are counted that are not in the index alone. */
  function readsRows(db: DatabaseSync, sql: string, step: string): boolean {
    const [, table, index] = /^\w+ (\w+) USING INDEX (\w+)/.exec(step) ?? [];
    if (table === undefined || index === undefined) return false;
    const names = (from: string): readonly string[] =>
      db
        .prepare(`SELECT name FROM ${from}`)
        .all()
        .map((row) => String(row['name']));
    const inIndex = names(`pragma_index_info('${index}')`);
    const used = names(`pragma_table_xinfo('${table}')`).filter((name) =>
      sql.split(/\W+/).includes(name),
    );
    return used.some((name) => !inIndex.includes(name));
  }

  it('no statement reads a whole table', async () => {
    const tools = { ...(await directoryTools()), dataDir: folder };
    const others = { clock: testClock(), vault: testVault(), dataDir: folder };
    const { DIRECTORY_FILE, ACCOUNTS_FILE, STATE_FILE } = parts;
    await parts.openEmbeddedDirectory(tools).close();
    await parts.openAccounts(others).close();
    await parts.openEmbedded(others).close();
    const files = [DIRECTORY_FILE, ACCOUNTS_FILE, STATE_FILE].map((name) => {
      const db = new DatabaseSync(join(folder, name));
      db.function('skeleton', String);
      return db;
    });
    const found = [...statements].map((sql) => {
      const faults = files.flatMap((db) => {
        const of = faultsIn(db, oneLine(sql));
        return of === null ? [] : [of];
      });
      return { sql: oneLine(sql), isKnown: faults.length > 0, faults: faults.flat() };
    });
    for (const db of files) db.close();
    // Otherwise the list of statements is not what it seems to be.
    expect(found.length).toBeGreaterThan(100);
    expect(found.filter(({ isKnown, sql }) => !isKnown && !POSTGRES_ALONE.test(sql))).toEqual([]);
    expect(found.filter(({ faults }) => faults.length > 0)).toEqual([]);
  });
});

/** Enough for the planner to know that looking up a hundred of them beats reading all. */
const MANY_DEVICES = `INSERT INTO doorward_accounts.devices
    SELECT 'embedded/' || i, 'device' || i, '', i, i, NULL FROM generate_series(1, 20000) AS i;
  ANALYZE doorward_accounts.devices`;

/** A step of a plan in Postgres. */
interface Step {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly Step[];
}

describe.skipIf(isLeftOut('postgres'))(
  'in Postgres (unless left out by DOORWARD_TEST_WITHOUT)',
  () => {
    let server: Postgres;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server?.stop());

    /** The plan for any parameters, as if reading a whole table were the most expensive way. */
    async function planOf(client: Client, sql: string): Promise<Step | null> {
      const { text } = statementOf(sql);
      const most = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, n]) => Number(n)));
      const given = most === 0 ? '' : `(${Array.from({ length: most }, () => 'NULL').join(', ')})`;
      try {
        await client.query(`PREPARE s AS ${text}`);
      } catch (caught) {
        if (!/(?:relation|column) .* does not exist/.test(String(caught))) throw caught;
        return null;
      }
      const { rows } = await client.query(`EXPLAIN (FORMAT JSON) EXECUTE s${given}`);
      await client.query('DEALLOCATE s');
      return (rows[0] as { 'QUERY PLAN': [{ Plan: Step }] })['QUERY PLAN'][0].Plan;
    }

    /** Steps that read all rows of a table or index. */
    function scansIn(step: Step, sql: string): readonly string[] {
      const below = (step.Plans ?? []).flatMap((one) => scansIn(one, sql));
      const { 'Node Type': type, 'Index Cond': condition } = step;
      const read = step['Relation Name'] ?? step['Index Name'] ?? '';
      if (type === 'Sort' && isPage(sql)) return [...below, type];
      // It reads what the index scan below it has found.
      if (type === 'Bitmap Heap Scan' || !type.endsWith('Scan')) return below;
      if (read === '' || SMALL.includes(read) || isAllowed(sql)) return below;
      const isWhole = type === 'Seq Scan' || (condition === undefined && !isPage(sql));
      return isWhole ? [...below, `${type} ${read}`] : below;
    }

    it('no statement reads a whole table', async () => {
      const url = server.create();
      const config = postgresConfig.parse(url);
      const tools = await directoryTools();
      await (await parts.openSharedDirectory(config, tools)).close();
      const others = { clock: testClock(), vault: testVault(), events: tools.events };
      await (await parts.openSharedAccounts(config, others)).close();
      await tools.remove();
      server.run(url, MANY_DEVICES);
      const client = new Client({ connectionString: url });
      // It ends with the server.
      client.on('error', () => undefined);
      await client.connect();
      await client.query('SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan');
      const found = [];
      for (const kind of [parts.DIRECTORY_KIND, parts.ACCOUNTS_KIND]) {
        const schema = schemaName(kind);
        await client.query(`SET search_path = ${schema}`);
        const { rows } = await client.query(
          `SELECT tablename FROM pg_tables WHERE schemaname = '${schema}'`,
        );
        const tables = rows.map(({ tablename }: { tablename: string }) => tablename);
        for (const sql of [...statements].map(oneLine)) {
          const table = /\b(?:FROM|INTO|UPDATE) (\w+)/.exec(sql)?.[1] ?? '';
          if (!tables.includes(table)) continue;
          const plan = await planOf(client, sql);
          if (plan !== null) found.push({ sql, scans: scansIn(plan, sql) });
        }
      }
      await client.end();
      expect(found.length).toBeGreaterThan(60);
      expect(found.filter(({ scans }) => scans.length > 0)).toEqual([]);
    });
  },
);
