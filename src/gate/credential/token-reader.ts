/**
 * The credential in the Authorization field: a token of ours, by itself or as the password of its user.
 * A remembered token costs no round trip and no promise. Texts that never were a token cost no lookup,
 * and unknown tokens are throttled by address.
 */
import type { GrantVisitor } from '../../core/access/decision.ts';
import { grantOf } from '../../core/routes/grant.ts';
import type { Found, Purpose, Rejected } from '../../core/access/visitors.ts';
import type { Accounts } from '../../core/people/account.ts';
import type { Directory } from '../../core/people/directory.ts';
import { TOUCH_EVERY } from '../../core/people/session.ts';
import { isTokenLike, tokenIdOf } from '../../core/people/token.ts';
import { foldName } from '../../core/people/user.ts';
import { afterBearer, readAuthorization, secretOf } from '../../core/proof/authorization.ts';
import type { Accepts, Scheme } from '../../core/routes/accepts.ts';
import { isEqualSecret } from '../../core/values/constant-time.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Known, Read } from './credential-cache.ts';
import { createCredentialMemory } from './credential-memory.ts';
import type { ProgramReader } from './program-reader.ts';
import { createRefusals, type RefusalParts } from './refusals.ts';

/** What reading tokens needs. */
export interface TokenParts extends RefusalParts {
  readonly accounts: Pick<Accounts, 'token' | 'useToken' | 'watch' | 'isCoherent'>;
  readonly directory: Pick<Directory, 'read' | 'watch' | 'freshFor'>;
  readonly vault: Pick<Vault, 'name'>;
  /** Starts a write after the reply, unless one with the same key is under way. */
  readonly write: (key: string, task: () => Promise<unknown>) => void;
  /** Visitors kept in memory. Default 5,000. */
  readonly capacity?: number;
}

/** How long a token is trusted without a read, in milliseconds, should every announcement fail. */
const MAX_AGE = 5 * 60_000;

/** Most fields in which one token is remembered: a field can be spelled in many ways. */
const MOST_SPELLINGS = 16;

const MALFORMED: Rejected = { rejected: 'token/malformed' };
const UNKNOWN: Rejected = { rejected: 'token/unknown' };
const OTHER_USER: Rejected = { rejected: 'token/other-user' };
const NO_USER: Rejected = { rejected: 'token/no-user' };

/** A token as read from the stores. It is kept by the field that it was sent in. */
interface ReadToken extends Read {
  /** The last use that was stored or is about to be, in epoch milliseconds. */
  usedAt: number;
}

/** A token as a request presents it. */
interface Shown {
  readonly scheme: Scheme;
  readonly text: string;
  /** The username beside it; null for a bearer. */
  readonly user: string | null;
}

/** Reads tokens until it is closed. */
export function createTokenReader(parts: TokenParts): ProgramReader {
  const { accounts, clock, write } = parts;
  const unknown = createRefusals(parts, Number.POSITIVE_INFINITY);
  const memory = createCredentialMemory<ReadToken>({
    ...parts,
    maxAge: MAX_AGE,
    changed: () => unknown.forget(),
  });
  const note = (entry: Known<ReadToken>, purpose: Purpose): GrantVisitor => {
    const now = clock.now();
    if (purpose === 'use' && now - entry.usedAt >= TOUCH_EVERY) {
      entry.usedAt = now;
      const { id } = entry.visitor.grant;
      write(`use token ${id}`, () => accounts.useToken(id, now));
    }
    return entry.visitor;
  };
  return {
    name: 'token',
    find({ header, clientIp }, purpose, accepts = null) {
      const field = accepts === null ? null : header('authorization');
      if (accepts === null || field === null) return undefined;
      const entry = memory.get(field);
      if (entry !== undefined && accepts[entry.visitor.grant.scheme]) return note(entry, purpose);
      const shown = tokenIn(field, accepts);
      if (shown === null) return undefined;
      const id = tokenIdOf(shown.text);
      if (id === null) return MALFORMED;
      const refused = unknown.refusal(field, clientIp);
      if (refused !== null) return refused;
      // A string of its own: a slice would keep the whole head of the request in memory.
      const own = Buffer.from(field, 'latin1').toString('latin1');
      const read = memory.read(own, () => lookUp(parts, shown, id));
      return read.then((found): Found | Promise<Found> => {
        if (!('rejected' in found)) {
          unknown.except(own);
          return note(found, purpose);
        }
        return found === UNKNOWN ? unknown.count(own, clientIp, found) : found;
      });
    },
    remembered: () => memory.size(),
    close: () => memory.close(),
  };
}

/** The token in a field, in a scheme that is accepted; null if there is none. */
function tokenIn(field: string, accepts: Accepts): Shown | null {
  const bearer = afterBearer(field);
  if (bearer !== null && !isTokenLike(bearer)) return null;
  const credentials = readAuthorization(field);
  if (credentials === null || !accepts[credentials.scheme]) return null;
  const text = secretOf(credentials);
  if (!isTokenLike(text)) return null;
  const { scheme } = credentials;
  return { scheme, text, user: credentials.scheme === 'basic' ? credentials.user : null };
}

/** The token with its user, straight from the stores. */
async function lookUp(
  { accounts, directory, vault }: TokenParts,
  { scheme, text, user: name }: Shown,
  id: string,
): Promise<ReadToken | Rejected> {
  const token = await accounts.token(id);
  if (token === null || !isEqualSecret(token.textName, vault.name('token', text))) return UNKNOWN;
  const user = await directory.read(token.userId);
  if (user === null || user.disabled) return NO_USER;
  if (name !== null && foldName(name) !== foldName(user.name)) return OTHER_USER;
  const visitor: GrantVisitor = { session: null, grant: grantOf(token, scheme), user };
  const shares = [{ name: token.id, most: MOST_SPELLINGS }];
  return { visitor, shares, usedAt: token.lastUsedAt ?? 0 };
}
