/**
 * A full disk refuses new data but not sign-outs and revocations, and the store recovers when there
 * is room again.
 */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAccounts } from '../../src/accounts/accounts.ts';
import type { Stores } from '../../src/core/setup/stores.ts';
import type { Ticket } from '../../src/core/people/session.ts';
import { openEmbeddedDirectory } from '../../src/directories/embedded/directory.ts';
import { RESERVE_FILE, RESERVE_SIZE } from '../../src/database/reserve.ts';
import { startFault, startWords } from '../../src/database/start-fault.ts';
import { openEmbedded } from '../../src/stores/embedded/store.ts';
import { type SmallDisk, smallDisk } from '../support/small-disk.ts';
import { eventLog, newTicket, planOf, sessionOf, testClock, testVault } from '../support/state.ts';
import { until } from '../support/until.ts';

const vault = testVault();
const clock = testClock();
const FULL = { code: 'store/full', status: 503 };
const HASH = '$2y$04$abcdefghijklmnopqrstuuu0h4wQ0nS0kN1mC1d0d0d0d0d0d0d0d';

let disk: SmallDisk;
let events: ReturnType<typeof eventLog>;
let opened: { close(): Promise<void> }[];

function open(): Stores {
  const stores = openEmbedded({ clock, vault, dataDir: disk.dir, events });
  opened.push(stores);
  return stores;
}
async function signIn(stores: Stores, userId = 'embedded/ann'): Promise<Ticket> {
  const ticket = newTicket();
  await stores.sessions.start(ticket, sessionOf(vault, clock, ticket, { userId }));
  return ticket;
}
const idOf = (ticket: Ticket): string => vault.name('session', ticket.id);
/** Fills the disk until no write fits, including the space that the log reserved. */
async function fillUp(stores: Stores): Promise<void> {
  disk.fill();
  for (let i = 0; i < 100_000; i += 1) {
    try {
      await stores.plans.write(planOf(clock, { learned: { filler: 'x'.repeat(20_000) } }), 0);
    } catch (caught) {
      expect(caught).toMatchObject(FULL);
      return;
    }
  }
  throw new Error('the disk never filled');
}

beforeEach(() => {
  disk = smallDisk(12);
  events = eventLog();
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((one) => one.close()));
  disk.remove();
});

describe('a full disk', () => {
  it('refuses new data with the reason, while sessions can be read', async () => {
    const stores = open();
    const ticket = await signIn(stores);
    await fillUp(stores);
    await expect(signIn(stores)).rejects.toMatchObject(FULL);
    await expect(stores.ping()).rejects.toMatchObject(FULL);
    expect(await stores.sessions.read(ticket)).not.toBeNull();
    // The fault is reported once, not with every request.
    expect(events.events.filter((e) => 'code' in e && e.code === 'store/full')).toHaveLength(1);
    disk.free();
    await stores.ping();
    await signIn(stores);
  });

  it('lets a thousand sign-outs succeed, one after another', async () => {
    const stores = open();
    const tickets: Ticket[] = [];
    for (let i = 0; i < 1_000; i += 1) tickets.push(await signIn(stores));
    await fillUp(stores);
    for (const ticket of tickets) {
      expect(await stores.sessions.end(idOf(ticket))).toBe(true);
      expect(await stores.sessions.read(ticket)).toBeNull();
    }
    await expect(signIn(stores)).rejects.toMatchObject(FULL);
  });

  it('lets all sessions end at once, of one user or of all', async () => {
    const stores = open();
    for (let i = 0; i < 3_000; i += 1) await signIn(stores, `embedded/user-${i % 2}`);
    await fillUp(stores);
    expect(await stores.sessions.endAll('embedded/user-0')).toBe(1_500);
    expect(await stores.sessions.endAll(null)).toBe(1_500);
    expect(await stores.sessions.count()).toBe(0);
  });

  it('lets another process revoke a session, and the running gateway notices', async () => {
    const gateway = open();
    const ticket = await signIn(gateway);
    await fillUp(gateway);
    const told: (string | null)[] = [];
    gateway.sessions.watch((gone) => told.push(gone));
    const command = open();
    expect(await command.sessions.end(idOf(ticket))).toBe(true);
    await until('heard', () => gateway.sessions.isCoherent() && told.includes(idOf(ticket)));
    expect(await gateway.sessions.read(ticket)).toBeNull();
  });

  it('lets a session be revoked while no gateway runs', async () => {
    const before = open();
    const ticket = await signIn(before);
    await fillUp(before);
    await before.close();
    disk.fill();
    const command = open();
    expect(await command.sessions.end(idOf(ticket))).toBe(true);
    expect(await command.sessions.read(ticket)).toBeNull();
  });

  it('reserves room that only ended sessions may use, and reserves it again later', async () => {
    const reserve = join(disk.dir, RESERVE_FILE);
    const before = open();
    const ticket = await signIn(before);
    expect(statSync(reserve)).toMatchObject({ size: RESERVE_SIZE });
    expect(statSync(reserve).mode & 0o777).toBe(0o600);
    await before.close();
    disk.fill();
    const stores = open();
    await stores.sessions.end(idOf(ticket));
    expect(existsSync(reserve)).toBe(false);
    await expect(signIn(stores)).rejects.toMatchObject(FULL);
    disk.free();
    await until('room again', () =>
      stores.ping().then(
        () => true,
        () => false,
      ),
    );
    expect(existsSync(reserve)).toBe(true);
  });

  it('allows disabling or deleting a user and removing an authenticator', async () => {
    const random = { token: () => Math.random().toString(36).slice(2).padEnd(16, 'x') };
    const passwords = { isHash: () => true, isOutdated: () => false, hash: async () => HASH };
    const tools = { clock, random, passwords: passwords as never, dataDir: disk.dir, vault };
    const users = openEmbeddedDirectory(tools);
    const accounts = openAccounts(tools);
    opened.push(users, accounts);
    const [ann, bob] = [
      await users.create({ name: 'ann' }, HASH),
      await users.create({ name: 'bob' }, HASH),
    ];
    const id = 'a'.repeat(22);
    const totp = { id, userId: ann.id, kind: 'totp', name: 'x', handle: '', data: {} } as const;
    await accounts.addAuthenticator({ ...totp, createdAt: 1, lastUsedAt: null });
    disk.fill();
    const isFull = (): Promise<boolean> =>
      users.create({ name: `u${random.token()}` }, HASH).then(
        () => false,
        (caught: { code?: string }) => caught.code === 'directory/full',
      );
    await until('full', isFull);
    await users.update(ann.id, { disabled: true });
    await users.delete(bob.id);
    expect(await accounts.removeAuthenticator(ann.id, id)).toBe(true);
    expect((await users.read(ann.id))?.disabled).toBe(true);
    expect(await users.read(bob.id)).toBeNull();
    expect(await isFull()).toBe(true);
  });
});

describe('a start reports the actual cause', () => {
  const kinds = [
    ['state.db', () => open()],
    ['accounts.db', () => openAccounts({ clock, vault, dataDir: disk.dir })],
    [
      'directory.db',
      () =>
        openEmbeddedDirectory({ clock, dataDir: disk.dir, random: null, passwords: null } as never),
    ],
  ] as const;
  const failure = (start: () => unknown): string => {
    try {
      start();
    } catch (caught) {
      return (caught as Error).message;
    }
    throw new Error('it started');
  };

  it.each(kinds)('a full disk, for %s', (name, start) => {
    disk.fill();
    const message = failure(start);
    expect(message).toContain(join(disk.dir, name));
    expect(message).toContain('The disk is full');
    expect(message).not.toMatch(/damaged|move/i);
  });

  it.each(kinds)('a read-only disk, for %s', (_name, start) => {
    disk.setReadOnly(true);
    const message = failure(start);
    expect(message).toContain('can only be read');
    expect(message).not.toMatch(/damaged|move/i);
    disk.setReadOnly(false);
  });

  it.each(kinds)('a damaged file, for %s', (name, start) => {
    writeFileSync(
      join(disk.dir, name),
      'SQLite format 3\0 and then something else entirely'.repeat(200),
    );
    const message = failure(start);
    expect(message).toContain('is damaged');
    expect(message).toContain('First copy it');
  });

  it.each(kinds)("a folder in the file's place, for %s", (name, start) => {
    mkdirSync(join(disk.dir, name));
    expect(failure(start)).toContain('A folder has this name');
  });

  it.each(kinds)('a lock that another process holds, for %s', (name, start) => {
    const other = new DatabaseSync(join(disk.dir, name));
    other.exec('CREATE TABLE t (x); BEGIN EXCLUSIVE');
    const message = failure(start);
    expect(message).toContain('Another process holds its lock');
    expect(message).not.toMatch(/damaged|move/i);
    other.close();
  });

  it('a file of another owner', () => {
    const cause = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    const path = join(disk.dir, 'state.db');
    writeFileSync(path, '', { mode: 0o400 });
    expect(startFault(path, cause)).toBe('denied');
    const words = startWords(path, 'denied', cause, '');
    expect(words).toContain(`${path} belongs to user ${process.getuid?.()}, mode 400`);
    expect(words).not.toMatch(/damaged|move/i);
  });
});
