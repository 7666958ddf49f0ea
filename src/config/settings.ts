/** What the process is started with. Unlike the snapshot, none of it changes without a restart. */
import type { ThrottleRule } from '../core/ports.ts';
import type { ListenAddress } from './listen-address.ts';
import type { AnyDirectoryKind, AnyMailerKind, AnyStoreKind } from './lists.ts';

/** The bundled demo apps. */
export const DEMOS = ['whoami', 'notes'] as const;
export type Demo = (typeof DEMOS)[number];

/** Settings, linked and frozen. */
export interface Settings {
  readonly listen: readonly ListenAddress[];
  /** Processes, or one a core. */
  readonly workers: number | 'auto';
  /** Null: no listener for operators. */
  readonly admin: ListenAddress | null;
  readonly state: { readonly kind: AnyStoreKind; readonly options: unknown };
  /** Absolute. May not exist yet. */
  readonly dataDir: string;
  /** In the order they are asked. */
  readonly directories: readonly { readonly kind: AnyDirectoryKind; readonly options: unknown }[];
  /** Null: no mail can be sent, and no flow needs any. */
  readonly mail: {
    readonly kind: AnyMailerKind;
    readonly options: unknown;
    /** The operator's letters in place of ours, by file name; checked. */
    readonly templates: Readonly<Record<string, string>>;
  } | null;
  /** The first seals, all open. Empty, with embedded state only: make one and keep it in `dataDir`. */
  readonly secrets: readonly string[];
  /** Demo apps that routes point to. */
  readonly demos: readonly Demo[];
  /** Null: the built-in rule. */
  readonly throttle: ThrottleRule | null;
}

/** Names of the options in which two settings differ: what a reload cannot change. */
export function changedSettings(before: Settings, after: Settings): readonly string[] {
  const names: Readonly<Record<keyof Settings, string>> = {
    listen: 'listen',
    workers: 'workers',
    admin: 'admin.listen',
    state: 'state',
    dataDir: 'data_dir',
    directories: 'directories',
    mail: 'mail',
    secrets: 'session.secrets',
    demos: 'routes with a demo upstream',
    throttle: 'throttle',
  };
  const keys = Object.keys(names) as (keyof Settings)[];
  return keys.filter((key) => shape(before[key]) !== shape(after[key])).map((key) => names[key]);
}

/** Kinds of adapters compare by their type. */
function shape(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) =>
    key === 'kind' && typeof inner === 'object' ? (inner as { type: string }).type : inner,
  );
}
