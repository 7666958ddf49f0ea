/** The cost of verifying known and unknown names: the work is counted, not timed. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DirectoryTools, directoryTools } from '../../test/support/directory-tools.ts';
import type { Directory, WritableDirectory } from '../core/people/directory.ts';
import type { Passwords } from '../core/people/password.ts';
import { costOf, parseHash } from '../passwords/hash-format.ts';
import { createVault } from '../tickets/vault.ts';
import { chainDirectories } from './chain.ts';
import { openEmbeddedDirectory } from './embedded/directory.ts';
import { openFileDirectory } from './file/directory.ts';

const KEY = 'iUr0/y4tJvPOFfd6fhwl20W04gQ56ZYXcroZnK3bAB4';
const ARGON2 = `$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$${KEY}`;
const LIGHT = `$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$${KEY}`;
const SHA = `$6$rounds=500000$salt$${'a'.repeat(86)}`;
const vault = createVault(['a secret of at least thirty-two characters']);

describe('the work of verifying a password', () => {
  let base: DirectoryTools;
  let users: WritableDirectory;
  let file: Directory;
  let chain: Directory;
  /** Costs of the verifications since the last call. */
  let done: (string | null)[];

  /** Counts instead of hashing. */
  const passwords: Passwords = {
    hash: async () => ARGON2,
    async verify(hash) {
      done.push(hash === null ? 'no user' : costOf(hash));
      return 'wrong';
    },
    isOutdated: () => false,
    isQuick: () => false,
    isHash: (text) => parseHash(text) !== null,
    costOf,
  };

  const open = async (people: Readonly<Record<string, string>>): Promise<void> => {
    const path = join(base.dataDir, 'users.yaml');
    const entries = Object.entries(people).map(([name, password]) => [name, { password }]);
    await writeFile(path, JSON.stringify({ users: Object.fromEntries(entries) }));
    const tools = { ...base, passwords };
    users = openEmbeddedDirectory(tools, { believed: -1, poll: 3_600_000 });
    const timing = { settle: 1, poll: 3_600_000 };
    file = await openFileDirectory({ path, name: 'file' }, tools, timing);
    chain = chainDirectories([users, file], { events: base.events, passwords, vault });
  };
  const workFor = async (login: string): Promise<readonly (string | null)[]> => {
    done = [];
    const user = await chain.find(login, ['username', 'email']);
    expect(await chain.verifyPassword(user?.id ?? null, 'a wrong one', login)).toBe('wrong');
    return done;
  };
  const shares = async (logins: readonly string[]): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const login of logins) {
      const [cost = 'none'] = await workFor(login);
      counts[String(cost)] = (counts[String(cost)] ?? 0) + 1 / logins.length;
    }
    return counts;
  };
  const unknown = Array.from({ length: 600 }, (_, n) => `unknown-${n}`);

  beforeEach(async () => {
    base = await directoryTools();
    done = [];
  });
  afterEach(async () => {
    await chain.close();
    await base.remove();
  });

  it('DIR-time: an unknown name costs what some user of some directory costs', async () => {
    await open({ ann: SHA, bob: ARGON2 });
    await users.create({ name: 'carl' }, LIGHT);
    const known = [costOf(SHA), costOf(ARGON2), costOf(LIGHT)];
    expect(await workFor('ann')).toEqual([costOf(SHA)]);
    expect(await workFor('bob')).toEqual([costOf(ARGON2)]);
    expect(await workFor('carl')).toEqual([costOf(LIGHT)]);
    for (const login of unknown.slice(0, 50)) {
      const work = await workFor(login);
      expect(work).toHaveLength(1);
      expect(known).toContain(work[0]);
    }
  });

  it('DIR-time: unknown names are spread over the costs as users are', async () => {
    await open(
      Object.fromEntries(Array.from('abcdefghi').map((n, i) => [n, i < 3 ? SHA : ARGON2])),
    );
    await users.create({ name: 'x' }, LIGHT);
    // 3, 6 and 1 of ten. Fixed names under a fixed key, so nothing here is random.
    const spread = await shares(unknown);
    expect(spread[costOf(SHA) as string]).toBeCloseTo(0.3, 1);
    expect(spread[costOf(ARGON2) as string]).toBeCloseTo(0.6, 1);
    expect(spread[costOf(LIGHT) as string]).toBeCloseTo(0.1, 1);
  });

  it('DIR-time: a name costs the same at every attempt, in every spelling and after a restart', async () => {
    await open({ ann: SHA, bob: ARGON2, carl: LIGHT });
    for (const login of unknown.slice(0, 30)) {
      const work = await workFor(login);
      expect(await workFor(login)).toEqual(work);
      expect(await workFor(` ${login.toUpperCase()} `)).toEqual(work);
      const again = chainDirectories([users, file], { events: base.events, passwords, vault });
      done = [];
      await again.verifyPassword(null, 'a wrong one', login);
      expect(done).toEqual(work);
    }
  });

  it('DIR-time: which cost a name gets cannot be computed without the secret', async () => {
    await open({ ann: SHA, bob: ARGON2 });
    const own = await Promise.all(unknown.slice(0, 60).map(async (login) => login));
    const here = [];
    for (const login of own) here.push((await workFor(login))[0]);
    const other = createVault(['another secret of thirty-two characters']);
    chain = chainDirectories([users, file], { events: base.events, passwords, vault: other });
    const there = [];
    for (const login of own) there.push((await workFor(login))[0]);
    expect(there).not.toEqual(here);
  });

  it('DIR-time: users without a password and refused namesakes cost what unknown names cost', async () => {
    await open({ twin: ARGON2, ann: SHA, bob: SHA });
    await users.create({ name: 'bare' }, null);
    await users.create({ name: 'twin' }, null);
    for (const [login, id] of [
      ['bare', (await users.find('bare', ['username']))?.id ?? ''],
      ['twin', 'file/twin'],
      ['gone', 'file/gone'],
      ['gone', 'ldap/gone'],
    ] as const) {
      done = [];
      expect(await chain.verifyPassword(id, 'a wrong one', login)).toBe('wrong');
      const work = done;
      done = [];
      await chain.verifyPassword(null, 'a wrong one', login);
      expect(work).toEqual(done);
      expect(work).toHaveLength(1);
    }
  });

  it('DIR-time: costs follow the users as they are added and removed', async () => {
    await open({});
    expect(await workFor('unknown')).toEqual(['no user']);
    const { id } = await users.create({ name: 'ann' }, LIGHT);
    expect(await workFor('unknown')).toEqual([costOf(LIGHT)]);
    await users.setPassword(id, SHA);
    expect(await workFor('unknown')).toEqual([costOf(SHA)]);
    await users.delete(id);
    expect(await workFor('unknown')).toEqual(['no user']);
  });

  it('is rejected as busy for unknown names when it is for known ones', async () => {
    await open({ ann: ARGON2 });
    const busy = { ...passwords, verify: async () => 'busy' as const };
    const full = chainDirectories([users, file], { events: base.events, passwords: busy, vault });
    expect(await full.verifyPassword(null, 'a wrong one', 'unknown')).toBe('busy');
  });
});
