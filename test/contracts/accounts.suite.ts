/** The contract of core/people/account.ts, for the account store and for its fake. */
import { describe, expect, it } from 'vitest';
import {
  type Authenticator,
  AUTHENTICATOR_KINDS,
  type Consent,
  DEVICE_KNOWN_FOR,
  type DeviceUse,
  type Invitation,
  MOST_AUTHENTICATORS,
} from '../../src/core/people/account.ts';
import { type AccountsWorld, ANN, BOB, eachOnFreshStore, newId } from './accounts-world.ts';

const DAY = 86_400_000;
const HOSTILE = ['', '*', '%', "' OR 1=1 --", '\0', 'x'.repeat(65_536), '\u{1F608}', '__proto__'];

/** A new TOTP authenticator for ann. */
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

/** Registers the contract. */
export function accountsContract(kind: string, begin: () => Promise<AccountsWorld>): void {
  describe(`the ${kind} account store`, () => {
    const store = eachOnFreshStore(begin);

    const invitationOf = (changes: Partial<Invitation> = {}): Invitation => ({
      id: newId(),
      tokenName: newId(),
      flow: 'enrollment',
      singleUse: true,
      data: { email: 'eve@example.com', groups: ['staff'], attributes: { floor: 3 } },
      note: 'for Eve',
      createdAt: store().world.clock.now(),
      expiresAt: store().world.clock.now() + DAY,
      used: 0,
      ...changes,
    });
    const consentOf = (changes: Partial<Consent> = {}): Consent => ({
      userId: ANN,
      route: 'wiki',
      permissions: ['email', 'groups'],
      at: store().world.clock.now(),
      expiresAt: null,
      ...changes,
    });

    describe('with authenticators', () => {
      it('stores every kind completely, separately for each user', async () => {
        const mine = AUTHENTICATOR_KINDS.map((k, i) =>
          authenticatorOf({ kind: k, createdAt: i, handle: k === 'webauthn' ? newId() : '' }),
        );
        const his = authenticatorOf({ userId: BOB, lastUsedAt: 5, data: {} });
        for (const one of [...mine, his]) await store().accounts.addAuthenticator(one);
        expect(await store().other.authenticators(ANN)).toEqual(mine.toReversed());
        expect(await store().other.authenticators(BOB)).toEqual([his]);
        expect(await store().other.authenticators(ANN, 'totp')).toEqual([mine[0]]);
        expect(await store().other.authenticators(BOB, 'webauthn')).toEqual([]);
        expect(await store().other.authenticators('embedded/nobody')).toEqual([]);
      });

      it('finds them by kind and handle', async () => {
        const passkey = authenticatorOf({ kind: 'webauthn', handle: 'credential-1' });
        await store().accounts.addAuthenticator(passkey);
        await store().accounts.addAuthenticator(authenticatorOf());
        expect(await store().other.authenticatorBy('webauthn', 'credential-1')).toEqual(passkey);
        expect(await store().other.authenticatorBy('recovery_code', 'credential-1')).toBeNull();
        // Many authenticators have no handle, so an empty one must not match.
        expect(await store().other.authenticatorBy('totp', '')).toBeNull();
      });

      it('knows whether any passkey of a relying party is left', async () => {
        expect(await store().other.hasPasskeysOf('auth.example.com')).toBe(false);
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
        for (const one of [newer, ...passkeys, without])
          await store().accounts.addAuthenticator(one);
        for (const { id } of [...passkeys, without]) {
          expect(await store().other.hasPasskeysOf('example.com')).toBe(true);
          expect(await store().other.hasPasskeysOf('example.com')).toBe(true);
          await store().accounts.removeAuthenticator(ANN, id);
        }
        expect(await store().other.hasPasskeysOf('example.com')).toBe(false);
        expect(await store().other.hasPasskeysOf('example.com')).toBe(false);
      });

      it('refuses a handle that another authenticator of its kind already has', async () => {
        const first = authenticatorOf({ kind: 'webauthn', handle: 'credential-1' });
        await store().accounts.addAuthenticator(first);
        const exists = { code: 'authenticator/exists', status: 409 };
        const second = authenticatorOf({ kind: 'webauthn', handle: 'credential-1', userId: BOB });
        await expect(store().other.addAuthenticator(second)).rejects.toMatchObject(exists);
        await expect(store().other.addAuthenticator(first)).rejects.toMatchObject(exists);
        expect(await store().other.authenticators(BOB)).toEqual([]);
        await store().other.addAuthenticator(
          authenticatorOf({ kind: 'recovery_code', handle: 'credential-1' }),
        );
        const [one, two] = [authenticatorOf(), authenticatorOf()];
        await store().other.addAuthenticator(one);
        await store().other.addAuthenticator(two);
        expect(await store().other.authenticators(ANN, 'totp')).toHaveLength(2);
      });

      it('limits each kind to twenty, even when many are added concurrently', async () => {
        const done = await Promise.allSettled(
          Array.from({ length: 50 }, (_, i) =>
            (i % 2 === 0 ? store().accounts : store().other).addAuthenticator(authenticatorOf()),
          ),
        );
        const refused = done.filter((d) => d.status === 'rejected');
        expect(refused).toHaveLength(50 - MOST_AUTHENTICATORS);
        for (const { reason } of refused) {
          expect(reason).toMatchObject({ code: 'authenticator/too-many', status: 409 });
        }
        expect(await store().accounts.authenticators(ANN)).toHaveLength(MOST_AUTHENTICATORS);
        await store().accounts.addAuthenticator(authenticatorOf({ kind: 'email_code' }));
        await store().accounts.addAuthenticator(authenticatorOf({ userId: BOB }));
      });

      it('replaces all of one kind in one step', async () => {
        const codes = (n: number) =>
          Array.from({ length: n }, () =>
            authenticatorOf({ kind: 'recovery_code', handle: newId() }),
          );
        const totp = authenticatorOf();
        await store().accounts.addAuthenticator(totp);
        await store().accounts.replaceAuthenticators(ANN, 'recovery_code', codes(10));
        const next = codes(8);
        await store().accounts.replaceAuthenticators(ANN, 'recovery_code', next);
        const kept = await store().other.authenticators(ANN, 'recovery_code');
        expect(new Set(kept.map((a) => a.id))).toEqual(new Set(next.map((a) => a.id)));
        expect(await store().other.authenticators(ANN, 'totp')).toEqual([totp]);
        await store().accounts.replaceAuthenticators(ANN, 'recovery_code', []);
        expect(await store().other.authenticators(ANN, 'recovery_code')).toEqual([]);
      });

      it('replaces none if one of the new ones is refused', async () => {
        const his = authenticatorOf({ kind: 'recovery_code', handle: 'code', userId: BOB });
        const mine = authenticatorOf({ kind: 'recovery_code', handle: 'mine' });
        await store().accounts.addAuthenticator(his);
        await store().accounts.addAuthenticator(mine);
        const next = [
          authenticatorOf({ kind: 'recovery_code', handle: 'new' }),
          authenticatorOf({ kind: 'recovery_code', handle: 'code' }),
        ];
        await expect(
          store().accounts.replaceAuthenticators(ANN, 'recovery_code', next),
        ).rejects.toMatchObject({ code: 'authenticator/exists' });
        const tooMany = Array.from({ length: MOST_AUTHENTICATORS + 1 }, () =>
          authenticatorOf({ kind: 'recovery_code', handle: newId() }),
        );
        await expect(
          store().accounts.replaceAuthenticators(ANN, 'recovery_code', tooMany),
        ).rejects.toMatchObject({ code: 'authenticator/too-many' });
        expect(await store().other.authenticators(ANN)).toEqual([mine]);
      });

      it('records when each was last used, and with which result', async () => {
        const passkey = authenticatorOf({
          kind: 'webauthn',
          handle: 'c',
          data: { publicKey: 'k', counter: 1 },
        });
        await store().accounts.addAuthenticator(passkey);
        expect(await store().accounts.useAuthenticator(passkey.id, 100)).toBe(true);
        expect(await store().other.authenticatorBy('webauthn', 'c')).toEqual({
          ...passkey,
          lastUsedAt: 100,
        });
        const data = { publicKey: 'k', counter: 2 };
        expect(await store().accounts.useAuthenticator(passkey.id, 90, data)).toBe(true);
        expect(await store().other.authenticatorBy('webauthn', 'c')).toEqual({
          ...passkey,
          lastUsedAt: 100,
          data,
        });
        expect(await store().accounts.useAuthenticator(newId(), 100, data)).toBe(false);
      });

      it('renames and removes only the user’s own', async () => {
        const totp = authenticatorOf();
        await store().accounts.addAuthenticator(totp);
        expect(await store().accounts.renameAuthenticator(BOB, totp.id, 'Mine')).toBe(false);
        expect(await store().accounts.removeAuthenticator(BOB, totp.id)).toBe(false);
        expect(await store().accounts.renameAuthenticator(ANN, totp.id, 'Tablet')).toBe(true);
        expect(await store().other.authenticators(ANN)).toEqual([{ ...totp, name: 'Tablet' }]);
        expect(await store().accounts.removeAuthenticator(ANN, totp.id)).toBe(true);
        expect(await store().accounts.removeAuthenticator(ANN, totp.id)).toBe(false);
        expect(await store().other.authenticators(ANN)).toEqual([]);
      });

      it.each(HOSTILE)('finds nothing for an empty value (case %#)', async (hostile) => {
        const totp = authenticatorOf();
        await store().accounts.addAuthenticator(totp);
        expect(await store().accounts.authenticators(hostile)).toEqual([]);
        expect(await store().accounts.authenticatorBy('totp', hostile)).toBeNull();
        expect(await store().accounts.useAuthenticator(hostile, 1)).toBe(false);
        expect(await store().accounts.removeAuthenticator(hostile, totp.id)).toBe(false);
        expect(await store().accounts.removeAuthenticator(ANN, hostile)).toBe(false);
        expect(await store().accounts.isKnownDevice(ANN, hostile, 1)).toBe(false);
        expect(await store().accounts.consent(ANN, hostile)).toBeNull();
        expect(await store().accounts.invitation(hostile)).toBeNull();
        expect(await store().accounts.spendInvitation(hostile, 1)).toBe(false);
        expect(await store().accounts.revokeInvitation(hostile)).toBe(false);
        await store().accounts.forgetUser(hostile);
        expect(await store().accounts.forgetDevices(hostile)).toBe(0);
        expect(await store().accounts.authenticators(ANN)).toEqual([totp]);
      });
    });

    describe('with devices', () => {
      it('knows a user’s device for ninety days after the last sign-in', async () => {
        const device = newId();
        const now = store().world.clock.now();
        await store().accounts.rememberDevice(ANN, use(device, now, { agent: 'Firefox' }));
        expect(await store().other.isKnownDevice(ANN, device, now + DEVICE_KNOWN_FOR - 1)).toBe(
          true,
        );
        expect(await store().other.isKnownDevice(ANN, device, now + DEVICE_KNOWN_FOR)).toBe(false);
        expect(await store().other.isKnownDevice(BOB, device, now)).toBe(false);
        expect(await store().other.isKnownDevice(ANN, newId(), now)).toBe(false);
        await store().accounts.rememberDevice(ANN, use(device, now + DAY, { agent: 'Firefox 2' }));
        expect(await store().other.isKnownDevice(ANN, device, now + DEVICE_KNOWN_FOR)).toBe(true);
        expect(await store().other.devices(ANN, now + DAY)).toEqual([
          {
            userId: ANN,
            device,
            agent: 'Firefox 2',
            firstAt: now,
            lastAt: now + DAY,
            factorAt: null,
          },
        ]);
        expect(await store().other.devices(ANN, now + DAY + DEVICE_KNOWN_FOR)).toEqual([]);
      });

      it('keeps the last second factor when a later sign-in has none', async () => {
        const device = newId();
        const now = store().world.clock.now();
        const factorAt = async () => (await store().other.devices(ANN, now))[0]?.factorAt;
        await store().accounts.rememberDevice(ANN, use(device, now));
        expect(await factorAt()).toBeNull();
        await store().accounts.rememberDevice(ANN, use(device, now + 1, { factorAt: now + 1 }));
        await store().accounts.rememberDevice(ANN, use(device, now + 2));
        expect(await factorAt()).toBe(now + 1);
        await store().accounts.rememberDevice(ANN, use(device, now + 3, { factorAt: now + 3 }));
        expect(await factorAt()).toBe(now + 3);
      });

      it('keeps at most fifty per user and drops the one not seen for longest', async () => {
        const now = store().world.clock.now();
        const devices = Array.from({ length: 51 }, newId);
        for (const [i, device] of devices.entries()) {
          await store().accounts.rememberDevice(ANN, use(device, now + i));
        }
        await store().accounts.rememberDevice(BOB, use(devices[0] as string, now));
        const known = await store().other.devices(ANN, now + 60);
        expect(known.map((d) => d.device)).toEqual(devices.slice(1).toReversed());
        expect(await store().other.isKnownDevice(BOB, devices[0] as string, now)).toBe(true);
        // Even if the clock went back, the browser in use is kept.
        const late = newId();
        await store().accounts.rememberDevice(ANN, use(late, now - DAY));
        expect(await store().other.isKnownDevice(ANN, late, now)).toBe(true);
        expect(await store().other.isKnownDevice(ANN, devices[1] as string, now)).toBe(false);
      });

      it('truncates the user agent, and forgets all devices on request', async () => {
        const now = store().world.clock.now();
        for (let i = 0; i < 3; i++) {
          await store().accounts.rememberDevice(
            ANN,
            use(newId(), now, { agent: 'x'.repeat(5_000) }),
          );
        }
        await store().accounts.rememberDevice(BOB, use(newId(), now));
        expect((await store().other.devices(ANN, now)).map((d) => d.agent)).toEqual(
          Array.from({ length: 3 }, () => 'x'.repeat(256)),
        );
        expect(await store().accounts.forgetDevices(ANN)).toBe(3);
        expect(await store().accounts.forgetDevices(ANN)).toBe(0);
        expect(await store().other.devices(ANN, now)).toEqual([]);
        expect(await store().other.devices(BOB, now)).toHaveLength(1);
      });
    });

    describe('with invitations', () => {
      it('finds them by the hash of their token, even after they have ended', async () => {
        const invitation = invitationOf();
        await store().accounts.createInvitation(invitation);
        expect(await store().other.invitation(invitation.tokenName)).toEqual(invitation);
        expect(await store().other.invitation(newId())).toBeNull();
        await store().accounts.spendInvitation(invitation.id, store().world.clock.now());
        store().world.clock.advance(2 * DAY);
        expect(await store().other.invitation(invitation.tokenName)).toEqual({
          ...invitation,
          used: 1,
        });
      });

      it('lets exactly one of fifty concurrent uses spend a single-use invitation', async () => {
        const invitation = invitationOf();
        await store().accounts.createInvitation(invitation);
        const done = await Promise.all(
          Array.from({ length: 50 }, (_, i) =>
            (i % 2 === 0 ? store().accounts : store().other).spendInvitation(
              invitation.id,
              store().world.clock.now(),
            ),
          ),
        );
        expect(done.filter(Boolean)).toHaveLength(1);
        expect((await store().other.invitation(invitation.tokenName))?.used).toBe(1);
      });

      it('counts the uses of a multi-use invitation', async () => {
        const invitation = invitationOf({ singleUse: false });
        await store().accounts.createInvitation(invitation);
        const now = store().world.clock.now();
        const done = await Promise.all(
          Array.from({ length: 5 }, () => store().accounts.spendInvitation(invitation.id, now)),
        );
        expect(done).toEqual([true, true, true, true, true]);
        expect((await store().other.invitation(invitation.tokenName))?.used).toBe(5);
      });

      it('does not spend an expired, unknown or revoked invitation', async () => {
        const invitation = invitationOf();
        await store().accounts.createInvitation(invitation);
        expect(await store().accounts.spendInvitation(invitation.id, invitation.expiresAt)).toBe(
          false,
        );
        expect(await store().accounts.spendInvitation(newId(), 1)).toBe(false);
        expect(await store().accounts.revokeInvitation(invitation.id)).toBe(true);
        expect(await store().accounts.revokeInvitation(invitation.id)).toBe(false);
        expect(await store().other.spendInvitation(invitation.id, store().world.clock.now())).toBe(
          false,
        );
        expect(await store().other.invitation(invitation.tokenName)).toBeNull();
      });

      it('gives each its own id and token, and lists the newest first', async () => {
        const made = [0, 1, 2].map((i) =>
          invitationOf({ createdAt: store().world.clock.now() + i }),
        );
        for (const invitation of made) await store().accounts.createInvitation(invitation);
        const [first] = made as [Invitation];
        const exists = { code: 'invitation/exists', status: 409 };
        for (const again of [invitationOf({ id: first.id }), { ...first, id: newId() }]) {
          await expect(store().accounts.createInvitation(again)).rejects.toMatchObject(exists);
        }
        expect(await store().other.invitations(10)).toEqual([...made].toReversed());
        expect(await store().other.invitations(2)).toEqual([made[2], made[1]]);
        expect(await store().other.invitations(0)).toEqual([]);
      });
    });

    it('deletes everything about a deleted user, and nothing about others', async () => {
      const now = store().world.clock.now();
      for (const userId of [ANN, BOB]) {
        for (const k of AUTHENTICATOR_KINDS) {
          await store().accounts.addAuthenticator(
            authenticatorOf({ userId, kind: k, handle: newId() }),
          );
        }
        await store().accounts.rememberDevice(userId, use(newId(), now));
        await store().accounts.saveConsent(consentOf({ userId }));
      }
      await store().accounts.forgetUser(ANN);
      const left = async (id: string) => [
        (await store().other.authenticators(id)).length,
        (await store().other.devices(id, now)).length,
        (await store().other.consents(id)).length,
      ];
      expect([...(await left(ANN)), ...(await left(BOB))]).toEqual([0, 0, 0, 4, 1, 1]);
    });
  });
}

/** A use of a device, without a second factor unless `more` has one. */
function use(device: string, now: number, more: Partial<DeviceUse> = {}): DeviceUse {
  return { device, agent: '', now, factorAt: null, ...more };
}
