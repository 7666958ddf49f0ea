/** `doorward user link` and `user unlink`. */
import { describe, expect, it } from 'vitest';
import { fakeLinks, ISSUER, testRule } from '../../../test/support/fake-source.ts';
import { fakeSessions, testUser } from '../../../test/support/fakes.ts';
import { testSnapshot } from '../../../test/support/snapshot.ts';
import { doorward, users } from '../../../test/support/terminal.ts';

const people = users(testUser());
const snapshot = {
  ...testSnapshot(),
  sources: new Map([
    ['company', testRule()],
    ['many', testRule({ name: 'many' })],
  ]),
};

describe('user link', () => {
  it('links an account, which user show lists and user unlink removes', async () => {
    const links = fakeLinks();
    const setting = { people, snapshot, links, sessions: fakeSessions() };
    const linked = await doorward('user link ann company zoe-1', setting);
    expect([linked.code, linked.out]).toEqual([0, 'ann can sign in with zoe-1 at company\n']);
    expect(links.all).toMatchObject([{ issuer: ISSUER, subject: 'zoe-1', userId: 'fake/ann' }]);
    const shown = await doorward('user show ann --json', setting);
    expect(JSON.parse(shown.out)).toMatchObject({
      sources: [{ source: 'company', issuer: ISSUER, subject: 'zoe-1', last_used_at: null }],
    });
    expect((await doorward('user show ann', setting)).out).toMatch(/company +zoe-1 .*never/);
    const removed = await doorward('user unlink ann company zoe-1', setting);
    expect([removed.code, links.all]).toEqual([0, []]);
    expect((await doorward('user unlink ann company zoe-1', setting)).code).toBe(1);
  });

  it('takes the issuer of a source that has several', async () => {
    const links = fakeLinks();
    const without = await doorward('user link ann many zoe-1', { people, snapshot, links });
    expect([without.code, without.err]).toEqual([2, expect.stringContaining('--issuer')]);
    const line = 'user link ann many zoe-1 --issuer https://one.example.net';
    expect((await doorward(line, { people, snapshot, links })).code).toBe(0);
    expect(links.all[0]?.issuer).toBe('https://one.example.net');
  });

  it('refuses unknown users and sources, and the account of another user', async () => {
    const links = fakeLinks();
    await doorward('user link ann company zoe-1', { people, snapshot, links });
    const both = users(testUser(), testUser({ id: 'fake/bob', name: 'bob' }));
    for (const line of [
      'user link eve company zoe-1',
      'user link ann compny zoe-1',
      'user link bob company zoe-1',
    ]) {
      const { code } = await doorward(line, { people: both, snapshot, links });
      expect(code, line).toBe(1);
    }
    expect(links.all.length).toBe(1);
  });
});
