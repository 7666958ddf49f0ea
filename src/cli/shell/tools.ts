/**
 * What commands may ask of the house. Everything is handed in by compose.ts, so that a
 * command can be run in a test with a terminal of its own and nothing else.
 */
import type { Accounts } from '../../core/people/account.ts';
import type { Advice } from '../../core/setup/advice.ts';
import type { Expectation } from '../../core/setup/expectation.ts';
import type { Json } from '../../core/values/json.ts';
import type { Clock, Random, Vault } from '../../core/values/system.ts';
import type { Directory, UserChanges, WritableDirectory } from '../../core/people/directory.ts';
import type { Passwords } from '../../core/people/password.ts';
import type { Stores } from '../../core/setup/stores.ts';
import type { SignalSource } from '../../core/access/signal.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';

/** 0 done, 1 the answer is no, 2 wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** Where a command reads and writes. */
export interface Terminal {
  /** Writes to standard output as it stands; the text ends its own lines. */
  out(text: string): void;
  /** Writes to standard error as it stands. */
  err(text: string): void;
  /** Whether somebody can be asked: standard input and output are a terminal. */
  readonly isInteractive: boolean;
  /** Asks without echo. Rejects with Problem `input/cancelled`. Only when interactive. */
  ask(question: string): Promise<string>;
  /** First line of standard input without its line end; null when there is none. */
  firstLine(): Promise<string | null>;
}

/** One fault of the configuration. */
interface Fault {
  readonly file: string;
  /** 1-based; 0 when the file as a whole is meant. */
  readonly line: number;
  readonly col: number;
  /** `routes[0].policies[1].any`, or `''`. */
  readonly path: string;
  readonly message: string;
  /** What was probably meant, or null. */
  readonly suggestion: string | null;
  /** The source line without secrets, or null. */
  readonly source: string | null;
}

/** What commands need of a configuration beside the snapshot. */
export interface Settings {
  /** The file as the operator named it. */
  readonly file: string;
  /** Public listeners: `127.0.0.1:4747`, `[::1]:4747` or `unix:/run/doorward.sock`. */
  readonly listen: readonly string[];
  /** Admin listener, written the same way, or null. */
  readonly adminListen: string | null;
}

/** A configuration that loaded. */
export interface Loaded {
  readonly snapshot: Snapshot;
  readonly settings: Settings;
  /** What operators expect of it. */
  readonly tests: readonly Expectation[];
}

type LoadResult =
  | { readonly ok: true; readonly loaded: Loaded }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Something a configuration names and nobody could use. */
export interface Unusable {
  /** `directories[1]`, `signals.geo`. */
  readonly path: string;
  readonly message: string;
}

/** An entry of a users file. */
export interface UsersFileEntry {
  readonly user: UserChanges & {
    readonly name: string;
    /** Epoch milliseconds; not known when absent or null. */
    readonly passwordSetAt?: number | null;
  };
  /** Null: no password sign-in. */
  readonly passwordHash: string | null;
}

/** Which configuration is meant. */
export interface Chosen {
  readonly file: string;
  /** Options given on the command line, by path: `session.idle`. */
  readonly flags: Readonly<Record<string, string>>;
}

/** Data from outside that policies need, ready to be gathered. */
interface OpenSignals {
  readonly source: SignalSource;
  close(): Promise<void>;
}

/** The floor that commands stand on. */
export interface Tools {
  readonly version: string;
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly random: Random;
  /** One-way names, the same under every secret. */
  readonly vault: Pick<Vault, 'name'>;
  readonly passwords: Pick<Passwords, 'hash'>;
  /** Whether it is among the commonest; looked up on this machine. */
  isCommonPassword(password: string): Promise<boolean>;
  /** Runs until a signal ends it; resolves with the exit code. */
  serve(chosen: Chosen): Promise<ExitCode>;
  /** Loads and links; collects every fault. */
  load(chosen: Chosen): Promise<LoadResult>;
  /** Faults with their source lines, ready to print; ends with a line end. */
  formatFaults(faults: readonly Fault[]): string;
  /** What of the configuration could not be opened at a start, in words; opens and changes nothing. */
  inspect(loaded: Loaded): Promise<readonly Unusable[]>;
  /** What would work, but probably not as intended. */
  advise(loaded: Loaded): Promise<readonly Advice[]>;
  /** The part of it about users over all directories; reads them and writes nothing. */
  adviseOnUsers(loaded: Loaded): Promise<readonly Advice[]>;
  openStores(loaded: Loaded): Promise<Stores>;
  /** What is kept about people beside their directories. */
  openAccounts(loaded: Loaded): Promise<Accounts>;
  /** Data from outside, with all that it is gathered from. */
  openSignals(loaded: Loaded): Promise<OpenSignals>;
  /** All directories of the configuration as one, read only. */
  openDirectories(loaded: Loaded): Promise<Directory>;
  /** The embedded directory, or null when the configuration names none. */
  openUsers(loaded: Loaded): Promise<WritableDirectory | null>;
  /** Reads a users file. Rejects with a Problem that says file and line. */
  readUsersFile(path: string): Promise<readonly UsersFileEntry[]>;
  jsonSchema(kind: 'config' | 'flow'): Promise<Json>;
}
