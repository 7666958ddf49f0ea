import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeRandom } from '../../../test/support/fakes.ts';
import { eventLog, testClock, testVault } from '../../../test/support/state.ts';
import { type AccountStore, openAccounts } from '../../accounts/accounts.ts';
import { openEmbeddedDirectory } from '../../directories/embedded/directory.ts';
import { openPaired } from './pairing.ts';

const clock = testClock();
const vault = testVault();
const random = fakeRandom();

let dataDir: string;
let events: ReturnType<typeof eventLog>;
const path = (name: string): string => join(dataDir, name);

/** What every start does, and every command that opens the accounts. */
function open(isEmbedded = true): Promise<AccountStore> {
  const make = (): AccountStore => openAccounts({ clock, vault, dataDir });
  return openPaired({ dataDir, database: null, isEmbedded, random, events, open: make });
}
async function start(isEmbedded = true): Promise<void> {
  await (await open(isEmbedded)).close();
}
/** `doorward user add`: opens the directory and nothing else. */
async function addUser(name = 'ann'): Promise<string> {
  const passwords = { isHash: () => true, isOutdated: () => false };
  const users = openEmbeddedDirectory({ clock, random, passwords: passwords as never, dataDir });
  const { id } = await users.create({ name }, 'hash');
  await users.close();
  return id;
}
async function setUpFactor(userId: string): Promise<void> {
  const accounts = await open();
  const authenticator = {
    id: 'a'.repeat(22),
    userId,
    kind: 'totp',
    name: 'x',
    handle: '',
  } as const;
  await accounts.addAuthenticator({ ...authenticator, data: {}, createdAt: 1, lastUsedAt: null });
  await accounts.close();
}
function lose(name: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path(name + suffix), { force: true });
}
/** The files as release 0.1 left them: without names. */
function makeLegacy(): void {
  const change = (name: string, sql: string): void => {
    const db = new DatabaseSync(path(name));
    db.exec(sql);
    db.close();
  };
  change('directory.db', 'DROP TABLE pair; PRAGMA user_version = 2');
  if (existsSync(path('accounts.db'))) {
    change(
      'accounts.db',
      'DROP TABLE source_links; DROP TABLE named_users; DROP TABLE tokens; DROP TABLE changes; DROP TABLE factor_tries; DROP TABLE identity; DROP TABLE session_floors; DROP TABLE ended_sessions; PRAGMA user_version = 3',
    );
  }
  rmSync(path('accounts-id'), { force: true });
}

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'doorward-pairing-'));
  events = eventLog();
});
afterEach(() => rmSync(dataDir, { recursive: true }));

describe('files that belong together', () => {
  it('are created on a fresh machine, and open again', async () => {
    await start();
    await start();
    await setUpFactor(await addUser());
    const accounts = await open();
    expect(await accounts.fileId()).toMatchObject({ isPaired: true });
    expect(await accounts.hasUsersOf('embedded/')).toBe(true);
    await accounts.close();
    expect(events.events).toEqual([]);
  });

  it('are created around users who were added before the first start', async () => {
    await addUser();
    await addUser('bob');
    await start();
    await start();
    expect(existsSync(path('accounts.db'))).toBe(true);
  });

  it.each([true, false])('of release 0.1 open, with any data about users: %s', async (isKept) => {
    const id = await addUser();
    if (isKept) await setUpFactor(id);
    else await start();
    makeLegacy();
    writeFileSync(path('state.db'), '');
    await start();
    const accounts = await open();
    expect((await accounts.fileId()).id).not.toBeNull();
    expect(await accounts.hasUsersOf('embedded/')).toBe(isKept);
    await accounts.close();
  });

  it('of release 0.1 open if users were added and no gateway ever ran', async () => {
    await addUser();
    makeLegacy();
    await start();
    await start();
    expect(existsSync(path('accounts-id'))).toBe(true);
  });

  it('open without an embedded directory, whatever it once contained', async () => {
    await start();
    lose('directory.db');
    await start(false);
    expect(existsSync(path('directory.db'))).toBe(false);
  });
});

describe('a missing accounts file', () => {
  const ways = [
    ['removed', () => lose('accounts.db')],
    [
      'empty',
      () => {
        lose('accounts.db');
        writeFileSync(path('accounts.db'), '');
      },
    ],
    [
      'made anew by another program',
      async () => {
        lose('accounts.db');
        await openAccounts({ clock, vault, dataDir }).close();
      },
    ],
  ] as const;
  const gone = expect.objectContaining({ code: 'accounts/gone', status: 503 });

  it.each(ways)('(%s) is a fault at every start, and no fresh start', async (_how, lost) => {
    await setUpFactor(await addUser());
    await lost();
    await expect(open()).rejects.toEqual(gone);
    await expect(open()).rejects.toEqual(gone);
    await expect(open()).rejects.toThrow(path('accounts.db'));
    await expect(open()).rejects.toThrow(path('accept-loss'));
  });

  it.each(ways)('(%s) is a fault for users in another directory, too', async (_how, lost) => {
    await start(false);
    await lost();
    await expect(open(false)).rejects.toEqual(gone);
  });

  it.each(ways)('(%s) is a fault if only the directory was restored', async (_how, lost) => {
    await setUpFactor(await addUser());
    await lost();
    rmSync(path('accounts-id'));
    await expect(open()).rejects.toEqual(gone);
  });

  it.each(ways.slice(0, 2))(
    '(%s) is a fault at the first start after release 0.1',
    async (_how, lost) => {
      await setUpFactor(await addUser());
      makeLegacy();
      writeFileSync(path('state.db'), '');
      await lost();
      await expect(open()).rejects.toEqual(gone);
      await expect(open()).rejects.toEqual(gone);
    },
  );

  it('is accepted once, if an operator says so, and this is logged', async () => {
    await setUpFactor(await addUser());
    lose('accounts.db');
    writeFileSync(path('accept-loss'), '');
    await start();
    expect(existsSync(path('accept-loss'))).toBe(false);
    expect(events.events).toMatchObject([{ type: 'fault', code: 'accounts/loss-accepted' }]);
    await start();
    lose('accounts.db');
    await expect(open()).rejects.toEqual(gone);
  });

  it('is valid again after it is restored', async () => {
    await setUpFactor(await addUser());
    const db = new DatabaseSync(path('accounts.db'));
    db.exec(`VACUUM INTO '${path('copy.db')}'`);
    db.close();
    lose('accounts.db');
    await expect(open()).rejects.toEqual(gone);
    const copy = new DatabaseSync(path('copy.db'));
    copy.exec(`VACUUM INTO '${path('accounts.db')}'`);
    copy.close();
    const accounts = await open();
    expect(await accounts.hasUsersOf('embedded/')).toBe(true);
    await accounts.close();
  });
});

describe('a missing directory', () => {
  const gone = expect.objectContaining({ code: 'directory/gone', status: 503 });

  it('beside accounts of its users is a fault at every start', async () => {
    await setUpFactor(await addUser());
    lose('directory.db');
    await expect(open()).rejects.toEqual(gone);
    await expect(open()).rejects.toEqual(gone);
    await addUser('mallory');
    await expect(open()).rejects.toEqual(gone);
  });

  it('is a fault at the first start after release 0.1, too', async () => {
    await setUpFactor(await addUser());
    makeLegacy();
    lose('directory.db');
    await expect(open()).rejects.toEqual(gone);
  });

  it('is accepted once, if an operator says so', async () => {
    await setUpFactor(await addUser());
    lose('directory.db');
    writeFileSync(path('accept-loss'), '');
    await start();
    await start();
    expect(events.events).toMatchObject([{ type: 'fault', code: 'directory/loss-accepted' }]);
  });
});

it('losing the state alone is no fault: it only signs users out', async () => {
  await setUpFactor(await addUser());
  writeFileSync(path('state.db'), '');
  await start();
  rmSync(path('state.db'));
  await start();
  expect(events.events).toEqual([]);
});
