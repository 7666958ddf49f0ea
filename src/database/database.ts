/**
 * One SQLite file: opened 0600, brought up to date, read and written with every fault as a Problem.
 * Shared by all processes of one machine; it must never block the event loop for long.
 */
import { chmodSync, closeSync, openSync, statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../core/values/problem.ts';
import { faultOf, isBusy } from './fault.ts';
import { openReserve } from './reserve.ts';
import { startFault, startWords } from './start-fault.ts';

/** How one write is done. */
export interface WriteOptions {
  /** On the disk before it resolves, for what must not come back after a power cut. */
  readonly lasting?: boolean;
  /** It takes access away: done even when the disk is full, by space kept for it. Implies `lasting`. */
  readonly ending?: boolean;
}

/** One open file. */
export interface Database {
  /** Compiled once. */
  prepare(sql: string): StatementSync;
  /**
   * Rejects with Problem `…/unavailable` or `…/damaged`, also when the file was replaced; Problems of
   * `query` pass through.
   */
  read<T>(query: () => T): T;
  /** One transaction. Also Problem `…/full`. Problems of `change` pass through. */
  write<T>(change: () => T, options?: WriteOptions): Promise<T>;
  /** Rejects when the file was replaced, cannot be written, or the disk is full. */
  probe(): Promise<void>;
  close(): void;
}

/** What tells one of our files from another. */
export interface DatabaseKind {
  /** First half of its problem codes. */
  readonly code: 'store' | 'accounts' | 'directory';
  /** `state file`, in messages for operators. */
  readonly name: string;
  /** `session store`, in messages of faults at run time. */
  readonly role: string;
  readonly migrations: readonly string[];
  /** Functions of one text that migrations call, by name. */
  readonly functions?: Readonly<Record<string, (text: string) => string>>;
  /** SQL run when it is opened, after WAL. */
  readonly pragmas: string;
  /** Whether every write is on the disk before it resolves. */
  readonly lasting: boolean;
  /** Milliseconds SQLite itself may block on a lock; beyond it we step aside. */
  readonly block: number;
  /** Attempts, with pauses of 10 to 50 ms between. */
  readonly attempts: number;
  /** What it means to go on without a damaged file. */
  readonly loss: string;
  /** What to do about a file of a newer release, beside running that one. */
  readonly newer: string;
  /** Called when the disk becomes full, once until a write succeeds again. */
  readonly onFull?: ((problem: Problem) => void) | undefined;
}

/**
 * Pages of the log before they go into the database, and bytes of it that are kept: small, so that
 * on a full disk the reserve has room for them and the log can begin anew.
 */
const CHECKPOINT = 200;
const MAX_LOG = 1024 * 1024;

/** How long a file is believed to be the one that was opened, in milliseconds: a look costs some 2 µs. */
const BELIEVED = 1;

/** Opens or makes the file. Problems `…/unusable` and `…/newer` name it, the cause and the remedy. */
export function openSqlite(path: string, kind: DatabaseKind): Database {
  const reserve = openReserve(dirname(path));
  const { db, inode } = openFile(path, kind, () => reserve.release());
  const statements = new Map<string, StatementSync>();
  let isFull = false;

  function problemOf(caught: unknown): Problem {
    const fault = faultOf(caught);
    if (fault !== 'full')
      return runtimeProblem(kind, fault === 'damaged' ? 'damaged' : null, caught);
    const problem = runtimeProblem(kind, 'full', caught);
    if (!isFull) kind.onFull?.(problem);
    isFull = true;
    return problem;
  }
  /** Brings the log back to its beginning, so that it is written over where it is on the disk already. */
  function rewind(): void {
    try {
      db.exec('PRAGMA wal_checkpoint(RESTART)');
    } catch {
      // Named fallback: the next attempt says what is wrong.
    }
  }
  /** Ways to make room for an ending, each tried once. */
  const waysOut = (): (() => boolean)[] => [
    () => (rewind(), true),
    () => {
      if (!reserve.release()) return false;
      rewind();
      return true;
    },
  ];
  function attempt<T>(change: () => T, options: WriteOptions, ways: (() => boolean)[]): T {
    for (;;) {
      try {
        return transaction(
          db,
          change,
          !kind.lasting && (options.lasting ?? options.ending) === true,
        );
      } catch (caught) {
        if (options.ending !== true || faultOf(caught) !== 'full') throw caught;
        problemOf(caught);
        let isRoom = false;
        while (!isRoom && ways.length > 0) isRoom = ways.shift()?.() === true;
        if (!isRoom) throw caught;
      }
    }
  }
  let lookedAt = Number.NEGATIVE_INFINITY;
  /**
   * Throws unless the path still leads to the file that was opened. Otherwise the command line and this
   * process would use two files, and a user who was disabled in one could sign in by the other.
   */
  function checkSame(): void {
    const now = performance.now();
    if (now - lookedAt < BELIEVED) return;
    try {
      if (statSync(path).ino !== inode) throw new Error(`${path} has been replaced: restart`);
    } catch (cause) {
      throw runtimeProblem(kind, null, cause);
    }
    lookedAt = now;
  }
  async function write<T>(change: () => T, options: WriteOptions = {}): Promise<T> {
    checkSame();
    if (options.ending !== true && !reserve.isHeld()) {
      throw problemOf(Object.assign(new Error('too little room on the disk'), { code: 'ENOSPC' }));
    }
    const ways = waysOut();
    for (let tries = 1; ; tries += 1) {
      try {
        const done = attempt(change, options, ways);
        // An ending proves nothing about room for anything else.
        if (options.ending !== true) isFull = false;
        return done;
      } catch (caught) {
        if (caught instanceof Problem) throw caught;
        if (!isBusy(caught) || tries >= kind.attempts) throw problemOf(caught);
      }
      await delay(10 + (tries % 5) * 10);
    }
  }
  return {
    prepare(sql) {
      const known = statements.get(sql);
      if (known !== undefined) return known;
      const made = db.prepare(sql);
      statements.set(sql, made);
      return made;
    },
    read(query) {
      try {
        checkSame();
        return query();
      } catch (caught) {
        throw caught instanceof Problem ? caught : problemOf(caught);
      }
    },
    write,
    async probe() {
      lookedAt = Number.NEGATIVE_INFINITY;
      // A page is really written: a lock alone can be had on a full disk, too.
      await write(() => db.exec(`PRAGMA user_version = ${kind.migrations.length}`));
    },
    close() {
      statements.clear();
      if (db.isOpen) db.close();
    },
  };
}

function openFile(
  path: string,
  kind: DatabaseKind,
  makeRoom: () => boolean,
): { readonly db: DatabaseSync; readonly inode: number } {
  let db: DatabaseSync | null = null;
  try {
    // SQLite gives its journal files the mode of the file itself, so that one must be right first.
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    db = new DatabaseSync(path, { timeout: 2_000, allowExtension: false });
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${kind.lasting ? 'FULL' : 'NORMAL'};
      PRAGMA wal_autocheckpoint = ${CHECKPOINT}; PRAGMA journal_size_limit = ${MAX_LOG};
      PRAGMA trusted_schema = OFF; ${kind.pragmas}`);
    for (const [name, compute] of Object.entries(kind.functions ?? {})) {
      db.function(name, { deterministic: true }, (text) => compute(String(text)));
    }
    migrate(db, path, kind);
    db.exec(`PRAGMA busy_timeout = ${kind.block}`);
    return { db, inode: statSync(path).ino };
  } catch (caught) {
    if (db?.isOpen === true) db.close();
    if (caught instanceof Problem) throw caught;
    const fault = startFault(path, caught);
    // Somebody who starts on a full disk may be here to end sessions.
    if (fault === 'full' && makeRoom()) return openFile(path, kind, () => false);
    const words = startWords(path, fault, caught, kind.loss);
    throw new Problem(
      `${kind.code}/unusable`,
      `The ${kind.name} ${path} cannot be used. ${words}`,
      {
        status: 503,
        cause: caught,
      },
    );
  }
}

/** Several processes may start at once: the version is read again under the lock. */
function migrate(db: DatabaseSync, path: string, kind: DatabaseKind): void {
  const { migrations } = kind;
  if (versionOf(db) === migrations.length) return;
  transaction(
    db,
    () => {
      const version = versionOf(db);
      if (version > migrations.length) {
        throw new Problem(
          `${kind.code}/newer`,
          `The ${kind.name} ${path} was written by a newer release. ${kind.newer}`,
          { status: 503 },
        );
      }
      if (version === migrations.length) return;
      for (const step of migrations.slice(version)) db.exec(step);
      db.exec(`PRAGMA user_version = ${migrations.length}`);
    },
    !kind.lasting,
  );
}

function versionOf(db: DatabaseSync): number {
  return (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
}

/** `raise`: for this one, the disk is waited for. */
function transaction<T>(db: DatabaseSync, change: () => T, raise: boolean): T {
  if (raise) db.exec('PRAGMA synchronous = FULL');
  try {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = change();
      db.exec('COMMIT');
      return result;
    } catch (caught) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw caught;
    }
  } finally {
    if (raise && db.isOpen) db.exec('PRAGMA synchronous = NORMAL');
  }
}

function runtimeProblem(
  { code, role }: DatabaseKind,
  what: 'full' | 'damaged' | null,
  cause: unknown,
): Problem {
  const options = { status: 503, retryAfter: what === 'full' ? 30 : 5, cause };
  if (what === 'full') return new Problem(`${code}/full`, `The ${role} is full.`, options);
  if (what === 'damaged') return new Problem(`${code}/damaged`, `The ${role} is damaged.`, options);
  return new Problem(`${code}/unavailable`, `The ${role} does not answer.`, options);
}
