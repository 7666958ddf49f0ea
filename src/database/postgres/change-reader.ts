/** Reads the change log from the last row that it knows, and notices when the log is another one. */
import type { Client } from 'pg';
import { integer, integerOrNull, textOrNull } from '../rows.ts';
import type { Row } from '../sql.ts';
import type { DatabaseKind } from '../kind.ts';
import { refuseOther } from './migrate.ts';
import { statementOf } from './statement.ts';

/** Rows kept. A reader that missed more of them has to assume that anything changed. */
export const KEPT = 1_000;

const COLUMNS = 'seq, user_id, xmin::text AS writer';
/**
 * The version of the tables, and rows of the log. The known row is read again: if another transaction wrote
 * it, a backup was put in place of what was read before.
 */
const NEWEST = lookAt(`SELECT ${COLUMNS} FROM changes ORDER BY seq DESC LIMIT 1`);
const SINCE = lookAt(
  `SELECT ${COLUMNS} FROM changes WHERE seq >= ? ORDER BY seq LIMIT ${KEPT + 1}`,
);

function lookAt(rows: string): string {
  return `SELECT version, log.* FROM schema_version LEFT JOIN (${rows}) AS log ON true ORDER BY seq`;
}

/** What a reader needs. */
export interface ReaderParts {
  readonly kind: DatabaseKind;
  /** How long a look may take, in milliseconds. */
  readonly limit: number;
  /** Called for each change; null: anything may have changed. */
  readonly announce: (id: string | null) => void;
  /** Called when changes that it knew are gone: numbers of the last known row and of the newest one. */
  readonly onBack: (known: number, newest: number) => void;
}

/** Where a reader is; number 0 is before the first row. */
interface Place {
  readonly seq: number;
  readonly id: string | null;
  readonly writer: string | null;
}

const START: Place = { seq: 0, id: null, writer: null };

/** Reads on one connection after another. Looks resolve with the number of the last known row. */
export interface ChangeReader {
  /** On a new connection. It may lead to another server: anything may have changed. */
  readonly begin: (client: Client) => Promise<number>;
  /** On the same one. Problems `…/newer` and `…/older` for tables of another release. */
  readonly look: (client: Client) => Promise<number>;
}

/** Knows nothing yet. */
export function createChangeReader({ kind, limit, announce, onBack }: ReaderParts): ChangeReader {
  let place: Place | null = null;

  async function read(client: Client, sql: string, values: number[]): Promise<Place[]> {
    const statement = { ...statementOf(sql), values, query_timeout: limit };
    const { rows } = await client.query(statement);
    refuseOther(kind, integer(rows[0] ?? {}, 'version'));
    return rows.flatMap((row: Row) => placeOf(row) ?? []);
  }
  async function startOver(client: Client): Promise<number> {
    const [newest = START] = await read(client, NEWEST, []);
    place = newest;
    announce(null);
    return newest.seq;
  }
  async function look(client: Client): Promise<number> {
    if (place === null) return startOver(client);
    const { seq, writer } = place;
    const rows = await read(client, SINCE, [seq]);
    const again = seq === 0 ? place : rows.shift();
    const isBack = again === undefined || (again.seq === seq && again.writer !== writer);
    // Numbers have no gaps: where one is missing, rows were deleted before they were read.
    const isWhole = [again, ...rows].every((row, index) => row?.seq === seq + index);
    if (isBack || !isWhole || rows.length >= KEPT) {
      const newest = await startOver(client);
      if (isBack) onBack(seq, newest);
      return newest;
    }
    place = rows.at(-1) ?? place;
    for (const { id } of rows) announce(id);
    return place.seq;
  }
  return {
    look,
    async begin(client) {
      const seq = await look(client);
      announce(null);
      return seq;
    },
  };
}

function placeOf(row: Row): Place | null {
  const seq = integerOrNull(row, 'seq');
  if (seq === null) return null;
  return { seq, id: textOrNull(row, 'user_id'), writer: textOrNull(row, 'writer') };
}
