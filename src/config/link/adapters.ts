/** Links the plug-ins that the gateway opens when it starts. Opens nothing. */
import { resolve } from 'node:path';
import { claimsPostgres, postgresConfig } from '../../schema/postgres.ts';
import { frozen } from '../settings/freeze.ts';
import type { Lists } from '../settings/lists.ts';
import { parseAt } from '../schema/schema-faults.ts';
import type { Config } from '../schema/schema.ts';
import type { Settings } from '../settings/settings.ts';
import { below, blame, type Spot, withoutSource } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';
import { directoryNames, type Supply } from '../flows/needs.ts';
import type { Site } from '../../core/access/return-to.ts';
import type { LinkInput } from './input.ts';
import { linkMail } from './mail.ts';
import { checkSecrets } from './secrets.ts';
import { linkSignals } from './signals.ts';

/** The store with its options; null once its fault has been noted. */
function linkState(config: Config, lists: Lists, root: Spot): Settings['state'] | null {
  const spot = below(root, 'state');
  const kind = lists.stores.find((one) => one.claims(config.state));
  if (kind === undefined) {
    const types = lists.stores.map((one) => one.type);
    const hint = typeof config.state === 'string' ? suggest(config.state, types) : null;
    blame(spot, `no such state, expected one of ${types.join(', ')}`, hint);
    return null;
  }
  const options: unknown = parseAt(kind.config, config.state, spot);
  return options === null ? null : frozen({ kind, options });
}

/** The database; null for files, undefined once its fault has been noted. Faults show no source: it has a password. */
function linkDatabase(
  { database }: Pick<Config, 'database'>,
  base: string,
  root: Spot,
): Settings['database'] | undefined {
  if (database === 'embedded') return null;
  const spot = below(withoutSource(root), 'database');
  if (!claimsPostgres(database)) {
    blame(spot, 'no such database, expected embedded or postgres://user:password@host:5432/name');
    return undefined;
  }
  const address = parseAt(postgresConfig, database, spot);
  if (address === null) return undefined;
  const { tls } = address;
  if (tls === null || tls.rootCert === null) return address;
  return { ...address, tls: { ...tls, rootCert: resolve(base, tls.rootCert) } };
}

/** The directories in order. Options that are paths become absolute. */
function linkDirectories(
  config: Config,
  lists: Lists,
  base: string,
  root: Spot,
): Settings['directories'] {
  const types = lists.directories.map((one) => one.type);
  const linked: Settings['directories'][number][] = [];
  const seen = new Set<string>();
  for (const [index, raw] of config.directories.entries()) {
    const spot = below(root, 'directories', index);
    const { type, ...options } = raw;
    const kind = lists.directories.find((one) => one.type === type);
    if (kind === undefined) {
      const hint = typeof type === 'string' ? suggest(type, types) : null;
      const what = type === undefined ? 'missing' : 'no such directory';
      blame(below(spot, 'type'), `${what}, expected one of ${types.join(', ')}`, hint);
      continue;
    }
    const name = `${kind.type} ${typeof options.name === 'string' ? options.name : ''}`;
    if (seen.has(name)) blame(spot, 'duplicate directory; its users would be ambiguous');
    seen.add(name);
    const parsed: unknown = parseAt(kind.config, { ...options, ...resolved(options, base) }, spot);
    if (parsed !== null) linked.push({ kind, options: parsed });
  }
  return frozen(linked);
}

/** The options that are paths, absolute. */
function resolved(options: Readonly<Record<string, unknown>>, base: string) {
  const paths = ['path', 'ca'].flatMap((key) => {
    const path = options[key];
    return typeof path === 'string' ? [[key, resolve(base, path)]] : [];
  });
  return Object.fromEntries(paths);
}

/** The plug-ins of a configuration. */
export interface Adapters {
  /** Null once its fault has been noted. */
  readonly state: Settings['state'] | null;
  /** Null: files. Undefined once its fault has been noted. */
  readonly database: Settings['database'] | undefined;
  /** Without those that have faults. */
  readonly directories: Settings['directories'];
  readonly signals: Settings['signals'];
  /** Why a signal is missing, by its name. */
  readonly missing: ReadonlyMap<string, string>;
  readonly mail: Settings['mail'] | 'faulty';
}

/** Links all of them. */
export function linkAdapters(
  { lists, base }: Pick<LinkInput, 'lists' | 'base'>,
  config: Config,
  site: Site | null,
  root: Spot,
): Adapters {
  const state = linkState(config, lists, root);
  const directories = linkDirectories(config, lists, base, root);
  const database = linkDatabase(config, base, root);
  // What several machines share must open with the secrets of each of them.
  const isNeeded = (state !== null && state.kind.type !== 'embedded') || isSet(database);
  checkSecrets({ secrets: config.session.secrets, isNeeded }, root);
  const { signals, missing } = linkSignals(config.signals, lists, base, root);
  const mail = linkMail(config, { site, lists, base }, root);
  return { state, database, directories, signals, missing, mail };
}

function isSet(database: Adapters['database']): boolean {
  return database !== null && database !== undefined;
}

/** What flows can rely on. */
export function supplyOf(
  { directories, signals }: Adapters,
  config: Config,
): Omit<Supply, 'flows' | 'sources'> {
  const areAllRead = directories.length === config.directories.length;
  return {
    directories: areAllRead ? directoryNames(directories) : null,
    hasPlaces: signals.some(({ kind }) => kind.locates === true),
  };
}
