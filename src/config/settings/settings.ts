/** What a process starts with. Unlike the snapshot, settings change only with a restart. */
import type { PostgresAddress } from '../../core/setup/postgres-address.ts';
import type { ThrottleRule } from '../../core/values/system.ts';
import type { ListenAddress, Listener } from './listen-address.ts';
import type {
  AnyDirectoryKind,
  AnyMailerKind,
  AnySignalKind,
  AnySourceKind,
  AnyStoreKind,
  Lists,
} from './lists.ts';
import { fieldsOf, isRecord } from '../../core/values/record.ts';

/** The bundled demo apps. */
export const DEMOS = ['whoami', 'notes'] as const;
export type Demo = (typeof DEMOS)[number];

/** Settings, linked and frozen. */
export interface Settings {
  readonly listen: readonly Listener[];
  /** Number of processes; `auto` is one for each core. */
  readonly workers: number | 'auto';
  /** Null: no admin listener. */
  readonly admin: ListenAddress | null;
  readonly state: { readonly kind: AnyStoreKind; readonly options: unknown };
  /** Null: files under `dataDir`. */
  readonly database: PostgresAddress | null;
  /** Absolute. May not exist yet. */
  readonly dataDir: string;
  /** In the order in which users are looked up. */
  readonly directories: readonly { readonly kind: AnyDirectoryKind; readonly options: unknown }[];
  /** Providers that users sign in with, in the order of the file. */
  readonly sources: readonly {
    readonly name: string;
    readonly kind: AnySourceKind;
    readonly options: unknown;
  }[];
  /** All signals that are available, with or without options in the file. */
  readonly signals: readonly { readonly kind: AnySignalKind; readonly options: unknown }[];
  /** Null: no email can be sent, and no flow needs any. */
  readonly mail: {
    readonly kind: AnyMailerKind;
    readonly options: unknown;
    /** The operator's emails that replace ours, by file name; checked. */
    readonly templates: Readonly<Record<string, string>>;
  } | null;
  /** The first secret seals, all open. Empty with embedded state only: one is created and stored in `dataDir`. */
  readonly secrets: readonly string[];
  /** The demo apps that routes point to. */
  readonly demos: readonly Demo[];
  /** Null: the built-in rule. */
  readonly throttle: ThrottleRule | null;
}

/** The names of options that differ. A reload cannot change them. */
export function changedSettings(before: Settings, after: Settings): readonly string[] {
  const names: Readonly<Record<keyof Settings, string>> = {
    listen: 'listen',
    workers: 'workers',
    admin: 'admin.listen',
    state: 'state',
    database: 'database',
    dataDir: 'data_dir',
    directories: 'directories',
    sources: 'sources',
    signals: 'signals',
    mail: 'mail',
    secrets: 'session.secrets',
    demos: 'routes with a demo upstream',
    throttle: 'throttle',
  };
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  return Object.entries(names)
    .filter(([key]) => shape(old[key]) !== shape(now[key]))
    .map(([, name]) => name);
}

/** Settings as plain data that can be sent to another process: plug-ins are named by their type. */
export interface PlainSettings
  extends Omit<Settings, 'state' | 'directories' | 'sources' | 'signals' | 'mail'> {
  readonly sources: readonly {
    readonly name: string;
    readonly type: string;
    readonly options: unknown;
  }[];
  readonly signals: readonly { readonly name: string; readonly options: unknown }[];
  readonly state: { readonly type: string; readonly options: unknown };
  readonly directories: readonly { readonly type: string; readonly options: unknown }[];
  readonly mail: (Omit<NonNullable<Settings['mail']>, 'kind'> & { readonly type: string }) | null;
}

/** Settings as plain data. They contain secrets. */
export function plainSettings(settings: Settings): PlainSettings {
  const { state, directories, sources, signals, mail } = settings;
  return {
    ...settings,
    state: { type: state.kind.type, options: state.options },
    directories: directories.map(({ kind, options }) => ({ type: kind.type, options })),
    sources: sources.map(({ name, kind, options }) => ({ name, type: kind.type, options })),
    signals: signals.map(({ kind, options }) => ({ name: kind.name, options })),
    mail:
      mail === null
        ? null
        : { type: mail.kind.type, options: mail.options, templates: mail.templates },
  };
}

/** Settings from plain data, with the plug-ins of `lists`. Throws if a plug-in is missing. */
export function settingsOf(plain: PlainSettings, lists: Lists): Settings {
  const { state, directories, sources, signals, mail } = plain;
  return {
    ...plain,
    state: { kind: named(lists.stores, state.type), options: state.options },
    directories: directories.map(({ type, options }) => ({
      kind: named(lists.directories, type),
      options,
    })),
    sources: sources.map(({ name, type, options }) => ({
      name,
      kind: named(lists.sources, type),
      options,
    })),
    signals: signals.map(({ name, options }) => ({
      kind: lists.signals.find((one) => one.name === name) ?? missing(name),
      options,
    })),
    mail: mail === null ? null : { ...mail, kind: named(lists.mailers, mail.type) },
  };
}

function named<K extends { readonly type: string }>(kinds: readonly K[], type: string): K {
  const kind = kinds.find((one) => one.type === type);
  return kind ?? missing(type);
}

function missing(name: string): never {
  throw new Error(`no kind ${name}`);
}

/** A text that is equal for equal values. Plug-ins are compared by their type. */
function shape(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) => {
    if (key !== 'kind' || !isRecord(inner)) return inner;
    return inner.type ?? inner.name;
  });
}
