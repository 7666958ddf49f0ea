/** The part of the account contract about tokens, for the store and for its fake. */
import { describe, expect, it } from 'vitest';
import { MOST_TOKENS, newTokenText, type Token } from '../../src/core/people/token.ts';
import { systemRandom } from '../../src/run/backing/adapters.ts';
import { until } from '../support/until.ts';
import { authenticatorOf } from './accounts.suite.ts';
import { type AccountsWorld, ANN, BOB, eachOnFreshStore, newId } from './accounts-world.ts';

/** A token of ann without limits. */
export function tokenOf(changes: Partial<Token> = {}): Token {
  return {
    id: newTokenText(systemRandom).id,
    textName: newId(),
    userId: ANN,
    name: 'Backup',
    routes: [],
    methods: [],
    networks: [],
    createdAt: 1_790_000_000_000,
    expiresAt: null,
    lastUsedAt: null,
    ...changes,
  };
}

/** Registers this part of the contract. */
export function tokensContract(kind: string, begin: () => Promise<AccountsWorld>): void {
  describe(`${kind} accounts with tokens`, () => {
    const store = eachOnFreshStore(begin);

    it('store them completely, and find each by its id alone', async () => {
      const limited = tokenOf({
        name: 'Häuser & Gärten',
        routes: ['wiki', 'files'],
        methods: ['GET', 'PROPFIND'],
        networks: ['10.0.0.0/8', '2001:db8::/32'],
        expiresAt: 1_800_000_000_000,
      });
      const his = tokenOf({ userId: BOB, lastUsedAt: 5 });
      for (const token of [limited, his]) await store().accounts.createToken(token);
      expect(await store().other.token(limited.id)).toEqual(limited);
      expect(await store().other.token(his.id)).toEqual(his);
      for (const unknown of ['', '%', '_______', "' OR 1=1 --", '__proto__', limited.textName]) {
        expect(await store().other.token(unknown)).toBeNull();
      }
    });

    it('list those of one user or of all, the newest first', async () => {
      const tokens = [1, 2, 3].map((createdAt) =>
        tokenOf({ createdAt, userId: createdAt === 2 ? BOB : ANN }),
      );
      for (const token of tokens) await store().accounts.createToken(token);
      const [first, second, third] = tokens;
      expect(await store().other.tokens(null, 10)).toEqual([third, second, first]);
      expect(await store().other.tokens(ANN, 10)).toEqual([third, first]);
      expect(await store().other.tokens(null, 1)).toEqual([third]);
      expect(await store().other.tokens('embedded/nobody', 10)).toEqual([]);
    });

    it('refuse an id that is in use', async () => {
      const token = tokenOf();
      await store().accounts.createToken(token);
      await expect(
        store().other.createToken(tokenOf({ id: token.id, userId: BOB })),
      ).rejects.toMatchObject({ code: 'token/exists', status: 409 });
      expect(await store().other.token(token.id)).toEqual(token);
    });

    it('limit them per user, even when many are created concurrently', async () => {
      const done = await Promise.allSettled(
        Array.from({ length: MOST_TOKENS + 20 }, (_, i) =>
          (i % 2 === 0 ? store().accounts : store().other).createToken(tokenOf()),
        ),
      );
      const refused = done.filter((one) => one.status === 'rejected');
      expect(refused).toHaveLength(20);
      for (const { reason } of refused) {
        expect(reason).toMatchObject({ code: 'token/too-many', status: 409 });
      }
      await store().accounts.createToken(tokenOf({ userId: BOB }));
    });

    it('note the last use, never an earlier one', async () => {
      const token = tokenOf();
      await store().accounts.createToken(token);
      await store().accounts.useToken(token.id, 70);
      await store().other.useToken(token.id, 60);
      expect(await store().other.token(token.id)).toEqual({ ...token, lastUsedAt: 70 });
      await store().accounts.useToken('0000000', 70);
    });

    it('revoke one for good, and report whether there was one', async () => {
      const [token, other] = [tokenOf(), tokenOf()];
      for (const one of [token, other]) await store().accounts.createToken(one);
      expect(await store().other.revokeToken(token.id)).toBe(true);
      expect(await store().accounts.revokeToken(token.id)).toBe(false);
      expect(await store().accounts.token(token.id)).toBeNull();
      await store().accounts.useToken(token.id, 80);
      expect(await store().other.tokens(ANN, 10)).toEqual([other]);
    });

    it('forget those of a deleted user', async () => {
      const his = tokenOf({ userId: BOB });
      for (const token of [tokenOf(), tokenOf(), his]) await store().accounts.createToken(token);
      await store().accounts.forgetUser(ANN);
      expect(await store().other.tokens(null, 10)).toEqual([his]);
    });

    it('announce each change to every instance, before a cached token may be used again', async () => {
      const heard: (string | null)[] = [];
      const unwatch = store().other.watch((userId) => heard.push(userId));
      const changes = async (change: () => Promise<unknown>): Promise<readonly unknown[]> => {
        heard.length = 0;
        await change();
        // The last look of this instance may be a moment old.
        await until('the change', () => store().other.isCoherent() && heard.length > 0);
        // An instance may hear of its own changes again, as of those of others.
        return [...new Set(heard)];
      };
      const token = tokenOf();
      expect(await changes(() => store().accounts.createToken(token))).toEqual([ANN]);
      expect(await changes(() => store().accounts.revokeToken(token.id))).toEqual([ANN]);
      expect(await changes(() => store().accounts.forgetUser(BOB))).toEqual([BOB]);
      const factor = authenticatorOf();
      expect(await changes(() => store().accounts.addAuthenticator(factor))).toEqual([ANN]);
      const his = authenticatorOf({ userId: BOB });
      expect(await changes(() => store().accounts.addAuthenticators([his]))).toEqual([BOB]);
      const replace = () => store().accounts.replaceAuthenticators(ANN, 'totp', [factor]);
      expect(await changes(replace)).toEqual([ANN]);
      expect(await changes(() => store().other.createToken(token))).toEqual([ANN]);
      unwatch();
      const before = heard.length;
      await store().other.revokeToken(token.id);
      expect(heard).toHaveLength(before);
    });
  });
}
