import { describe, expect, it } from 'vitest';
import { fakeClock, fakeRandom, fakeVault, START } from '../../../test/support/fakes.ts';
import { LOGIN, testFlow } from '../../../test/support/flow-fakes.ts';
import type { Invitation } from '../people/account.ts';
import { Problem } from '../values/problem.ts';
import {
  createInvitation,
  invitationLink,
  invitationState,
  takesInvitations,
} from './invitation.ts';

const DAY = 86_400_000;
const OFFER = {
  flow: 'enrollment',
  singleUse: true,
  data: { groups: ['staff'] },
  note: 'for Bob',
  lasts: DAY,
};

/** What making an invitation needs, with the stored ones. */
function parts() {
  const stored: Invitation[] = [];
  return {
    stored,
    accounts: {
      createInvitation(invitation: Invitation): Promise<void> {
        stored.push(invitation);
        return Promise.resolve();
      },
    },
    vault: fakeVault(),
    random: fakeRandom(),
    clock: fakeClock(),
  };
}

describe('an invitation', () => {
  it('is stored as offered, with its deadline, and without its token', async () => {
    const making = parts();
    const { invitation, token } = await createInvitation(making, OFFER);
    expect(making.stored).toEqual([invitation]);
    expect(invitation).toEqual({
      flow: 'enrollment',
      singleUse: true,
      data: { groups: ['staff'] },
      note: 'for Bob',
      id: expect.stringMatching(/^i./),
      tokenName: making.vault.name('invitation', token),
      createdAt: START,
      expiresAt: START + DAY,
      used: 0,
    });
    expect(Object.values(invitation)).not.toContain(token);
  });

  it('has a token and an ID of its own', async () => {
    const making = parts();
    const first = await createInvitation(making, OFFER);
    const second = await createInvitation(making, OFFER);
    expect(first.token).not.toBe(second.token);
    expect(first.invitation.id).not.toBe(second.invitation.id);
  });

  it('has enough random bytes in its token, and can be typed as an argument', async () => {
    const sizes: number[] = [];
    const random = {
      token(bytes: number): string {
        sizes.push(bytes);
        return '-dash';
      },
    };
    const { invitation } = await createInvitation({ ...parts(), random }, OFFER);
    expect(sizes[0]).toBeGreaterThanOrEqual(16);
    expect(invitation.id).toBe('i-dash');
  });

  it('is not handed out if it cannot be stored', async () => {
    const fault = new Problem('invitation/exists', 'in use', { status: 409 });
    const accounts = { createInvitation: () => Promise.reject(fault) };
    await expect(createInvitation({ ...parts(), accounts }, OFFER)).rejects.toBe(fault);
  });

  it('has a link to its flow', () => {
    expect(invitationLink('https://auth.example.com', 'enrollment', 'abc')).toBe(
      'https://auth.example.com/flow/enrollment?invitation=abc',
    );
  });
});

describe('the state of an invitation', () => {
  it.each([
    ['open', { singleUse: true, used: 0, expiresAt: START + 1 }],
    ['used', { singleUse: true, used: 1, expiresAt: START + 1 }],
    ['used', { singleUse: true, used: 1, expiresAt: START - 1 }],
    ['open', { singleUse: false, used: 5, expiresAt: START + 1 }],
    ['expired', { singleUse: false, used: 5, expiresAt: START }],
    ['expired', { singleUse: true, used: 0, expiresAt: START }],
  ] as const)('is %s for %j', (state, changes) => {
    const stored = { flow: 'enrollment', data: {}, note: '', id: 'i1', tokenName: 't' };
    expect(invitationState({ ...stored, createdAt: START - DAY, ...changes }, START)).toBe(state);
  });
});

describe('the flows that take invitations', () => {
  it('are those with an invitation stage', () => {
    const enrollment = testFlow('enrollment', [{ type: 'invitation' }, { type: 'user_login' }]);
    expect([enrollment, LOGIN, undefined].map(takesInvitations)).toEqual([true, false, false]);
  });
});
