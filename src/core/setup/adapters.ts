/** Kinds of adapters as the plug-in lists hold them: options, and how an instance is opened. */
import type { ZodType } from 'zod';
import type { EventSink } from '../access/event.ts';
import type { Mailer } from '../flow/mail.ts';
import type { Directory } from '../people/directory.ts';
import type { Passwords } from '../people/password.ts';
import type { User } from '../people/user.ts';
import type { Clock, Random, Vault } from '../values/system.ts';
import type { Stores } from './stores.ts';

/** What an adapter may use of the house. */
export interface AdapterTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly passwords: Passwords;
  readonly events: EventSink;
  /** The UTS 39 skeleton of a name: equal for names that look alike. */
  readonly skeleton: (name: string) => string;
  /** Absolute path of `data_dir`; exists, mode 0700. */
  readonly dataDir: string;
}

/** A kind of state store. */
export interface StoreKind<C = unknown> {
  readonly type: string;
  /** Whether the raw `state` value is meant for this kind. */
  claims(state: unknown): boolean;
  readonly config: ZodType<C>;
  /** Loads what is heavy, then opens. Rejects with a Problem that names the remedy. */
  open(config: C, tools: AdapterTools): Promise<Stores>;
}

/** A user as a directory lists it, with what is checked over all directories. */
export interface ListedUser {
  readonly user: Pick<User, 'id' | 'name' | 'email' | 'emailVerified'>;
  readonly passwordHash: string | null;
}

/** A kind of user directory. */
export interface DirectoryKind<C = unknown> {
  /** The YAML `type` and the folder's name. */
  readonly type: string;
  /** Options without `type`; paths in them have been made absolute by the linker where marked `path`. */
  readonly config: ZodType<C>;
  open(config: C, tools: AdapterTools): Promise<Directory>;
  /**
   * For `check`: reads what opening would read, writes nothing and connects to nothing. Rejects as
   * opening would. Left out: there is nothing to see before it is opened.
   */
  inspect?(config: C, tools: Pick<AdapterTools, 'passwords'>): Promise<void>;
  /** For `check` and `user list`: all its users, under the same terms. Left out: they are not on this machine. */
  users?(
    config: C,
    tools: Pick<AdapterTools, 'passwords' | 'dataDir'>,
  ): Promise<readonly ListedUser[]>;
}

/** A way to send mail. */
export interface MailerKind<C = unknown> {
  /** The YAML `type` and the folder's name. */
  readonly type: string;
  /** Options without `type` and `templates`. */
  readonly config: ZodType<C>;
  /** Loads what is heavy. Does not connect yet: a mail server that is away keeps nobody from starting. */
  open(config: C, tools: Pick<AdapterTools, 'clock' | 'random' | 'dataDir'>): Promise<Mailer>;
}
