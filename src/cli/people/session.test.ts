/** `doorward session …`: lists sessions and ends them. */
import { describe, expect, it } from 'vitest';
import { fakeSessions, START, testSession, testUser } from '../../../test/support/fakes.ts';
import { doorward, users } from '../../../test/support/terminal.ts';

const some = async () => {
  const sessions = fakeSessions();
  await sessions.start({ id: 'one', secret: 's' }, testSession({ seenAt: START - 120_000 }));
  await sessions.start(
    { id: 'two', secret: 's' },
    testSession({ id: 'session:two', userId: 'fake/gone' }),
  );
  return sessions;
};

describe('session', () => {
  const people = users(testUser());
  it('lists signed-in users', async () => {
    const { out } = await doorward('session list', { people, sessions: await some() });
    expect(out).toContain('session:one  ann        2026-11-23T12:00:00.000Z  2 min ago');
    expect(out).toContain('fake/gone');
  });

  it('lists the sessions of one user, as JSON, without proofs', async () => {
    const { out } = await doorward('session list --user ann --json', {
      people,
      sessions: await some(),
    });
    const [entry, ...others] = JSON.parse(out) as Record<string, unknown>[];
    expect(others).toEqual([]);
    expect(Object.keys(entry ?? {})).toEqual([
      'id',
      'user_id',
      'created_at',
      'seen_at',
      'expires_at',
      'client',
    ]);
  });

  it('says that it stopped at a limit, in words and in JSON, only if it did', async () => {
    const sessions = fakeSessions();
    const start = (i: number): Promise<void> =>
      sessions.start({ id: `n${i}`, secret: 's' }, testSession({ id: `session:n${i}` }));
    for (let i = 0; i < 1_000; i += 1) await start(i);
    const all = await doorward('session list --json', { people, sessions });
    expect([all.err, (JSON.parse(all.out) as unknown[]).length]).toEqual(['', 1_000]);
    await start(1_000);
    const table = await doorward('session list', { people, sessions });
    expect(table.err).toContain('showing the first 1000 sessions only');
    const json = await doorward('session list --json', { people, sessions });
    const entries = JSON.parse(json.out) as unknown[];
    expect(entries).toHaveLength(1_001);
    expect(entries.at(-1)).toEqual({ more: true, limit: 1_000 });
    expect(json.err).toContain('first 1000 sessions only');
  });

  it.each([
    ['--user ann', '1 session ended\n', 1],
    ['--user fake/gone', '1 session ended\n', 1],
    ['--id session:one', '1 session ended\n', 1],
    ['--all', '2 sessions ended\n', 0],
    ['--all --json', '{\n  "ended": 2\n}\n', 0],
    ['--id session:one --json', '{\n  "ended": 1\n}\n', 1],
  ])('revoke %s', async (which, out, left) => {
    const sessions = await some();
    expect(await doorward(`session revoke ${which}`, { people, sessions })).toEqual({
      code: 0,
      out,
      err: '',
    });
    expect(await sessions.count()).toBe(left);
  });

  it('rejects an unknown ID', async () => {
    expect((await doorward('session revoke --id nope', { sessions: await some() })).code).toBe(1);
  });

  it.each(['session revoke', 'session revoke --all --user ann'])(
    '%s: requires exactly one choice',
    async (line) => {
      const sessions = await some();
      expect((await doorward(line, { people, sessions })).code).toBe(2);
      expect(await sessions.count()).toBe(2);
    },
  );
});
