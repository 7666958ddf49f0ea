/**
 * Tests that only concern a file: killed writers, foreign bytes, locks of other processes, lost
 * files.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../../src/core/setup/stores.ts';
import { openSqlite } from '../../src/database/sqlite.ts';
import { STATE_KIND } from '../../src/stores/embedded/schema.ts';
import { openEmbedded, STATE_FILE } from '../../src/stores/embedded/store.ts';
import { sweep } from '../../src/stores/embedded/sweep.ts';
import { newTicket, planOf, sessionOf, testClock, testVault } from '../support/state.ts';
import { until } from '../support/until.ts';

const WRITER = join(import.meta.dirname, '../support/state-writer.ts');
const vault = testVault();
let dataDir: string;
let file: string;
let opened: Stores[];

function open(clock = testClock()): Stores {
  const stores = openEmbedded({ clock, vault, dataDir });
  opened.push(stores);
  return stores;
}

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'doorward-embedded-'));
  file = join(dataDir, STATE_FILE);
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((stores) => stores.close()));
  rmSync(dataDir, { recursive: true });
});

describe('a writer that is killed', () => {
  it('leaves all it committed and nothing it rolled back', async () => {
    const clock = { now: () => Date.now() };
    for (let round = 0; round < 3; round++) {
      const writers = [1, 2].map(() => spawn(process.execPath, [WRITER, dataDir]));
      const lines: string[] = [];
      for (const writer of writers) readLines(writer, lines);
      const wanted = 40 + round * 7;
      await until('both have written', () => lines.length >= wanted);
      for (const writer of writers) writer.kill('SIGKILL');
      await Promise.all(writers.map((writer) => once(writer, 'close')));
      const stores = openEmbedded({ clock, vault, dataDir });
      for (const line of lines) {
        const { kept, ended, plan } = JSON.parse(line);
        expect(await stores.sessions.read(kept)).not.toBeNull();
        expect(await stores.sessions.read(ended)).toBeNull();
        expect(await stores.plans.read(plan)).not.toBeNull();
      }
      await stores.close();
      const db = new DatabaseSync(file);
      expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      db.close();
    }
  });
});

function readLines(writer: ChildProcess, lines: string[]): void {
  if (writer.stdout === null) throw new Error('no output to read');
  createInterface(writer.stdout).on('line', (line) => {
    // The kill may cut the last line; it was never reported as done.
    if (line.endsWith('}')) lines.push(line);
  });
}

describe('the state file', () => {
  it('is readable by its owner alone, including its journals', async () => {
    const stores = open();
    const ticket = newTicket();
    await stores.sessions.start(ticket, sessionOf(vault, testClock(), ticket));
    for (const name of [file, `${file}-wal`, `${file}-shm`]) {
      expect(statSync(name).mode & 0o777).toBe(0o600);
    }
  });

  it('stops the start if it is not a database, with its name and a remedy, and is left unchanged', () => {
    writeFileSync(file, 'this is a letter to a friend, and not a database at all');
    expect(() => open()).toThrow(expect.objectContaining({ code: 'store/unusable', status: 503 }));
    expect(() => open()).toThrow(
      `The state file ${file} cannot be used. The file is damaged (file is not a database). First copy it`,
    );
    expect(readFileSync(file, 'utf8')).toContain('a letter');
  });

  it('stops the start if a newer release wrote it', () => {
    const db = new DatabaseSync(file);
    db.exec('PRAGMA user_version = 999');
    db.close();
    expect(() => open()).toThrow(expect.objectContaining({ code: 'store/newer' }));
  });

  it('stops the start if its folder does not exist', () => {
    expect(() => openSqlite(join(dataDir, 'nowhere', 'state.db'), STATE_KIND)).toThrow(
      expect.objectContaining({ code: 'store/unusable' }),
    );
  });

  it('fails ping if it is replaced under a running gateway', async () => {
    const stores = open();
    await stores.ping();
    renameSync(file, `${file}.old`);
    await expect(stores.ping()).rejects.toMatchObject({ code: 'store/unavailable' });
    writeFileSync(file, '');
    await expect(stores.ping()).rejects.toMatchObject({ code: 'store/unavailable' });
  });

  it('is no longer used once replaced: a session revoked in the new file is refused', async () => {
    const clock = testClock();
    const { sessions } = open(clock);
    const ticket = newTicket();
    await sessions.start(ticket, sessionOf(vault, clock, ticket));
    writeFileSync(`${file}.copy`, readFileSync(file));
    renameSync(`${file}.copy`, file);
    await until('the other file is noticed', () => !sessions.isCoherent());
    const unavailable = { code: 'store/unavailable', status: 503 };
    await expect(sessions.read(ticket)).rejects.toMatchObject(unavailable);
    const other = newTicket();
    const started = sessions.start(other, sessionOf(vault, clock, other));
    await expect(started).rejects.toMatchObject(unavailable);
  });

  it('is created once when many instances start at the same time', async () => {
    const many = Array.from({ length: 8 }, () => open());
    const ticket = newTicket();
    await many[0]?.sessions.start(ticket, sessionOf(vault, testClock(), ticket));
    for (const stores of many) expect(await stores.sessions.read(ticket)).not.toBeNull();
  });
});

describe('another process', () => {
  it('delays writes but not reads while it holds the write lock briefly', async () => {
    const clock = testClock();
    const stores = open(clock);
    const ticket = newTicket();
    await stores.sessions.start(ticket, sessionOf(vault, clock, ticket));
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const writing = stores.plans.write(planOf(clock), 0);
    expect(await stores.sessions.read(ticket)).not.toBeNull();
    other.exec('COMMIT');
    other.close();
    expect(await writing).toBe(true);
  });

  it('causes an error within a bounded time if it holds the lock indefinitely', async () => {
    const clock = testClock();
    const stores = open(clock);
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(stores.plans.write(planOf(clock), 0)).rejects.toMatchObject({
      code: 'store/unavailable',
      status: 503,
    });
    other.exec('ROLLBACK');
    other.close();
    await stores.ping();
  });

  it('announces that anything may have changed if its changes were deleted unread', async () => {
    const clock = testClock();
    const [stores, reader] = [open(clock), open(clock)];
    const told: (string | null)[] = [];
    reader.sessions.watch((gone) => told.push(gone));
    const tickets = [newTicket(), newTicket()];
    for (const ticket of tickets) {
      await stores.sessions.start(ticket, sessionOf(vault, clock, ticket));
    }
    const db = new DatabaseSync(file);
    // This thread runs one transaction after another, so the store cannot check between them.
    const ends = tickets.map((ticket) => stores.sessions.end(vault.name('session', ticket.id)));
    db.prepare('DELETE FROM changes WHERE seq < (SELECT max(seq) FROM changes)').run();
    await Promise.all(ends);
    await until('told', () => reader.sessions.isCoherent() && told.length > 0);
    expect(told).toEqual([null]);
    db.close();
  });

  it('announces "many" if it ends very many sessions at once', async () => {
    const clock = testClock();
    const [stores, reader] = [open(clock), open(clock)];
    for (let i = 0; i < 501; i++) {
      const ticket = newTicket();
      await stores.sessions.start(ticket, sessionOf(vault, clock, ticket));
    }
    const told: (string | null)[] = [];
    reader.sessions.watch((gone) => told.push(gone));
    expect(await stores.sessions.endAll(null)).toBe(501);
    await until('told', () => reader.sessions.isCoherent() && told.length > 0);
    expect(told).toEqual([null]);
  });
});

describe('ended data', () => {
  it('is removed by the sweep, and nothing else is', async () => {
    const clock = testClock();
    const stores = open(clock);
    const [idle, kept] = [newTicket(), newTicket()];
    await stores.sessions.start(idle, sessionOf(vault, clock, idle));
    await stores.plans.write(planOf(clock), 0);
    const rule = { free: 1, wait: 1_000, longest: 1_000, window: 1_000 };
    await stores.throttle.take('k', rule, clock.now());
    await stores.marks.take('k', clock.now() + 1_000);
    clock.advance(3_600_000);
    await stores.sessions.start(kept, sessionOf(vault, clock, kept));
    await stores.throttle.take('other', rule, clock.now());
    await stores.marks.take('other', clock.now() + 1_000);
    const db = openSqlite(file, STATE_KIND);
    expect(await sweep(db, clock)).toBe(false);
    db.close();
    const left = new DatabaseSync(file);
    const rows = (table: string): unknown =>
      left.prepare(`SELECT count(*) AS n FROM ${table}`).get();
    expect([rows('sessions'), rows('plans'), rows('tries'), rows('marks')]).toEqual([
      { n: 1 },
      { n: 0 },
      { n: 1 },
      { n: 1 },
    ]);
    expect(await stores.sessions.read(kept)).not.toBeNull();
    left.close();
  });

  it('is removed in batches if there is much of it', async () => {
    const clock = testClock();
    const stores = open(clock);
    const rule = { free: 1, wait: 1, longest: 1, window: 1 };
    for (let i = 0; i < 501; i++) await stores.throttle.take(`k${i}`, rule, clock.now());
    clock.advance(1_000);
    const db = openSqlite(file, STATE_KIND);
    const round = () => sweep(db, clock);
    expect([await round(), await round(), await round()]).toEqual([true, false, false]);
    db.close();
  });

  it('leaves no journal behind when the last connection closes', async () => {
    await open().close();
    expect(existsSync(`${file}-wal`)).toBe(false);
  });
});
