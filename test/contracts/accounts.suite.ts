/** What is kept about people: every sentence of core/people/account.ts, for the store and for its fake alike. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Accounts,
  type Authenticator,
  AUTHENTICATOR_KINDS,
  type Consent,
  DEVICE_KNOWN_FOR,
  type Invitation,
  MOST_AUTHENTICATORS,
} from '../../src/core/people/account.ts';
import type { TestClock } from '../support/state.ts';

/** One store, fresh for each test. */
export interface AccountsWorld {
  readonly clock: TestClock;
  /** Another instance on the same store, as another process has it; closed by `end`. */
  readonly open: () => Promise<Accounts>;
  readonly end: () => Promise<void>;
}

const DAY = 86_400_000;
const ANN = 'embedded/ann';
const BOB = 'file/{*}\n\0 Zoë';
const HOSTILE = ['', '*', '%', "' OR 1=1 --", '\0', 'x'.repeat(65_536), '\u{1F608}', '__proto__'];

/** 128 random bits. */
export function newId(): string {
  return randomBytes(16).toString('base64url');
}

/** A TOTP authenticator of ann that nobody has had before. */
export function authenticatorOf(changes: Partial<Authenticator> = {}): Authenticator {
  return {
    id: newId(),
    userId: ANN,
    kind: 'totp',
    name: 'Phone',
    createdAt: 1_790_000_000_000,
    lastUsedAt: null,
    handle: '',
    data: { secret: 'JBSWY3DPEHPK3PXP', digits: 6, period: 30 },
    ...changes,
  };
}

/** Runs the contract. */
export function accountsContract(kind: string, begin: () => Promise<AccountsWorld>): void {
  describe(`${kind} accounts`, () => {
    let world: AccountsWorld;
    let accounts: Accounts;
    let other: Accounts;
    beforeEach(async () => {
      world = await begin();
      accounts = await world.open();
      other = await world.open();
    });
    afterEach(() => world.end());

    const invitationOf = (changes: Partial<Invitation> = {}): Invitation => ({
      id: newId(),
      tokenName: newId(),
      flow: 'enrollment',
      singleUse: true,
      data: { email: 'eve@example.com', groups: ['staff'], attributes: { floor: 3 } },
      note: 'for Eve',
      createdAt: world.clock.now(),
      expiresAt: world.clock.now() + DAY,
      used: 0,
      ...changes,
    });
    const consentOf = (changes: Partial<Consent> = {}): Consent => ({
      userId: ANN,
      route: 'wiki',
      permissions: ['email', 'groups'],
      at: world.clock.now(),
      expiresAt: null,
      ...changes,
    });

    describe('keep authenticators', () => {
      it('of every kind, whole, for each user by himself', async () => {
        const mine = AUTHENTICATOR_KINDS.map((k, i) =>
          authenticatorOf({ kind: k, createdAt: i, handle: k === 'webauthn' ? newId() : '' }),
        );
        const his = authenticatorOf({ userId: BOB, lastUsedAt: 5, data: {} });
        for (const one of [...mine, his]) await accounts.addAuthenticator(one);
        expect(await other.authenticators(ANN)).toEqual(mine.toReversed());
        expect(await other.authenticators(BOB)).toEqual([his]);
        expect(await other.authenticators(ANN, 'totp')).toEqual([mine[0]]);
        expect(await other.authenticators(BOB, 'webauthn')).toEqual([]);
        expect(await other.authenticators('embedded/nobody')).toEqual([]);
      });

      it('and find them by kind and handle', async () => {
        const passkey = authenticatorOf({ kind: 'webauthn', handle: 'credential-1' });
        await accounts.addAuthenticator(passkey);
        await accounts.addAuthenticator(authenticatorOf());
        expect(await other.authenticatorBy('webauthn', 'credential-1')).toEqual(passkey);
        expect(await other.authenticatorBy('recovery_code', 'credential-1')).toBeNull();
        // Many have none; nobody is found by that.
        expect(await other.authenticatorBy('totp', '')).toBeNull();
      });

      it('and know whether a passkey of a relying party is left', async () => {
        expect(await other.hasPasskeysOf('auth.example.com')).toBe(false);
        const passkeys = ['b', 'c'].map((handle) =>
          authenticatorOf({ kind: 'webauthn', handle, data: { rpId: 'example.com' } }),
        );
        const newer = authenticatorOf({
          kind: 'webauthn',
          handle: 'a',
          userId: BOB,
          data: { rpId: 'auth.example.com' },
        });
        const without = authenticatorOf({ kind: 'webauthn', handle: 'd', data: {} });
        for (const one of [newer, ...passkeys, without]) await accounts.addAuthenticator(one);
        for (const { id } of [...passkeys, without]) {
          expect(await other.hasPasskeysOf('example.com')).toBe(true);
          expect(await other.hasPasskeysOf('example.com')).toBe(true);
          await accounts.removeAuthenticator(ANN, id);
        }
        expect(await other.hasPasskeysOf('example.com')).toBe(false);
        expect(await other.hasPasskeysOf('example.com')).toBe(false);
      });

      it('with handles that nobody else of that kind has', async () => {
        const first = authenticatorOf({ kind: 'webauthn', handle: 'credential-1' });
        await accounts.addAuthenticator(first);
        const exists = { code: 'authenticator/exists', status: 409 };
        const second = authenticatorOf({ kind: 'webauthn', handle: 'credential-1', userId: BOB });
        await expect(other.addAuthenticator(second)).rejects.toMatchObject(exists);
        await expect(other.addAuthenticator(first)).rejects.toMatchObject(exists);
        expect(await other.authenticators(BOB)).toEqual([]);
        await other.addAuthenticator(
          authenticatorOf({ kind: 'recovery_code', handle: 'credential-1' }),
        );
        const [one, two] = [authenticatorOf(), authenticatorOf()];
        await other.addAuthenticator(one);
        await other.addAuthenticator(two);
        expect(await other.authenticators(ANN, 'totp')).toHaveLength(2);
      });

      it('at most twenty of a kind, also of many that come at once', async () => {
        const done = await Promise.allSettled(
          Array.from({ length: 50 }, (_, i) =>
            (i % 2 === 0 ? accounts : other).addAuthenticator(authenticatorOf()),
          ),
        );
        const refused = done.filter((d) => d.status === 'rejected');
        expect(refused).toHaveLength(50 - MOST_AUTHENTICATORS);
        for (const { reason } of refused) {
          expect(reason).toMatchObject({ code: 'authenticator/too-many', status: 409 });
        }
        expect(await accounts.authenticators(ANN)).toHaveLength(MOST_AUTHENTICATORS);
        await accounts.addAuthenticator(authenticatorOf({ kind: 'email_code' }));
        await accounts.addAuthenticator(authenticatorOf({ userId: BOB }));
      });

      it('and replace all of one kind in one step', async () => {
        const codes = (n: number) =>
          Array.from({ length: n }, () =>
            authenticatorOf({ kind: 'recovery_code', handle: newId() }),
          );
        const totp = authenticatorOf();
        await accounts.addAuthenticator(totp);
        await accounts.replaceAuthenticators(ANN, 'recovery_code', codes(10));
        const next = codes(8);
        await accounts.replaceAuthenticators(ANN, 'recovery_code', next);
        const kept = await other.authenticators(ANN, 'recovery_code');
        expect(new Set(kept.map((a) => a.id))).toEqual(new Set(next.map((a) => a.id)));
        expect(await other.authenticators(ANN, 'totp')).toEqual([totp]);
        await accounts.replaceAuthenticators(ANN, 'recovery_code', []);
        expect(await other.authenticators(ANN, 'recovery_code')).toEqual([]);
      });

      it('and replace nothing when one of the new ones cannot be', async () => {
        const his = authenticatorOf({ kind: 'recovery_code', handle: 'code', userId: BOB });
        const mine = authenticatorOf({ kind: 'recovery_code', handle: 'mine' });
        await accounts.addAuthenticator(his);
        await accounts.addAuthenticator(mine);
        const next = [
          authenticatorOf({ kind: 'recovery_code', handle: 'new' }),
          authenticatorOf({ kind: 'recovery_code', handle: 'code' }),
        ];
        await expect(
          accounts.replaceAuthenticators(ANN, 'recovery_code', next),
        ).rejects.toMatchObject({ code: 'authenticator/exists' });
        const tooMany = Array.from({ length: MOST_AUTHENTICATORS + 1 }, () =>
          authenticatorOf({ kind: 'recovery_code', handle: newId() }),
        );
        await expect(
          accounts.replaceAuthenticators(ANN, 'recovery_code', tooMany),
        ).rejects.toMatchObject({ code: 'authenticator/too-many' });
        expect(await other.authenticators(ANN)).toEqual([mine]);
      });

      it('and remember when each was last used, with what came of it', async () => {
        const passkey = authenticatorOf({
          kind: 'webauthn',
          handle: 'c',
          data: { publicKey: 'k', counter: 1 },
        });
        await accounts.addAuthenticator(passkey);
        expect(await accounts.useAuthenticator(passkey.id, 100)).toBe(true);
        expect(await other.authenticatorBy('webauthn', 'c')).toEqual({
          ...passkey,
          lastUsedAt: 100,
        });
        const data = { publicKey: 'k', counter: 2 };
        expect(await accounts.useAuthenticator(passkey.id, 90, data)).toBe(true);
        expect(await other.authenticatorBy('webauthn', 'c')).toEqual({
          ...passkey,
          lastUsedAt: 100,
          data,
        });
        expect(await accounts.useAuthenticator(newId(), 100, data)).toBe(false);
      });

      it('and rename and remove only what is the user’s own', async () => {
        const totp = authenticatorOf();
        await accounts.addAuthenticator(totp);
        expect(await accounts.renameAuthenticator(BOB, totp.id, 'Mine')).toBe(false);
        expect(await accounts.removeAuthenticator(BOB, totp.id)).toBe(false);
        expect(await accounts.renameAuthenticator(ANN, totp.id, 'Tablet')).toBe(true);
        expect(await other.authenticators(ANN)).toEqual([{ ...totp, name: 'Tablet' }]);
        expect(await accounts.removeAuthenticator(ANN, totp.id)).toBe(true);
        expect(await accounts.removeAuthenticator(ANN, totp.id)).toBe(false);
        expect(await other.authenticators(ANN)).toEqual([]);
      });

      it.each(HOSTILE)('and find nothing by what is none (case %#)', async (hostile) => {
        const totp = authenticatorOf();
        await accounts.addAuthenticator(totp);
        expect(await accounts.authenticators(hostile)).toEqual([]);
        expect(await accounts.authenticatorBy('totp', hostile)).toBeNull();
        expect(await accounts.useAuthenticator(hostile, 1)).toBe(false);
        expect(await accounts.removeAuthenticator(hostile, totp.id)).toBe(false);
        expect(await accounts.removeAuthenticator(ANN, hostile)).toBe(false);
        expect(await accounts.isKnownDevice(ANN, hostile, 1)).toBe(false);
        expect(await accounts.consent(ANN, hostile)).toBeNull();
        expect(await accounts.invitation(hostile)).toBeNull();
        expect(await accounts.spendInvitation(hostile, 1)).toBe(false);
        expect(await accounts.revokeInvitation(hostile)).toBe(false);
        await accounts.forgetUser(hostile);
        expect(await accounts.forgetDevices(hostile)).toBe(0);
        expect(await accounts.authenticators(ANN)).toEqual([totp]);
      });
    });

    describe('know devices', () => {
      it('for ninety days after the last sign-in, by user', async () => {
        const device = newId();
        const now = world.clock.now();
        await accounts.rememberDevice(ANN, device, 'Firefox', now, null);
        expect(await other.isKnownDevice(ANN, device, now + DEVICE_KNOWN_FOR - 1)).toBe(true);
        expect(await other.isKnownDevice(ANN, device, now + DEVICE_KNOWN_FOR)).toBe(false);
        expect(await other.isKnownDevice(BOB, device, now)).toBe(false);
        expect(await other.isKnownDevice(ANN, newId(), now)).toBe(false);
        await accounts.rememberDevice(ANN, device, 'Firefox 2', now + DAY, null);
        expect(await other.isKnownDevice(ANN, device, now + DEVICE_KNOWN_FOR)).toBe(true);
        expect(await other.devices(ANN, now + DAY)).toEqual([
          {
            userId: ANN,
            device,
            agent: 'Firefox 2',
            firstAt: now,
            lastAt: now + DAY,
            factorAt: null,
          },
        ]);
        expect(await other.devices(ANN, now + DAY + DEVICE_KNOWN_FOR)).toEqual([]);
      });

      it('with the last second factor, which a sign-in without one leaves as it is', async () => {
        const device = newId();
        const now = world.clock.now();
        const factorAt = async () => (await other.devices(ANN, now))[0]?.factorAt;
        await accounts.rememberDevice(ANN, device, '', now, null);
        expect(await factorAt()).toBeNull();
        await accounts.rememberDevice(ANN, device, '', now + 1, now + 1);
        await accounts.rememberDevice(ANN, device, '', now + 2, null);
        expect(await factorAt()).toBe(now + 1);
        await accounts.rememberDevice(ANN, device, '', now + 3, now + 3);
        expect(await factorAt()).toBe(now + 3);
      });

      it('at most fifty of a user; the one not seen for longest makes room', async () => {
        const now = world.clock.now();
        const devices = Array.from({ length: 51 }, newId);
        for (const [i, device] of devices.entries()) {
          await accounts.rememberDevice(ANN, device, '', now + i, null);
        }
        await accounts.rememberDevice(BOB, devices[0] as string, '', now, null);
        const known = await other.devices(ANN, now + 60);
        expect(known.map((d) => d.device)).toEqual(devices.slice(1).toReversed());
        expect(await other.isKnownDevice(BOB, devices[0] as string, now)).toBe(true);
        // Even with a clock that went back, the browser at hand is the one that stays.
        const late = newId();
        await accounts.rememberDevice(ANN, late, '', now - DAY, null);
        expect(await other.isKnownDevice(ANN, late, now)).toBe(true);
        expect(await other.isKnownDevice(ANN, devices[1] as string, now)).toBe(false);
      });

      it('with the agent cut, until all are forgotten', async () => {
        const now = world.clock.now();
        for (let i = 0; i < 3; i++) {
          await accounts.rememberDevice(ANN, newId(), 'x'.repeat(5_000), now, null);
        }
        await accounts.rememberDevice(BOB, newId(), '', now, null);
        expect((await other.devices(ANN, now)).map((d) => d.agent)).toEqual(
          Array.from({ length: 3 }, () => 'x'.repeat(256)),
        );
        expect(await accounts.forgetDevices(ANN)).toBe(3);
        expect(await accounts.forgetDevices(ANN)).toBe(0);
        expect(await other.devices(ANN, now)).toEqual([]);
        expect(await other.devices(BOB, now)).toHaveLength(1);
      });
    });

    describe('keep invitations', () => {
      it('by their token’s name, also when they are over', async () => {
        const invitation = invitationOf();
        await accounts.createInvitation(invitation);
        expect(await other.invitation(invitation.tokenName)).toEqual(invitation);
        expect(await other.invitation(newId())).toBeNull();
        await accounts.spendInvitation(invitation.id, world.clock.now());
        world.clock.advance(2 * DAY);
        expect(await other.invitation(invitation.tokenName)).toEqual({ ...invitation, used: 1 });
      });

      it('and spend one once, whoever of fifty comes first', async () => {
        const invitation = invitationOf();
        await accounts.createInvitation(invitation);
        const done = await Promise.all(
          Array.from({ length: 50 }, (_, i) =>
            (i % 2 === 0 ? accounts : other).spendInvitation(invitation.id, world.clock.now()),
          ),
        );
        expect(done.filter(Boolean)).toHaveLength(1);
        expect((await other.invitation(invitation.tokenName))?.used).toBe(1);
      });

      it('and count the uses of one that is for many', async () => {
        const invitation = invitationOf({ singleUse: false });
        await accounts.createInvitation(invitation);
        const now = world.clock.now();
        const done = await Promise.all(
          Array.from({ length: 5 }, () => accounts.spendInvitation(invitation.id, now)),
        );
        expect(done).toEqual([true, true, true, true, true]);
        expect((await other.invitation(invitation.tokenName))?.used).toBe(5);
      });

      it('and spend none that has expired, is unknown or revoked', async () => {
        const invitation = invitationOf();
        await accounts.createInvitation(invitation);
        expect(await accounts.spendInvitation(invitation.id, invitation.expiresAt)).toBe(false);
        expect(await accounts.spendInvitation(newId(), 1)).toBe(false);
        expect(await accounts.revokeInvitation(invitation.id)).toBe(true);
        expect(await accounts.revokeInvitation(invitation.id)).toBe(false);
        expect(await other.spendInvitation(invitation.id, world.clock.now())).toBe(false);
        expect(await other.invitation(invitation.tokenName)).toBeNull();
      });

      it('with ids and tokens of their own, newest first', async () => {
        const made = [0, 1, 2].map((i) => invitationOf({ createdAt: world.clock.now() + i }));
        for (const invitation of made) await accounts.createInvitation(invitation);
        const [first] = made as [Invitation];
        const exists = { code: 'invitation/exists', status: 409 };
        for (const again of [invitationOf({ id: first.id }), { ...first, id: newId() }]) {
          await expect(accounts.createInvitation(again)).rejects.toMatchObject(exists);
        }
        expect(await other.invitations(10)).toEqual([...made].toReversed());
        expect(await other.invitations(2)).toEqual([made[2], made[1]]);
        expect(await other.invitations(0)).toEqual([]);
      });
    });

    it('forget a user who is deleted, and nobody else', async () => {
      const now = world.clock.now();
      for (const userId of [ANN, BOB]) {
        for (const k of AUTHENTICATOR_KINDS) {
          await accounts.addAuthenticator(authenticatorOf({ userId, kind: k, handle: newId() }));
        }
        await accounts.rememberDevice(userId, newId(), '', now, null);
        await accounts.saveConsent(consentOf({ userId }));
      }
      await accounts.forgetUser(ANN);
      const left = async (id: string) => [
        (await other.authenticators(id)).length,
        (await other.devices(id, now)).length,
        (await other.consents(id)).length,
      ];
      expect([...(await left(ANN)), ...(await left(BOB))]).toEqual([0, 0, 0, 4, 1, 1]);
    });
  });
}
