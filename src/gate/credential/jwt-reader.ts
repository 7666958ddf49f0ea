/**
 * A JSON Web Token of a listed issuer in the Authorization field. What was verified is believed until it
 * expires, for five minutes at most, while its user, the configuration and the keys of issuers do not change;
 * the next request with it costs what a token of ours does. It is kept under a keyed name alone. Forged ones
 * cost a verification each, so they are throttled by address.
 */
import type { GrantVisitor } from '../../core/access/decision.ts';
import type { Rejected } from '../../core/access/visitors.ts';
import type { Directory } from '../../core/people/directory.ts';
import {
  afterBearer,
  MAX_AUTHORIZATION,
  readAuthorization,
} from '../../core/proof/authorization.ts';
import {
  isJwtLike,
  type Issuer,
  judgeJwt,
  type JwtVerifier,
  readJwt,
  termOf,
} from '../../core/proof/jwt.ts';
import { addressBlock } from '../../core/request/address-block.ts';
import { jwtGrant } from '../../core/routes/grant.ts';
import type { Live } from '../../core/setup/snapshot.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Read } from './credential-cache.ts';
import { createCredentialMemory, type MemoryParts } from './credential-memory.ts';
import type { ProgramReader } from './program-reader.ts';
import { createRefusals, type RefusalParts } from './refusals.ts';

/** What reading them needs. */
export interface JwtParts extends RefusalParts, Pick<MemoryParts, 'capacity'> {
  readonly live: Live;
  readonly verifier: JwtVerifier;
  readonly directory: Pick<Directory, 'find' | 'watch' | 'freshFor'>;
  readonly vault: Pick<Vault, 'memoryName'>;
}

/** How long one is believed, in milliseconds: its issuer may have withdrawn the key. */
const MAX_AGE = 5 * 60_000;
/** How long a forged one is refused without another look, in milliseconds. Its key may be a new one. */
const REFUSED_FOR = 5_000;
/** Most tokens of one issuer in memory, and of those from one address. A holder of many displaces no others. */
const MOST_OF_ISSUER = 2_500;
const MOST_OF_ADDRESS = 1_000;

/** A verified token. */
interface ReadJwt extends Read {
  /** The configuration that it was verified under. */
  readonly issuers: readonly Issuer[];
  /** The keys that were known then. */
  readonly keysVersion: number;
}

/** A token as a request presents it. */
interface Shown {
  readonly text: string;
  readonly clientIp: string;
}

/** Reads them until it is closed. */
export function createJwtReader(parts: JwtParts): ProgramReader {
  const { live, verifier, vault, clock } = parts;
  const forged = createRefusals(parts, REFUSED_FOR);
  const memory = createCredentialMemory<ReadJwt>({ ...parts, maxAge: MAX_AGE });

  function isCurrent({ visitor, issuers, keysVersion }: ReadJwt): boolean {
    const { expiresAt } = visitor.grant;
    const isOver = expiresAt !== null && clock.now() >= expiresAt;
    return !isOver && issuers === live.current.issuers && keysVersion === verifier.keysVersion();
  }

  /** Reads one that is not in memory. */
  async function read(key: string, shown: Shown): Promise<GrantVisitor | Rejected> {
    const first = await memory.read(key, () => load(parts, shown));
    // It may have been judged by a configuration or keys that changed meanwhile.
    const found = 'rejected' in first || isCurrent(first) ? first : await load(parts, shown);
    if ('rejected' in found) {
      return isForged(found) ? forged.count(key, shown.clientIp, found) : found;
    }
    forged.except(key);
    return found.visitor;
  }

  return {
    name: 'jwt',
    find({ header, clientIp }, _purpose, accepts = null) {
      if (accepts?.bearer !== true || live.current.issuers.length === 0) return undefined;
      const field = header('authorization') ?? '';
      const bearer = field.length > MAX_AUTHORIZATION ? null : afterBearer(field);
      if (bearer === null) return undefined;
      const key = vault.memoryName('jwt', bearer);
      const known = memory.get(key);
      if (known !== undefined && isCurrent(known)) return known.visitor;
      const shown = readAuthorization(field);
      if (shown?.scheme !== 'bearer' || !isJwtLike(shown.token)) return undefined;
      const refused = forged.refusal(key, clientIp);
      if (refused !== null) return refused;
      // A string of its own: a slice would keep the whole head of the request in memory.
      const text = Buffer.from(shown.token, 'latin1').toString('latin1');
      return read(key, { text, clientIp });
    },
    remembered: () => memory.size(),
    close: () => memory.close(),
  };
}

/** Judges a token by the configuration in force. */
async function load(
  { live, verifier, directory, clock }: JwtParts,
  { text, clientIp }: Shown,
): Promise<ReadJwt | Rejected> {
  const { issuers } = live.current;
  const keysVersion = verifier.keysVersion();
  const jwt = readJwt(text);
  if (jwt === null) return { rejected: 'jwt/malformed' };
  const judged = await judgeJwt(jwt, {
    issuers,
    directory,
    verify: (issuer) => verifier.verify(text, issuer),
    now: clock.now(),
  });
  if (typeof judged === 'string') return { rejected: judged };
  const { issuer, user } = judged;
  const visitor: GrantVisitor = { session: null, grant: jwtGrant(issuer, termOf(jwt)), user };
  return { visitor, shares: sharesOf(issuer, clientIp), issuers, keysVersion };
}

/** Bounds by issuer, and by issuer and address. */
function sharesOf({ name }: Issuer, clientIp: string): Read['shares'] {
  return [
    { name, most: MOST_OF_ISSUER },
    { name: `${name} ${addressBlock(clientIp)}`, most: MOST_OF_ADDRESS },
  ];
}

/** Whether a signature was checked in vain; all other faults show before that. */
function isForged({ rejected }: Rejected): boolean {
  return rejected === 'jwt/signature' || rejected === 'jwt/key';
}
