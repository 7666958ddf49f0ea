/**
 * What commands may use. `run/command-context.ts` implements it, so a test can run a command with a
 * terminal of its own and nothing else.
 */

import type { ImportTools, UsersExport } from '../../core/administration/importer.ts';
import type { SignalSource } from '../../core/access/signal.ts';
import type { Email } from '../../core/flow/mail.ts';
import type { Accounts } from '../../core/people/account.ts';
import type { Directory, WritableDirectory } from '../../core/people/directory.ts';
import type { Passwords } from '../../core/people/password.ts';
import type { Advice } from '../../core/setup/advice.ts';
import type { Expectation } from '../../core/setup/expectation.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { SourceLinks } from '../../core/sources/source-link.ts';
import type { Stores } from '../../core/setup/stores.ts';
import type { Clock, Random, Vault } from '../../core/values/system.ts';

/** 0 done, 1 the result is negative, 2 wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** Where a command reads and writes. */
export interface Terminal {
  /** Writes to standard output as is; the text contains its line ends. */
  out(text: string): void;
  /** Writes to standard error as is. */
  err(text: string): void;
  /** Whether prompts work: standard input and output are a terminal. */
  readonly isInteractive: boolean;
  /** Prompts without echo; only if interactive. Rejects with Problem `input/cancelled`. */
  ask(question: string): Promise<string>;
  /** First line of standard input without its line end, or null without one. */
  firstLine(): Promise<string | null>;
}

/** A fault in the configuration. */
interface Fault {
  readonly file: string;
  /** 1-based; 0 for the file as a whole. */
  readonly line: number;
  readonly col: number;
  /** `routes[0].policies[1].any`, or `''`. */
  readonly path: string;
  readonly message: string;
  /** A correction of a probable typo, or null. */
  readonly suggestion: string | null;
  /** The source line without secrets, or null. */
  readonly source: string | null;
}

/** What commands need of a configuration in addition to the snapshot. */
export interface Settings {
  /** The file as the operator named it. */
  readonly file: string;
  /** Public listeners for HTTP without `proxy_protocol`: `127.0.0.1:4747`, `[::1]:4747` or `unix:/run/doorward.sock`. */
  readonly listen: readonly string[];
  /** Whether the first of them trusts this peer: an address, or `unix`. */
  readonly trusts: (peer: string) => boolean;
  /** The listener for Envoy's checks over gRPC, in the same format, or null. */
  readonly grpcListen: string | null;
  /** Admin listener in the same format, or null. */
  readonly adminListen: string | null;
}

/** A configuration that loaded. */
export interface Loaded {
  readonly snapshot: Snapshot;
  readonly settings: Settings;
  /** The operator's tests. */
  readonly tests: readonly Expectation[];
}

type LoadResult =
  | { readonly ok: true; readonly loaded: Loaded }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** A part of the configuration that cannot be opened. */
export interface Unusable {
  /** `directories[1]`, `signals.geo`. */
  readonly path: string;
  readonly message: string;
}

/** The configuration that options select. */
export interface Chosen {
  readonly file: string;
  /** Options given on the command line, by path: `session.idle`. */
  readonly flags: Readonly<Record<string, string>>;
}

/** Signals, ready to be gathered. */
interface OpenSignals {
  readonly source: SignalSource;
  close(): Promise<void>;
}

/** The tables of one part of the database. */
export interface DatabasePart {
  readonly part: 'accounts' | 'directory';
  /** Their version; 0: there are none. */
  readonly holds: number;
  /** The version that this release makes. */
  readonly knows: number;
  /** The release that made or upgraded them; null if it left no name. */
  readonly writtenBy: string | null;
  /** The file that a start would keep before it upgrades them, or null. */
  readonly copy: string | null;
}

/** One end of a copy, as it was typed: references to secrets are not filled yet. */
export interface DatabaseEnd {
  readonly option: '--from' | '--to';
  /** `embedded`, or a URL of Postgres. */
  readonly place: string;
  readonly password: string | null;
}

/** One table that was copied and compared. */
interface CopiedTable {
  readonly part: string;
  readonly table: string;
  readonly rows: number;
  /** 64 hexadecimal digits. */
  readonly digest: string;
}

/** A way to send emails. */
interface OpenMail {
  send(email: Email): Promise<void>;
  close(): Promise<void>;
}

/** Everything that commands may use. */
export interface CommandContext {
  readonly version: string;
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly random: Random;
  /** One-way names; they do not depend on the secrets. */
  readonly vault: Pick<Vault, 'name'>;
  readonly passwords: Pick<Passwords, 'hash'>;
  /** Whether the password is one of the most common ones, by a list on this machine. */
  isCommonPassword(password: string): Promise<boolean>;
  /** Runs the gateway until a signal ends it; resolves with the exit code. */
  serve(chosen: Chosen): Promise<ExitCode>;
  /** Loads and links the configuration; collects every fault. */
  load(chosen: Chosen): Promise<LoadResult>;
  /** Faults with their source lines, ready to print. */
  formatFaults(faults: readonly Fault[]): string;
  /** Parts of the configuration that a start could not open. Changes nothing. */
  inspect(loaded: Loaded): Promise<readonly Unusable[]>;
  /** What works, but probably not as intended. */
  advise(loaded: Loaded): Promise<readonly Advice[]>;
  /** The advice about the users of all directories. Changes nothing. */
  adviseOnUsers(loaded: Loaded): Promise<readonly Advice[]>;
  openStores(loaded: Loaded): Promise<Stores>;
  /** Authenticators, devices, consents, and the like. */
  openAccounts(loaded: Loaded): Promise<Accounts & SourceLinks>;
  /** Sends emails at once; null if no mail is configured. `send` rejects with Problem `mail/unavailable`. */
  openMail(loaded: Loaded): Promise<OpenMail | null>;
  /** The issuer of the accounts at a source; null if it has several, or there is no such source. */
  issuerOf(loaded: Loaded, source: string): string | null;
  /** Signals, with everything they are gathered from. */
  openSignals(loaded: Loaded): Promise<OpenSignals>;
  /** All directories of the configuration as one, read only. */
  openDirectories(loaded: Loaded): Promise<Directory>;
  /** The tables of the configured database. Changes nothing. */
  databaseVersion(
    loaded: Loaded,
  ): Promise<{ readonly name: string; readonly parts: readonly DatabasePart[] }>;
  /** Copies everything to an empty place; null is the configured one. Problem `database/place` for wrong usage. */
  copyDatabase(
    loaded: Loaded,
    ends: { readonly from: DatabaseEnd | null; readonly to: DatabaseEnd | null },
  ): Promise<{
    readonly from: string;
    readonly to: string;
    readonly tables: readonly CopiedTable[];
  }>;
  /** The embedded directory, or null if none is configured. */
  openUsers(loaded: Loaded): Promise<WritableDirectory | null>;
  /** A text file of at most 64 KiB; null if it cannot be read. */
  readText(path: string): Promise<string | null>;
  /** Reads the users of another product. Rejects with a Problem that names the file and what is wrong. */
  readExport(paths: readonly string[], tools: Omit<ImportTools, 'isHash'>): Promise<UsersExport>;
  jsonSchema(kind: 'config' | 'flow'): Promise<Readonly<Record<string, unknown>>>;
}
