/**
 * A database in one SQLite file, shared by all processes of one machine. Every fault is a Problem.
 * Nothing here may block the event loop for long.
 */
import { statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database, WriteOptions } from './database.ts';
import { faultOf, isBusy } from './fault.ts';
import type { DatabaseKind } from './kind.ts';
import { openFile } from './open-file.ts';
import { openReserve, type Reserve } from './reserve.ts';
import { type RuntimeFaults, runtimeFaults, runtimeProblem } from './runtime-faults.ts';
import { type Call, command, type Outcome, type Steps } from './sql.ts';
import { syncedTransaction, transaction } from './transaction.ts';

/** A file, which can be read at once. */
export interface SqliteDatabase extends Database {
  /** As `read`, without a promise: for what is asked on each request. */
  look<T>(steps: () => Steps<T>): T;
  /** Also rejects when the file was replaced. */
  probe(): Promise<void>;
}

/** How long the path is assumed to lead to the same file, in milliseconds: looking takes about 2 µs. */
const BELIEVED = 1;

/** Opens or creates the file. Problems `…/unusable` and `…/newer` name it, the cause and the remedy. */
export function openSqlite(path: string, kind: DatabaseKind): SqliteDatabase {
  const reserve = openReserve(dirname(path));
  const { db, inode } = openFile(path, kind, () => reserve.release());
  const runSteps = stepRunner(db);
  const faults = runtimeFaults(kind, faultOf);
  const attempt = transactions({ db, isLasting: kind.lasting, reserve, runSteps, faults });
  const identity = fileCheck(path, inode, kind);
  const touch = command(`PRAGMA user_version = ${kind.migrations.length}`);

  function look<T>(steps: () => Steps<T>): T {
    try {
      identity.check();
      return runSteps(steps());
    } catch (caught) {
      throw faults.problemOf(caught);
    }
  }
  async function write<T>(steps: () => Steps<T>, options: WriteOptions = {}): Promise<T> {
    identity.check();
    if (options.ending !== true && !reserve.isHeld()) {
      throw faults.problemOf(
        Object.assign(new Error('too little room on the disk'), { code: 'ENOSPC' }),
      );
    }
    for (let tries = 1; ; tries += 1) {
      try {
        const result = attempt(steps, options);
        // An ending proves nothing about room for anything else.
        if (options.ending !== true) faults.hasRoom();
        return result;
      } catch (caught) {
        if (!isBusy(caught) || tries >= kind.attempts) throw faults.problemOf(caught);
      }
      await delay(10 + (tries % 5) * 10);
    }
  }
  return {
    look,
    read: async (steps) => look(steps),
    write,
    async probe() {
      identity.forget();
      // Writes a page: a lock alone can be had on a full disk, too.
      await write(() => touch());
    },
    close() {
      if (db.isOpen) db.close();
    },
  };
}

interface TransactionParts {
  readonly db: DatabaseSync;
  /** Whether each transaction of this file waits for the disk. */
  readonly isLasting: boolean;
  readonly reserve: Reserve;
  readonly runSteps: StepRunner;
  readonly faults: RuntimeFaults;
}

/** Runs a change in one transaction, without another try while the file is locked. */
function transactions({ db, isLasting, reserve, runSteps, faults }: TransactionParts) {
  return <T>(steps: () => Steps<T>, { lasting, ending }: WriteOptions): T => {
    const isSynced = !isLasting && (lasting === true || ending === true);
    const change = (): T => runSteps(steps());
    const once = (): T => (isSynced ? syncedTransaction(db, change) : transaction(db, change));
    return ending === true ? makingRoom(once, waysToMakeRoom(db, reserve), faults) : once();
  };
}

/** Tries again after each way to make room on a full disk. */
function makingRoom<T>(once: () => T, ways: (() => boolean)[], faults: RuntimeFaults): T {
  for (;;) {
    try {
      return once();
    } catch (caught) {
      if (faultOf(caught) !== 'full') throw caught;
      faults.problemOf(caught);
      let isRoom = false;
      while (!isRoom && ways.length > 0) isRoom = ways.shift()?.() === true;
      if (!isRoom) throw caught;
    }
  }
}

type StepRunner = <T>(steps: Steps<T>) => T;

/** Runs steps, with each statement compiled once. */
function stepRunner(db: DatabaseSync): StepRunner {
  const statements = new Map<string, StatementSync>();
  function prepared(sql: string): StatementSync {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const made = db.prepare(sql);
    statements.set(sql, made);
    return made;
  }
  function run({ sql, values, returns }: Call): Outcome {
    const statement = prepared(sql);
    const bound = values.map((value) => (typeof value === 'boolean' ? Number(value) : value));
    if (returns === 'rows') return { rows: statement.all(...bound), changes: 0 };
    return { rows: [], changes: Number(statement.run(...bound).changes) };
  }
  return (steps) => {
    let step = steps.next();
    while (step.done !== true) step = steps.next(run(step.value));
    return step.value;
  };
}

/** Ways to make room for an ending, to be tried in turn; each returns whether it did anything. */
function waysToMakeRoom(db: DatabaseSync, reserve: Reserve): (() => boolean)[] {
  /** Starts the log over, so that it is written where it is on the disk already. */
  const rewind = (): void => {
    try {
      db.exec('PRAGMA wal_checkpoint(RESTART)');
    } catch {
      // Named fallback: the next attempt reports what is wrong.
    }
  };
  return [
    () => (rewind(), true),
    () => {
      if (!reserve.release()) return false;
      rewind();
      return true;
    },
  ];
}

/**
 * Checks that the path still leads to the file that was opened. Otherwise the command line and this
 * process would use two files, and a user who was disabled in one could sign in by the other.
 */
function fileCheck(path: string, inode: number, kind: DatabaseKind) {
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    /** Throws Problem `…/unavailable` if it does not. */
    check(): void {
      const now = performance.now();
      if (now - lookedAt < BELIEVED) return;
      try {
        if (statSync(path).ino !== inode) throw new Error(`${path} has been replaced: restart`);
      } catch (cause) {
        throw runtimeProblem(kind, 'unavailable', cause);
      }
      lookedAt = now;
    },
    forget(): void {
      lookedAt = Number.NEGATIVE_INFINITY;
    },
  };
}
