/**
 * The credential in the Authorization field: a token of ours, by itself or as the password of its user.
 * A remembered token costs no round trip and no promise. Texts that never were a token cost no lookup,
 * and unknown tokens are throttled by address.
 */
import { LRUCache } from 'lru-cache';
import type { GrantVisitor } from '../../core/access/decision.ts';
import { grantOf } from '../../core/routes/grant.ts';
import type { CredentialReader, Found, Purpose, Rejected } from '../../core/access/visitors.ts';
import type { Accounts } from '../../core/people/account.ts';
import type { Directory } from '../../core/people/directory.ts';
import { TOUCH_EVERY } from '../../core/people/session.ts';
import { isTokenLike, tokenIdOf } from '../../core/people/token.ts';
import { foldName } from '../../core/people/user.ts';
import { readAuthorization, secretOf } from '../../core/proof/authorization.ts';
import { addressBlock } from '../../core/request/address-block.ts';
import type { Accepts, Scheme } from '../../core/routes/accepts.ts';
import { isEqualSecret } from '../../core/values/constant-time.ts';
import type { Clock, Throttle, ThrottleRule, Vault } from '../../core/values/system.ts';
import type { BackgroundWrite } from './background-writes.ts';
import { createTokenCache, type KnownToken } from './token-cache.ts';

/** What reading tokens needs. */
export interface TokenParts {
  readonly accounts: Pick<Accounts, 'token' | 'useToken' | 'watch' | 'isCoherent'>;
  readonly directory: Pick<Directory, 'read' | 'watch' | 'freshFor'>;
  readonly vault: Pick<Vault, 'name'>;
  readonly clock: Clock;
  readonly throttle: Throttle;
  /** For unknown tokens from one address. */
  readonly rule: ThrottleRule;
  readonly write: BackgroundWrite;
  /** Visitors kept in memory. Default 5,000. */
  readonly capacity?: number;
}

/** The reader of one process. */
export interface TokenReader extends CredentialReader {
  /** Visitors in memory. */
  remembered(): number;
  /** Ends the subscriptions to changes. */
  close(): void;
}

/** How long a token is trusted without a read, in milliseconds, should every announcement fail. */
const MAX_AGE = 5 * 60_000;

/** Refused fields and addresses that are remembered: a program with an old token repeats it forever. */
const REFUSED = 1_000;

const MALFORMED: Rejected = { rejected: 'token/malformed' };
const UNKNOWN: Rejected = { rejected: 'token/unknown' };
const OTHER_USER: Rejected = { rejected: 'token/other-user' };
const NO_USER: Rejected = { rejected: 'token/no-user' };

/** A token as a request presents it. */
interface Shown {
  readonly scheme: Scheme;
  readonly text: string;
  /** The username beside it; null for a bearer. */
  readonly user: string | null;
}

/** Reads tokens until it is closed. */
export function createTokenReader(parts: TokenParts): TokenReader {
  const { accounts, clock, write } = parts;
  const unknown = createUnknown(parts);
  const memory = createMemory(parts, () => unknown.forget());
  const note = (entry: KnownToken, purpose: Purpose): GrantVisitor => {
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
        return found === UNKNOWN ? unknown.count(own, clientIp) : found;
      });
    },
    remembered: () => memory.size(),
    close: () => memory.close(),
  };
}

/** What is read of a token. */
type Read = Pick<KnownToken, 'visitor' | 'usedAt'> | Rejected;

/** Tokens in memory, and reads under way, both dropped when tokens or users change. */
function createMemory(
  { accounts, directory, clock, capacity = 5_000 }: TokenParts,
  forget: () => void,
) {
  const cache = createTokenCache(capacity);
  const reads = new Map<string, Promise<KnownToken | Rejected>>();
  let changes = 0;
  const changed = (userId: string | null): void => {
    changes += 1;
    reads.clear();
    forget();
    if (userId === null) cache.clear();
    else cache.dropUser(userId);
  };
  const unwatch = [accounts.watch(changed), directory.watch(changed)];
  /** For how long a visitor may be trusted. Asks both, always: asking is how they notice changes. */
  const freshFor = (): number => {
    const areTokens = accounts.isCoherent();
    const ofUsers = directory.freshFor();
    return areTokens ? Math.min(ofUsers, MAX_AGE) : 0;
  };
  const load = async (
    field: string,
    lookUpToken: () => Promise<Read>,
  ): Promise<KnownToken | Rejected> => {
    const before = changes;
    const found = await lookUpToken();
    if ('rejected' in found) return found;
    const entry = { ...found, field, storedAt: clock.now() };
    // `freshFor` may deliver announcements.
    if (freshFor() > 0 && changes === before) cache.put(entry);
    return entry;
  };
  return {
    /** A token that may be trusted without a read. */
    get(field: string): KnownToken | undefined {
      const fresh = freshFor();
      const entry = fresh > 0 ? cache.get(field) : undefined;
      return entry !== undefined && clock.now() - entry.storedAt < fresh ? entry : undefined;
    },
    /** Joins the read under way for this field, or starts one. */
    read(field: string, lookUpToken: () => Promise<Read>): Promise<KnownToken | Rejected> {
      const known = reads.get(field);
      if (known !== undefined) return known;
      const result = load(field, lookUpToken).finally(() => {
        if (reads.get(field) === result) reads.delete(field);
      });
      reads.set(field, result);
      return result;
    },
    size: () => cache.size(),
    close() {
      for (const stop of unwatch) stop();
    },
  };
}

/** The token in a field, in a scheme that is accepted; null if there is none. */
function tokenIn(field: string, accepts: Accepts): Shown | null {
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
): Promise<Read> {
  const token = await accounts.token(id);
  if (token === null || !isEqualSecret(token.textName, vault.name('token', text))) return UNKNOWN;
  const user = await directory.read(token.userId);
  if (user === null || user.disabled) return NO_USER;
  if (name !== null && foldName(name) !== foldName(user.name)) return OTHER_USER;
  const visitor: GrantVisitor = { session: null, grant: grantOf(token, scheme), user };
  return { visitor, usedAt: token.lastUsedAt ?? 0 };
}

/** Tokens that were looked up in vain, and the addresses that sent too many of them. */
function createUnknown({ throttle, rule, clock }: Pick<TokenParts, 'throttle' | 'rule' | 'clock'>) {
  const fields = new LRUCache<string, true>({ max: REFUSED });
  /** Once found: tokens in use are read again after changes, whatever else their address sends. */
  const genuine = new LRUCache<string, true>({ max: REFUSED });
  const addresses = new LRUCache<string, number>({ max: REFUSED });
  return {
    /** Why a field is refused without a lookup, or null. */
    refusal(field: string, clientIp: string): Rejected | null {
      if (fields.has(field)) return UNKNOWN;
      if (genuine.has(field)) return null;
      const retryAt = addresses.get(addressBlock(clientIp));
      if (retryAt === undefined || clock.now() >= retryAt) return null;
      return { rejected: 'token/throttled', retryAt };
    },
    /** Counts a token that was looked up in vain. The same one again costs nothing. */
    async count(field: string, clientIp: string): Promise<Rejected> {
      genuine.delete(field);
      // Requests that shared a lookup count once.
      if (fields.has(field)) return UNKNOWN;
      fields.set(field, true);
      const block = addressBlock(clientIp);
      const { allowed, retryAt } = await throttle.take(`token:${block}`, rule, clock.now());
      if (allowed) return UNKNOWN;
      addresses.set(block, retryAt);
      return { rejected: 'token/throttled', retryAt };
    },
    /** A field that was found is never refused for its address. */
    except: (field: string) => void genuine.set(field, true),
    /** A token may have been created. */
    forget: () => fields.clear(),
  };
}
