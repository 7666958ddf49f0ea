/** Which account at a provider belongs to which user. */
import {
  MAX_ISSUER,
  MOST_LINKS,
  type SourceLink,
  type SourceLinks,
} from '../core/sources/source-link.ts';
import { MAX_SUBJECT } from '../core/sources/source.ts';
import { Problem } from '../core/values/problem.ts';
import type { Database } from '../database/database.ts';
import { integer, integerOrNull, text } from '../database/rows.ts';
import { command, query, type Row } from '../database/sql.ts';

const COLUMNS = 'issuer, subject, user_id, source, created_at, last_used_at';
const MAX_USER_ID = 512;
const MAX_SOURCE = 64;

const ONE = query(`SELECT ${COLUMNS} FROM source_links WHERE issuer = ? AND subject = ?`, linkOf);
const LIST = query(
  `SELECT ${COLUMNS} FROM source_links WHERE user_id = ? ORDER BY created_at, issuer, subject`,
  linkOf,
);
const INSERT = command(`INSERT INTO source_links (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`);
const USE = command(
  'UPDATE source_links SET source = ?3, last_used_at = ?4 WHERE issuer = ?1 AND subject = ?2',
);
const REMOVE = command('DELETE FROM source_links WHERE user_id = ? AND issuer = ? AND subject = ?');

/** The links of one database. */
export function sourceLinksTable(db: Database): SourceLinks {
  return {
    sourceLink: ({ issuer, subject }) => db.read(() => ONE.first(issuer, subject)),
    sourceLinks: (userId) => db.read(() => LIST.all(userId)),
    async linkSource(link) {
      check(link);
      const { issuer, subject, userId, source, createdAt, lastUsedAt } = link;
      await db.write(function* () {
        const known = yield* ONE.first(issuer, subject);
        if (known?.userId === userId) return;
        if (known !== null) throw linked();
        if ((yield* LIST.all(userId)).length >= MOST_LINKS) throw tooMany();
        yield* INSERT(issuer, subject, userId, source, createdAt, lastUsedAt);
      });
    },
    async useSource({ issuer, subject }, { source, at }) {
      await db.write(() => USE(issuer, subject, source, at));
    },
    async unlinkSource(userId, { issuer, subject }) {
      return (await db.write(() => REMOVE(userId, issuer, subject), { ending: true })) > 0;
    },
  };
}

function linkOf(row: Row): SourceLink {
  return {
    issuer: text(row, 'issuer'),
    subject: text(row, 'subject'),
    userId: text(row, 'user_id'),
    source: text(row, 'source'),
    createdAt: integer(row, 'created_at'),
    lastUsedAt: integerOrNull(row, 'last_used_at'),
  };
}

function isFit(value: string, most: number): boolean {
  return value !== '' && value.length <= most;
}

function check({ issuer, subject, userId, source }: SourceLink): void {
  const isShaped =
    isFit(issuer, MAX_ISSUER) &&
    isFit(subject, MAX_SUBJECT) &&
    isFit(userId, MAX_USER_ID) &&
    isFit(source, MAX_SOURCE);
  if (isShaped) return;
  throw new Problem('source/shape', 'No source has such an account.', { status: 400 });
}

function linked(): Problem {
  const message = 'This account is already linked to another user.';
  return new Problem('source/linked', message, { status: 409 });
}

function tooMany(): Problem {
  const message = `This user is already linked to ${MOST_LINKS} accounts; unlink some first.`;
  return new Problem('source/too-many', message, { status: 409 });
}
