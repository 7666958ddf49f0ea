/** The first administrator: invited once, by one gateway, while there are no users. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linkedOf, loadText } from '../../../test/support/configuration.ts';
import { fakeAccounts } from '../../../test/support/fake-accounts.ts';
import {
  fakeClock,
  fakeDirectory,
  fakeMarks,
  fakeVault,
  testUser,
} from '../../../test/support/fakes.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import { inviteFirst, type SetUpParts } from './first-administrator.ts';
import { firstRunLock } from './lock.ts';

const CONFIG = 'public_url: https://auth.example.com\n';
const LINK = /^https:\/\/auth\.example\.com\/flow\/first-run\?invitation=([\w-]{4,})$/;

let dataDir: string;
let snapshot: Snapshot;
const releases: (() => void)[] = [];

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'doorward-first-'));
  snapshot = linkedOf(await loadText(CONFIG)).snapshot;
});
afterEach(() => {
  stop();
  rmSync(dataDir, { recursive: true, force: true });
});

function stop(): void {
  for (const release of releases.splice(0)) release();
}

/** A gateway on this folder. Without changes: a new, fresh machine. */
function machine(changes: Partial<SetUpParts> = {}) {
  const clock = changes.clock ?? fakeClock();
  const accounts = fakeAccounts([], clock);
  let tokens = 0;
  const parts: SetUpParts = {
    snapshot,
    directories: [fakeDirectory()],
    accounts,
    marks: fakeMarks(),
    vault: fakeVault(),
    random: { token: () => `token-${(tokens += 1)}` },
    clock,
    lock: () => firstRunLock(dataDir, null),
    hold: (release) => releases.push(release),
    ...changes,
  };
  return { parts, accounts };
}

describe('the first administrator', () => {
  it('gets a link of which only a hash is stored', async () => {
    const { parts, accounts } = machine();
    const made = await inviteFirst(parts);
    const token = made.kind === 'made' ? (LINK.exec(made.link)?.[1] ?? '') : '';
    expect(accounts.all.invitations).toMatchObject([
      {
        tokenName: parts.vault.name('invitation', token),
        flow: 'first-run',
        singleUse: true,
        data: { first: true, groups: ['admins'] },
        expiresAt: parts.clock.now() + 86_400_000,
      },
    ]);
    expect(JSON.stringify(accounts.all.invitations)).not.toContain(`"${token}"`);
  });

  it('gets another at the next start, and the one before is invalid', async () => {
    const { parts, accounts } = machine();
    const first = await inviteFirst(parts);
    stop();
    const second = await inviteFirst(parts);
    expect([first.kind, second.kind]).toEqual(['made', 'made']);
    expect(second).not.toEqual(first);
    expect(accounts.all.invitations).toHaveLength(1);
  });

  it('is invited by one of two processes on a folder', async () => {
    const { parts, accounts } = machine();
    expect((await inviteFirst(parts)).kind).toBe('made');
    expect((await inviteFirst(parts)).kind).toBe('elsewhere');
    expect(accounts.all.invitations).toHaveLength(1);
  });

  it('is invited by one of two machines that share their state', async () => {
    const marks = fakeMarks();
    const [here, there] = [machine({ marks }), machine({ marks })];
    expect((await inviteFirst(here.parts)).kind).toBe('made');
    stop();
    expect((await inviteFirst(there.parts)).kind).toBe('elsewhere');
    stop();
    expect((await inviteFirst(here.parts)).kind).toBe('made');
    expect(there.accounts.all.invitations).toEqual([]);
  });

  it('is not invited if any directory has a user', async () => {
    const directories = [fakeDirectory(), fakeDirectory(testUser({ disabled: true }))];
    const { parts, accounts } = machine({ directories });
    expect((await inviteFirst(parts)).kind).toBe('needless');
    expect(accounts.all.invitations).toEqual([]);
  });

  it('is not invited without a flow that takes invitations', async () => {
    const { parts } = machine({ snapshot: { ...snapshot, flows: new Map() } });
    expect((await inviteFirst(parts)).kind).toBe('needless');
    const login = snapshot.flows.get('login');
    if (login === undefined) throw new Error('no sign-in');
    const flows = new Map([['first-run', login]]);
    const other = machine({ snapshot: { ...snapshot, flows } });
    expect((await inviteFirst(other.parts)).kind).toBe('needless');
  });
});
