/** `doorward invitation …`: created, listed, and revoked; the link is printed only once. */
import { describe, expect, it } from 'vitest';
import { fakeAccounts, testInvitation } from '../../../test/support/fake-accounts.ts';
import { START } from '../../../test/support/fakes.ts';
import { testSnapshot } from '../../../test/support/snapshot.ts';
import { doorward, FLOW } from '../../../test/support/terminal.ts';

const ENROLLMENT = {
  ...FLOW,
  name: 'enrollment',
  stages: FLOW.stages.map((stage) => ({ ...stage, stage: { type: 'invitation' } as never })),
};
const snapshot = {
  ...testSnapshot(),
  flows: new Map([
    ['login', FLOW],
    ['enrollment', ENROLLMENT],
  ]),
};
const { origin } = snapshot.site;

describe('invitation create', () => {
  it('prints the link alone on standard output, and stores only a hash of its token', async () => {
    const accounts = fakeAccounts();
    const ran = await doorward('invitation create --flow enrollment', { snapshot, accounts });
    expect(ran).toEqual({
      code: 0,
      out: `${origin}/flow/enrollment?invitation=t1\n`,
      err: 'it2: valid once until 2026-11-30T12:00:00.000Z; the link is not shown again\n',
    });
    expect(accounts.all.invitations).toEqual([
      {
        id: 'it2',
        tokenName: 'invitation:t1',
        flow: 'enrollment',
        singleUse: true,
        data: {},
        note: '',
        createdAt: START,
        expiresAt: START + 7 * 86_400_000,
        used: 0,
      },
    ]);
  });

  it('fixes the data of the new user', async () => {
    const accounts = fakeAccounts();
    const words = ['invitation', 'create', '--flow', 'enrollment', '--expires', '90m'];
    const more = ['--reusable', '--email', 'eve@x.test', '--group', 'a', '--group', 'b'];
    const rest = ['--attribute', 'k=v=w', '--note', 'for Eve', '--json'];
    const { code, out } = await doorward([...words, ...more, ...rest], { snapshot, accounts });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      id: 'it2',
      flow: 'enrollment',
      state: 'open',
      single_use: false,
      used: 0,
      created_at: '2026-11-23T12:00:00.000Z',
      expires_at: '2026-11-23T13:30:00.000Z',
      note: 'for Eve',
      data: { email: 'eve@x.test', groups: ['a', 'b'], attributes: { k: 'v=w' } },
      link: `${origin}/flow/enrollment?invitation=t1`,
    });
    expect(accounts.all.invitations).toHaveLength(1);
  });

  it.each([
    ['--flow login', 1, 'login is not a flow with an invitation stage'],
    ['--flow nope', 1, 'nope is not a flow with an invitation stage'],
    ['', 2, '--flow'],
    ['--flow enrollment --expires soon', 2, '--expires soon: use'],
    ['--flow enrollment --expires 0d', 2, '--expires 0d: use'],
    ['--flow enrollment --expires -7d', 2, '--expires -7d: use'],
    ['--flow enrollment --attribute k', 2, '--attribute k: use key=value'],
    ['--flow enrollment --attribute =v', 2, '--attribute =v: use key=value'],
    ['--flow enrollment --email eve', 2, '--email eve: use'],
    ['--flow enrollment --email a@b@c', 2, '--email a@b@c: use'],
  ])('%s is refused', async (words, expected, message) => {
    const accounts = fakeAccounts();
    const line = ['invitation', 'create', ...words.split(' ').filter((word) => word !== '')];
    const { code, out, err } = await doorward(line, { snapshot, accounts });
    expect({ code, out }).toEqual({ code: expected, out: '' });
    expect(err).toContain(message);
    expect(accounts.writes).toEqual([]);
  });
});

describe('invitation list', () => {
  it('distinguishes open, used and expired ones, and shows no token', async () => {
    const accounts = fakeAccounts();
    accounts.all.invitations.push(
      testInvitation({ id: 'a', note: 'for\u001b[2JEve' }),
      testInvitation({ id: 'b', used: 1, createdAt: START - 1 }),
      testInvitation({ id: 'c', expiresAt: START, createdAt: START - 2 }),
      testInvitation({ id: 'd', used: 3, singleUse: false, createdAt: START - 3 }),
    );
    const { out } = await doorward('invitation list', { accounts });
    expect(out).toBe(
      [
        'ID  FLOW        STATE    USED    UNTIL                     NOTE',
        'a   enrollment  open     0 uses  2026-11-30T12:00:00.000Z  for\\u001b[2JEve',
        'b   enrollment  used     1 use   2026-11-30T12:00:00.000Z',
        'c   enrollment  expired  0 uses  2026-11-23T12:00:00.000Z',
        'd   enrollment  open     3 uses  2026-11-30T12:00:00.000Z',
        '',
      ].join('\n'),
    );
    const json = (await doorward('invitation list --json', { accounts })).out;
    expect(JSON.parse(json)).toHaveLength(4);
    expect(out + json).not.toContain('invitation:token');
  });

  it('says how to create the first one', async () => {
    expect((await doorward('invitation list')).out).toContain('doorward invitation create');
  });
});

describe('invitation revoke', () => {
  it('ends one by its id, once', async () => {
    const accounts = fakeAccounts();
    accounts.all.invitations.push(testInvitation({ id: 'a' }), testInvitation({ id: 'b' }));
    const ran = await doorward('invitation revoke a', { accounts });
    expect(ran).toEqual({ code: 0, out: '1 invitation revoked\n', err: '' });
    expect(accounts.all.invitations.map((i) => i.id)).toEqual(['b']);
    const again = await doorward('invitation revoke a', { accounts });
    expect(again).toMatchObject({ code: 1, out: '' });
    expect(again.err).toBe('doorward: no invitation has the ID a; see doorward invitation list\n');
  });
});
