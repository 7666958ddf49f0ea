/** The database of a configuration, for commands that look at it or copy it. Opens it in no other way. */
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ACCOUNTS_FILE } from '../../accounts/accounts.ts';
import { ACCOUNTS_KIND } from '../../accounts/schema.ts';
import type { CommandContext, DatabaseEnd, DatabasePart, Loaded } from '../../cli/shell/context.ts';
import type { LoadInput } from '../../config/load.ts';
import { fillText } from '../../config/merge/interpolation.ts';
import { readText } from '../../config/parse/disk.ts';
import { describePostgres, type PostgresAddress } from '../../core/setup/postgres-address.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Origin, Part, Target } from '../../database/copy/place.ts';
import { copyBefore } from '../../database/copy-before.ts';
import type { Held } from '../../database/newer.ts';
import { inspectFile } from '../../database/open-file.ts';
import { inspectPostgres } from '../../database/postgres/migrate.ts';
import { directoryFile } from '../../directories/embedded/pair.ts';
import { DIRECTORY_KIND } from '../../directories/embedded/schema.ts';
import { claimsPostgres, postgresConfig } from '../../schema/postgres.ts';
import type { Configurations } from './configurations.ts';

type DatabaseCommands = Pick<CommandContext, 'databaseVersion' | 'copyDatabase'>;

/** In the order of a copy: a directory without its accounts would be one without second factors. */
const KINDS = [ACCOUNTS_KIND, DIRECTORY_KIND] as const;

/** Null: files. */
type Place = PostgresAddress | null;

/** The database of these configurations; references to secrets are looked up in this environment. */
export function createDatabase(
  configurations: Configurations,
  env: LoadInput['env'],
): DatabaseCommands {
  const settingsOf = (loaded: Loaded) => configurations.of(loaded).settings;
  return {
    async databaseVersion(loaded) {
      const { database, dataDir } = settingsOf(loaded);
      const name = nameOf(database, dataDir);
      const held = await explained(`The ${name} cannot be read`, () => heldIn(database, dataDir));
      return { name, parts: partsOf(dataDir).map((part, i) => partOf(part, database, held[i])) };
    },
    async copyDatabase(loaded, { from, to }) {
      const { database, dataDir } = settingsOf(loaded);
      const [source, goal] = [await placeOf(from, database, env), await placeOf(to, database, env)];
      const { copyAll } = await import('../../database/copy/copy.ts');
      await using opened = new AsyncDisposableStack();
      const names = { from: nameOf(source, dataDir), to: nameOf(goal, dataDir) };
      const tables = await explained('Nothing was copied', async () => {
        const origin = await openOrigin(source, partsOf(dataDir));
        opened.defer(() => origin.close());
        const target = await openTarget(goal, partsOf(dataDir));
        opened.defer(() => target.close());
        return copyAll(KINDS, { origin, target });
      });
      return { ...names, tables };
    },
  };
}

function partsOf(dataDir: string): readonly Part[] {
  return [
    { kind: ACCOUNTS_KIND, file: join(dataDir, ACCOUNTS_FILE) },
    { kind: DIRECTORY_KIND, file: directoryFile(dataDir) },
  ];
}

function nameOf(place: Place, dataDir: string): string {
  return place === null ? `database files in ${dataDir}` : describePostgres(place);
}

async function heldIn(place: Place, dataDir: string): Promise<readonly Held[]> {
  if (place !== null) return inspectPostgres(place, KINDS);
  return partsOf(dataDir).map(({ kind, file }) => {
    const isThere = (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;
    return isThere ? inspectFile(file, kind, (_, held) => held) : { version: 0, release: null };
  });
}

function partOf({ kind, file }: Part, place: Place, held: Held | undefined): DatabasePart {
  const { version: holds, release: writtenBy } = held ?? { version: 0, release: null };
  const knows = kind.migrations.length;
  const isCopied = place === null && holds > 0 && holds < knows;
  const copy = isCopied ? copyBefore(file, knows) : null;
  return { part: kind === ACCOUNTS_KIND ? 'accounts' : 'directory', holds, knows, writtenBy, copy };
}

async function openOrigin(place: Place, parts: readonly Part[]): Promise<Origin> {
  if (place === null) {
    const { openFileOrigin } = await import('../../database/copy/file-origin.ts');
    return openFileOrigin(parts);
  }
  const { openPostgresOrigin } = await import('../../database/copy/postgres-origin.ts');
  return openPostgresOrigin(place, KINDS);
}

async function openTarget(place: Place, parts: readonly Part[]): Promise<Target> {
  if (place === null) {
    const { openFileTarget } = await import('../../database/copy/file-target.ts');
    return openFileTarget(parts);
  }
  const { openPostgresTarget } = await import('../../database/copy/postgres-target.ts');
  return openPostgresTarget(place, KINDS);
}

/** What an end means; null is the one of the configuration. Problem `database/place` names the option. */
async function placeOf(
  end: DatabaseEnd | null,
  configured: Place,
  env: LoadInput['env'],
): Promise<Place> {
  if (end === null) return configured;
  const url = await filled(end.option, end.place, env);
  const { password: written } = end;
  const password =
    written === null ? undefined : await filled(`${end.option}-password`, written, env);
  if (url === 'embedded' && password === undefined) return null;
  if (!claimsPostgres(url)) {
    throw badPlace(end.option, 'expected embedded or postgres://user@host:5432/name');
  }
  const parsed = postgresConfig.safeParse({ url, password });
  if (!parsed.success) {
    throw badPlace(end.option, parsed.error.issues.map(({ message }) => message).join('; '));
  }
  const { tls } = parsed.data;
  if (tls === null || tls.rootCert === null) return parsed.data;
  return { ...parsed.data, tls: { ...tls, rootCert: resolve(tls.rootCert) } };
}

/** A text with its references filled, as in the configuration. */
async function filled(option: string, text: string, env: LoadInput['env']): Promise<string> {
  const result = await fillText(text, { env, read: readText });
  if ('message' in result) throw badPlace(option, result.message);
  return result.text;
}

function badPlace(option: string, message: string): Problem {
  return new Problem('database/place', `${option}: ${message}`, { status: 400 });
}

/** Turns the faults of drivers into a Problem that begins with what they mean. */
async function explained<T>(meaning: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (caught) {
    if (caught instanceof Problem) throw caught;
    const why = caught instanceof Error ? caught.message : 'unknown fault';
    throw new Problem('database/unusable', `${meaning}: ${why}.`, { status: 503, cause: caught });
  }
}
