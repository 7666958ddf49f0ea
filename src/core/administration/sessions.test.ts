import { describe, expect, it } from 'vitest';
import {
  fakeDirectory,
  fakeSessions,
  START,
  testSession,
  testUser,
} from '../../../test/support/fakes.ts';
import { listSessions, usernamesOf } from './sessions.ts';

/** Sessions `s0` (oldest) to `s4`; those with even numbers belong to Ann. */
async function fiveSessions() {
  const store = fakeSessions();
  for (let at = 0; at < 5; at += 1) {
    const userId = at % 2 === 0 ? 'fake/ann' : 'fake/bob';
    const session = testSession({ id: `s${at}`, userId, createdAt: START + at });
    await store.start({ id: `t${at}`, secret: 'x' }, session);
  }
  return store;
}

describe('the list of sessions', () => {
  it.each([
    ['all users', null, 10, ['s4', 's3', 's2', 's1', 's0'], false],
    ['one user', 'fake/ann', 10, ['s4', 's2', 's0'], false],
    ['an unknown user', 'fake/gone', 10, [], false],
    ['exactly as many as requested', 'fake/ann', 3, ['s4', 's2', 's0'], false],
    ['one more than requested', 'fake/ann', 2, ['s4', 's2'], true],
    ['more than requested', null, 1, ['s4'], true],
  ])('of %s is newest first, and says if there are more', async (_, userId, limit, ids, isMore) => {
    const list = await listSessions(await fiveSessions(), userId, limit);
    expect([list.sessions.map(({ id }) => id), list.isMore]).toEqual([ids, isMore]);
  });

  it('fails if the store does not answer', async () => {
    const store = await fiveSessions();
    store.fault = new Error('down');
    await expect(listSessions(store, null, 10)).rejects.toThrow('down');
  });
});

describe('the usernames of sessions', () => {
  it('are read once for each user, and missing for a deleted user', async () => {
    const { sessions } = await listSessions(await fiveSessions(), null, 10);
    const directory = fakeDirectory(testUser());
    expect([...(await usernamesOf(directory, sessions))]).toEqual([['fake/ann', 'ann']]);
    expect(directory.reads).toBe(2);
  });

  it('keep users of the same name apart', async () => {
    const directory = fakeDirectory(testUser(), testUser({ id: 'hr/ann' }));
    const sessions = [testSession(), testSession({ id: 's2', userId: 'hr/ann' })];
    expect([...(await usernamesOf(directory, sessions))]).toEqual([
      ['fake/ann', 'ann'],
      ['hr/ann', 'ann'],
    ]);
  });

  it('fail if the directory does not answer', async () => {
    const directory = fakeDirectory(testUser());
    directory.fault = new Error('down');
    await expect(usernamesOf(directory, [testSession()])).rejects.toThrow('down');
  });
});
