/** The part of the account contract about what is sealed with the secrets of the server. */
import { describe, expect, it } from 'vitest';
import type { AccountStore } from '../../src/accounts/accounts.ts';
import { authenticatorOf } from './accounts.suite.ts';
import { ANN } from './accounts-world.ts';

/** Secrets of the server, former and present. */
const OLD = 'an old secret, which is long enough to be used';
const NEW = 'a new secret, which is long enough to be used, too';
const SEALED = { code: 'accounts/sealed', status: 503 };

/** Opens a store with these secrets. */
export type OpenSealed = (...secrets: string[]) => Promise<AccountStore>;

/** Registers this part of the contract; `begin` gives an empty database, opened by any number of instances. */
export function sealsContract(kind: string, begin: () => Promise<OpenSealed>): void {
  describe(`${kind} sealed data`, () => {
    it('that no secret opens is an error, never "no second factor"', async () => {
      const open = await begin();
      await (await open(OLD)).addAuthenticator(authenticatorOf({ kind: 'webauthn', handle: 'c' }));
      const accounts = await open(NEW);
      await expect(accounts.authenticators(ANN)).rejects.toMatchObject(SEALED);
      await expect(accounts.authenticatorBy('webauthn', 'c')).rejects.toMatchObject(SEALED);
      // A reset does not need to read the authenticators.
      await accounts.replaceAuthenticators(ANN, 'webauthn', []);
      expect(await accounts.authenticators(ANN)).toEqual([]);
    });

    it('is resealed with the first secret, so that the old secret can be removed', async () => {
      const open = await begin();
      const totp = authenticatorOf();
      const before = await open(OLD);
      expect(await before.opensSeals()).toBe(true);
      await before.addAuthenticator(totp);
      await before.rememberPassword(ANN, '$argon2id$carrierpigeon', 1);
      expect(await before.renewSeals()).toEqual({ renewed: 2, lost: 0 });
      expect(await before.renewSeals()).toEqual({ renewed: 0, lost: 0 });
      expect(await (await open(NEW)).opensSeals()).toBe(false);
      await expect((await open(NEW)).passwordHashes(ANN, 1)).rejects.toMatchObject(SEALED);
      const both = await open(NEW, OLD);
      expect(await both.opensSeals()).toBe(true);
      expect(await both.authenticators(ANN)).toEqual([totp]);
      expect(await both.renewSeals()).toEqual({ renewed: 2, lost: 0 });
      const after = await open(NEW);
      expect(await after.opensSeals()).toBe(true);
      expect(await after.renewSeals()).toEqual({ renewed: 0, lost: 0 });
      expect(await after.authenticators(ANN)).toEqual([totp]);
      expect(await after.passwordHashes(ANN, 1)).toEqual(['$argon2id$carrierpigeon']);
    });

    it('is resealed in a large table', async () => {
      const open = await begin();
      const before = await open(OLD);
      const many = Array.from({ length: 501 }, (_, i) =>
        authenticatorOf({ userId: `embedded/${i}` }),
      );
      await before.addAuthenticators(many);
      expect(await (await open(NEW, OLD)).renewSeals()).toEqual({ renewed: 501, lost: 0 });
      const after = await open(NEW);
      for (const one of [many[0], many[250], many[500]]) {
        expect(await after.authenticators(one?.userId ?? '')).toEqual([one]);
      }
    });
  });
}
