/** What wrote a database, and the refusal of one that is newer than this release. */
import manifest from '../../package.json' with { type: 'json' };
import { Problem } from '../core/values/problem.ts';
import type { DatabaseKind } from './kind.ts';

/** What the tables of a database are. */
export interface Held {
  /** The number of its migrations; 0: no tables. */
  readonly version: number;
  /** The release that made or upgraded the tables; null if it left no name. */
  readonly release: string | null;
}

/** The release that runs. */
export const RELEASE: string = manifest.version;

/** Makes the table with the name of the release, in either database. */
export const WRITTEN_BY = 'CREATE TABLE IF NOT EXISTS written_by (release TEXT NOT NULL)';

const NAME = /^[\w.+-]{1,64}$/;

/** The name of a release, as it was stored; null for anything else. */
export function releaseName(stored: unknown): string | null {
  return typeof stored === 'string' && NAME.test(stored) ? stored : null;
}

/** Problem `…/newer` for tables that this release does not know; `name` is the database in words. */
export function refuseNewer(kind: DatabaseKind, name: string, { version, release }: Held): void {
  const { code, migrations, newer } = kind;
  if (version <= migrations.length) return;
  const writer = release === null ? 'a newer release' : `the newer release ${release}`;
  const message = `${name} was written by ${writer}: its tables have version ${version}, and release ${RELEASE} knows version ${migrations.length}. ${newer}`;
  throw new Problem(`${code}/newer`, message, { status: 503 });
}
