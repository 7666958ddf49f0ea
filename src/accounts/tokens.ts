/** Tokens of users. Holds one-way names of their texts, never the texts. */
import type { Accounts } from '../core/people/account.ts';
import { MOST_TOKENS, type Token, TOKEN_KEPT_FOR } from '../core/people/token.ts';
import { Problem } from '../core/values/problem.ts';
import type { Clock } from '../core/values/system.ts';
import type { ChangeLog } from '../database/change-log.ts';
import type { Database } from '../database/database.ts';
import { integer, integerOrNull, text, texts } from '../database/rows.ts';
import { command, query, type Row } from '../database/sql.ts';
import { checkToken } from './limits.ts';

const MAX_LIST = 1_001;

/** The part of the store that knows tokens. */
export type Tokens = Pick<
  Accounts,
  'token' | 'tokens' | 'createToken' | 'useToken' | 'revokeToken'
>;

const COLUMNS =
  'id, text_name, user_id, name, routes, methods, networks, created_at, expires_at, last_used_at';

const BY_ID = query(`SELECT ${COLUMNS} FROM tokens WHERE id = ?`, tokenOf);
const LIST = query(`SELECT ${COLUMNS} FROM tokens ORDER BY created_at DESC, id LIMIT ?`, tokenOf);
const LIST_OF_USER = query(
  `SELECT ${COLUMNS} FROM tokens WHERE user_id = ? ORDER BY created_at DESC, id LIMIT ?`,
  tokenOf,
);
const COUNT = query('SELECT count(*) AS n FROM tokens WHERE user_id = ?', (row) =>
  integer(row, 'n'),
);
const SWEEP = command('DELETE FROM tokens WHERE user_id = ? AND expires_at <= ?');
const INSERT = command(
  `INSERT INTO tokens (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
);
const USE = command(
  'UPDATE tokens SET last_used_at = ?2 WHERE id = ?1 AND coalesce(last_used_at, 0) < ?2',
);
const REMOVE = command('DELETE FROM tokens WHERE id = ?');

/** The tokens of one database. */
export function tokensTable(db: Database, changes: ChangeLog, clock: Clock): Tokens {
  return {
    token: (id) => db.read(() => BY_ID.first(id)),
    async tokens(userId, limit) {
      const most = Math.max(0, Math.min(Math.trunc(limit), MAX_LIST));
      return db.read(() => (userId === null ? LIST.all(most) : LIST_OF_USER.all(userId, most)));
    },
    async createToken(token, most = MOST_TOKENS) {
      const [routes, methods, networks] = checkToken(token);
      const { id, textName, userId, name, createdAt, expiresAt, lastUsedAt } = token;
      const row = [id, textName, userId, name, routes, methods, networks];
      await db.write(function* () {
        yield* SWEEP(userId, clock.now() - TOKEN_KEPT_FOR);
        if (((yield* COUNT.first(userId)) ?? 0) >= Math.min(most, MOST_TOKENS)) throw tooMany();
        const added = yield* INSERT(...row, createdAt, expiresAt, lastUsedAt);
        if (added === 0) throw alreadyThere();
        yield* changes.record([userId]);
      });
      await changes.announce([userId]);
    },
    async useToken(id, at) {
      await db.write(() => USE(id, at));
    },
    async revokeToken(id) {
      const token = await db.write(
        function* () {
          const found = yield* BY_ID.first(id);
          if (found === null) return null;
          yield* REMOVE(id);
          yield* changes.record([found.userId]);
          return found;
        },
        { ending: true },
      );
      if (token !== null) await changes.announce([token.userId]);
      return token !== null;
    },
  };
}

function tokenOf(row: Row): Token {
  return {
    id: text(row, 'id'),
    textName: text(row, 'text_name'),
    userId: text(row, 'user_id'),
    name: text(row, 'name'),
    routes: texts(row, 'routes'),
    methods: texts(row, 'methods'),
    networks: texts(row, 'networks'),
    createdAt: integer(row, 'created_at'),
    expiresAt: integerOrNull(row, 'expires_at'),
    lastUsedAt: integerOrNull(row, 'last_used_at'),
  };
}

function tooMany(): Problem {
  const message = 'This user has too many tokens; revoke some first.';
  return new Problem('token/too-many', message, { status: 409 });
}

function alreadyThere(): Problem {
  return new Problem('token/exists', 'This token already exists.', { status: 409 });
}
