/**
 * Number and digest of the rows of a table. The digest does not depend on their order, in which the two databases may
 * differ: it is the sum of the SHA-256 of all rows, modulo 2^256. It finds faults, not forgeries.
 */
import { createHash, type Hash } from 'node:crypto';
import type { Row } from '../sql.ts';
import type { Table } from './tables.ts';

/** What a table contains. */
export interface Count {
  readonly rows: number;
  /** 64 hexadecimal digits. */
  readonly digest: string;
}

/** Counts rows as they pass. */
export interface Tally {
  add(rows: readonly Row[]): void;
  count(): Count;
}

/** Starts at zero. */
export function createTally({ name, columns }: Table): Tally {
  let [number, sum] = [0, 0n];
  return {
    add(rows) {
      for (const row of rows) {
        const hash = createHash('sha256');
        for (const column of columns) addValue(hash, `${name}.${column}`, row[column]);
        sum = BigInt.asUintN(256, sum + BigInt(`0x${hash.digest('hex')}`));
      }
      number += rows.length;
    },
    count: () => ({ rows: number, digest: sum.toString(16).padStart(64, '0') }),
  };
}

/** Each value with its type and length, so that no two rows are read alike. */
function addValue(hash: Hash, column: string, value: unknown): void {
  if (value === null) hash.update('n');
  else if (typeof value === 'string') addBytes(hash, 's', Buffer.from(value));
  else if (value instanceof Uint8Array) addBytes(hash, 'b', value);
  else if (typeof value === 'number' && Number.isSafeInteger(value)) hash.update(`i${value};`);
  else throw new TypeError(`column ${column}: a value that cannot be copied`);
}

function addBytes(hash: Hash, type: string, bytes: Uint8Array): void {
  hash.update(`${type}${bytes.length}:`).update(bytes);
}
