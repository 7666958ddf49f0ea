/** `doorward user set`: users are changed by name, and unclear orders change nothing. */
import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import { doorward, users } from '../../../test/support/terminal.ts';

describe('user set', () => {
  it('changes what is named and leaves the rest', async () => {
    const people = users(testUser({ attributes: { desk: '1' } }));
    const line =
      'user set ann --name anna --email anna@x.test --add-group admins --remove-group staff --attribute floor=2 --remove-attribute desk';
    const ran = await doorward(line, { people });
    expect(ran).toEqual({ code: 0, out: 'anna, formerly ann, is changed\n', err: '' });
    expect(await people.read('fake/ann')).toEqual(
      testUser({
        name: 'anna',
        email: 'anna@x.test',
        emailVerified: true,
        groups: ['admins'],
        attributes: { floor: '2' },
      }),
    );
  });

  it('says that an address is not verified, and verifies it later', async () => {
    const people = users(testUser());
    const ran = await doorward('user set ann --email a@x.test --unverified', { people });
    expect(ran.out).toBe('ann is changed\nthe address is now a@x.test (not verified)\n');
    expect(await people.read('fake/ann')).toMatchObject({
      email: 'a@x.test',
      emailVerified: false,
    });
    expect((await doorward('user set ann --verified', { people })).out).toBe('ann is changed\n');
    expect(await people.read('fake/ann')).toMatchObject({ email: 'a@x.test', emailVerified: true });
  });

  it.each([
    ['user set ann', 2, 'needs something to change'],
    ['user set ann --verified --unverified', 2, 'either'],
    ['user set ann --attribute desk', 2, 'use key=value'],
    ['user set ann --remove-group admins', 1, 'ann is not in the group admins'],
    ['user set ann --password secret', 2, 'unknown option'],
    ['user set eve --name bob', 1, 'no user eve'],
  ])('%s is refused', async (line, code, words) => {
    const people = users(testUser());
    const ran = await doorward(line, { people });
    expect([ran.code, ran.out]).toEqual([code, '']);
    expect(ran.err).toContain(words);
    expect(await people.read('fake/ann')).toEqual(testUser());
  });

  it('does not verify an address that is not there', async () => {
    const people = users(testUser({ email: '', emailVerified: false }));
    const ran = await doorward('user set ann --verified', { people });
    expect([ran.code, ran.err]).toEqual([1, 'doorward: ann has no email address to verify\n']);
  });
});
