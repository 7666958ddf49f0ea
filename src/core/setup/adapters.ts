/** Kinds of adapters in the plug-in lists: their options, and how an instance is opened. */
import type { ZodType } from 'zod';
import type { EventSink } from '../access/event.ts';
import type { Mailer } from '../flow/mail.ts';
import type { Directory } from '../people/directory.ts';
import type { Passwords } from '../people/password.ts';
import type { User } from '../people/user.ts';
import type { Source } from '../sources/source.ts';
import type { Clock, Random, Vault } from '../values/system.ts';
import type { PostgresAddress } from './postgres-address.ts';
import type { Stores } from './stores.ts';

/** What an adapter may use. */
export interface AdapterTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly passwords: Passwords;
  readonly events: EventSink;
  /** The UTS 39 skeleton of a name. Names that look alike have the same skeleton. */
  readonly skeleton: (name: string) => string;
  /** Absolute path of `data_dir`. It exists, with mode 0700. */
  readonly dataDir: string;
  /** The database in place of files under `dataDir`; null: files. */
  readonly database: PostgresAddress | null;
}

/** A kind of state store. */
export interface StoreKind<C = unknown> {
  readonly type: string;
  /** Whether the raw `state` value is meant for this kind. */
  claims(state: unknown): boolean;
  readonly config: ZodType<C>;
  /**
   * Loads heavy dependencies, then opens the store. Rejects with a Problem that names the remedy.
   */
  open(config: C, tools: AdapterTools): Promise<Stores>;
}

/** A user of a directory, with what is checked across all directories. */
export interface ListedUser {
  readonly user: Pick<User, 'id' | 'name' | 'email' | 'emailVerified'>;
  readonly passwordHash: string | null;
}

/** A kind of user directory. */
export interface DirectoryKind<C = unknown> {
  /** The YAML `type` and the name of the folder. */
  readonly type: string;
  /**
   * Options without `type`. The linker has made the options `path` and `ca` absolute.
   */
  readonly config: ZodType<C>;
  open(config: C, tools: AdapterTools): Promise<Directory>;
  /**
   * For `check`: reads what `open` would read and rejects as it would, but writes nothing and does
   * not connect. Omit it if nothing can be checked before opening.
   */
  inspect?(config: C, tools: Pick<AdapterTools, 'passwords'>): Promise<void>;
  /**
   * For `check`: connects, and returns why the users cannot be read right now, or null. Bounded in
   * time; never rejects. Omit it if nothing is beyond this machine.
   */
  reach?(config: C, tools: Pick<AdapterTools, 'clock' | 'events'>): Promise<string | null>;
  /**
   * For `check` and `user list`: all users of the directory, under the same conditions. Omit it if
   * the users are not on this machine.
   */
  users?(
    config: C,
    tools: Pick<AdapterTools, 'passwords' | 'dataDir' | 'database'>,
  ): Promise<readonly ListedUser[]>;
}

/** A way to send mail. */
export interface MailerKind<C = unknown> {
  /** The YAML `type` and the name of the folder. */
  readonly type: string;
  /** Options without `type` and `templates`. */
  readonly config: ZodType<C>;
  /**
   * Loads heavy dependencies. Does not connect yet, so that the gateway starts while the mail
   * server is down.
   */
  open(config: C, tools: Pick<AdapterTools, 'clock' | 'random' | 'dataDir'>): Promise<Mailer>;
}

/** One request to a provider. */
interface ProviderRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Headers;
  /** The body, which may contain secrets. */
  readonly form: URLSearchParams | null;
  readonly signal: AbortSignal | null;
}

/** Requests to one provider: a `fetch` with bounds, which follows no redirect. */
export interface ProviderDoor {
  /** Problem `source/unavailable` unless a full response of at most 1 MiB arrives within 5 s. */
  fetch(url: string, request: ProviderRequest): Promise<Response>;
  close(): Promise<void>;
}

/** Opens the door to a provider. Problem `source/ca`. */
export type OpenProviderDoor = (options: {
  /** Absolute path of a PEM file with an authority, trusted beside those of Node; or null. */
  readonly ca: string | null;
  /** Whether plain HTTP may be sent to other machines. */
  readonly isInsecure: boolean;
}) => Promise<ProviderDoor>;

/** What a source may use. */
export interface SourceTools {
  /** The key under `sources`. */
  readonly name: string;
  readonly clock: Clock;
  readonly openDoor: OpenProviderDoor;
}

/** A kind of provider that users sign in with. */
export interface SourceKind<C = unknown> {
  /** The YAML `type` and the name of the folder. */
  readonly type: string;
  /**
   * Options without `type` and those of every source. The linker has made the options `ca` and
   * `key` absolute.
   */
  readonly config: ZodType<C>;
  /** Whether its providers can end their own sessions, so that `sign_out` has an effect. */
  readonly signsOut: boolean;
  /** In what the ids of accounts are unique, and the field that contains them. */
  accountsOf(config: C): { readonly issuers: readonly string[]; readonly idField: string };
  /** Loads heavy dependencies and reads files. Does not connect: a provider may be down. */
  open(config: C, tools: SourceTools): Promise<Source>;
}
