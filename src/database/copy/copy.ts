/** Copies all tables, and lets the copy count only if it reads back as what it was made of. */
import { Problem } from '../../core/values/problem.ts';
import type { DatabaseKind } from '../kind.ts';
import type { Origin, Target } from './place.ts';
import { type Table, tablesOf } from './tables.ts';
import { type Count, createTally } from './tally.ts';

/** One table that was copied. */
export interface CopiedTable extends Count {
  readonly part: DatabaseKind['code'];
  readonly table: string;
}

/** The two ends, both open; the caller closes them. */
export interface Ends {
  readonly origin: Origin;
  readonly target: Target;
}

/** Copies the parts that the origin has. Rejects before anything counts; then the target is closed empty. */
export async function copyAll(
  kinds: readonly DatabaseKind[],
  { origin, target }: Ends,
): Promise<readonly CopiedTable[]> {
  const copied: CopiedTable[] = [];
  for (const kind of kinds) {
    if (!origin.has(kind)) continue;
    const tables = tablesOf(kind);
    await target.create(kind, tables);
    for (const table of tables) {
      const count = await copyTable({ origin, target }, kind, table);
      copied.push({ part: kind.code, table: table.name, ...count });
    }
  }
  await target.commit();
  return copied;
}

async function copyTable({ origin, target }: Ends, kind: DatabaseKind, table: Table) {
  const written = createTally(table);
  for await (const rows of origin.rows(kind, table)) {
    written.add(rows);
    await target.put(kind, table, rows);
  }
  const read = createTally(table);
  for await (const rows of target.rows(kind, table)) read.add(rows);
  const [expected, found] = [written.count(), read.count()];
  if (found.rows === expected.rows && found.digest === expected.digest) return found;
  throw new Problem(
    'database/copy-differs',
    `The copy of the table ${table.name} differs from the original: ${found.rows} rows, expected ${expected.rows}.`,
    { status: 500 },
  );
}
