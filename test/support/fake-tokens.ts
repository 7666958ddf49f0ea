/** The tokens of the in-memory account store. */
import type { Accounts } from '../../src/core/people/account.ts';
import { MOST_TOKENS, type Token } from '../../src/core/people/token.ts';
import { Problem } from '../../src/core/values/problem.ts';

/** What the store does around each call. */
interface Around {
  /** Throws the store's fault, if it has one. */
  readonly ready: () => void;
  readonly write: (what: string) => void;
  readonly announce: (userId: string) => void;
}

/** The part of the store that has tokens. */
export function fakeTokens(
  all: { tokens: Token[] },
  { ready, write, announce }: Around,
): Pick<Accounts, 'token' | 'tokens' | 'createToken' | 'useToken' | 'revokeToken'> {
  return {
    async token(id) {
      ready();
      return all.tokens.find((t) => t.id === id) ?? null;
    },
    async tokens(userId, limit) {
      ready();
      return all.tokens
        .filter((t) => userId === null || t.userId === userId)
        .sort((a, b) => b.createdAt - a.createdAt)
        .slice(0, limit);
    },
    async createToken(token, most = MOST_TOKENS) {
      write('createToken');
      if (all.tokens.filter((t) => t.userId === token.userId).length >= most) {
        throw new Problem('token/too-many', 'There are too many.', { status: 409 });
      }
      if (all.tokens.some((t) => t.id === token.id)) {
        throw new Problem('token/exists', 'It is there already.', { status: 409 });
      }
      all.tokens.push(token);
      announce(token.userId);
    },
    async useToken(id, at) {
      write('useToken');
      all.tokens = all.tokens.map((t) =>
        t.id === id ? { ...t, lastUsedAt: Math.max(t.lastUsedAt ?? 0, at) } : t,
      );
    },
    async revokeToken(id) {
      write('revokeToken');
      const found = all.tokens.find((t) => t.id === id);
      all.tokens = all.tokens.filter((t) => t !== found);
      if (found !== undefined) announce(found.userId);
      return found !== undefined;
    },
  };
}
