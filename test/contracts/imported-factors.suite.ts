/** The part of the account contract that adds authenticators of many users, for the store and for its fake. */
import { describe, expect, it } from 'vitest';
import { MOST_AUTHENTICATORS } from '../../src/core/people/account.ts';
import { type AccountsWorld, ANN, BOB, eachOnFreshStore } from './accounts-world.ts';
import { authenticatorOf } from './accounts.suite.ts';

/** Registers this part of the contract. */
export function importedFactorsContract(kind: string, begin: () => Promise<AccountsWorld>): void {
  describe(`${kind} accounts add many authenticators at once`, () => {
    const store = eachOnFreshStore(begin);

    it('and refuse some of them without the others', async () => {
      const passkey = authenticatorOf({ kind: 'webauthn', handle: 'credential-1' });
      await store().accounts.addAuthenticator(passkey);
      const [first, same, last] = [
        authenticatorOf(),
        authenticatorOf({ kind: 'webauthn', handle: 'credential-1', userId: BOB }),
        authenticatorOf({ userId: BOB }),
      ];
      const many = Array.from({ length: MOST_AUTHENTICATORS + 1 }, () =>
        authenticatorOf({ userId: 'embedded/cem' }),
      );
      const results = await store().other.addAuthenticators([first, same, last, ...many]);
      const codes = results.map((one) => one?.code ?? null);
      expect(codes.slice(0, 3)).toEqual([null, 'authenticator/exists', null]);
      expect(codes.filter((code) => code === 'authenticator/too-many')).toHaveLength(1);
      expect(codes.at(-1)).toBe('authenticator/too-many');
      expect(await store().accounts.authenticators(ANN)).toHaveLength(2);
      expect(await store().accounts.authenticators(BOB)).toEqual([last]);
    });
  });
}
