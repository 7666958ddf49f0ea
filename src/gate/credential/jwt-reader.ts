/**
 * A JSON Web Token of a listed issuer in the Authorization field. What was verified is believed until it
 * expires, for five minutes at most, while its user and the configuration do not change; the next request
 * with it costs what a token of ours does. It is kept under a keyed name alone.
 */
import type { GrantVisitor } from '../../core/access/decision.ts';
import type { Rejected } from '../../core/access/visitors.ts';
import type { Directory } from '../../core/people/directory.ts';
import { readAuthorization } from '../../core/proof/authorization.ts';
import {
  isJwtLike,
  type Issuer,
  judgeJwt,
  readJwt,
  termOf,
  type VerifyJwt,
} from '../../core/proof/jwt.ts';
import { jwtGrant } from '../../core/routes/grant.ts';
import type { Live } from '../../core/setup/snapshot.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Read } from './credential-cache.ts';
import { createCredentialMemory, type MemoryParts } from './credential-memory.ts';
import type { ProgramReader } from './program-reader.ts';

/** What reading them needs. */
export interface JwtParts extends Pick<MemoryParts, 'clock' | 'capacity'> {
  readonly live: Live;
  readonly verify: VerifyJwt;
  readonly directory: Pick<Directory, 'find' | 'watch' | 'freshFor'>;
  readonly vault: Pick<Vault, 'sign'>;
}

/** How long one is believed, in milliseconds: its issuer may have withdrawn the key. */
const MAX_AGE = 5 * 60_000;

/** A verified token. */
interface ReadJwt extends Read {
  /** The configuration that it was verified under. */
  readonly issuers: readonly Issuer[];
}

/** Reads them until it is closed. */
export function createJwtReader({ live, verify, vault, ...parts }: JwtParts): ProgramReader {
  const { clock, directory } = parts;
  const memory = createCredentialMemory<ReadJwt>({ ...parts, maxAge: MAX_AGE });

  async function load(text: string, issuers: readonly Issuer[]): Promise<ReadJwt | Rejected> {
    const jwt = readJwt(text);
    if (jwt === null) return { rejected: 'jwt/malformed' };
    const judged = await judgeJwt(jwt, {
      issuers,
      directory,
      verify: (issuer) => verify(text, issuer),
      now: clock.now(),
    });
    if (typeof judged === 'string') return { rejected: judged };
    const { issuer, user } = judged;
    const visitor: GrantVisitor = { session: null, grant: jwtGrant(issuer, termOf(jwt)), user };
    return { visitor, issuers };
  }

  return {
    name: 'jwt',
    find({ header }, _purpose, accepts = null) {
      const { issuers } = live.current;
      if (accepts?.bearer !== true || issuers.length === 0) return undefined;
      const shown = readAuthorization(header('authorization') ?? '');
      if (shown?.scheme !== 'bearer' || !isJwtLike(shown.token)) return undefined;
      const key = vault.sign('jwt', shown.token);
      const known = memory.get(key);
      if (known !== undefined && known.issuers === issuers && !hasEnded(known, clock.now())) {
        return known.visitor;
      }
      // A string of its own: a slice would keep the whole head of the request in memory.
      const text = Buffer.from(shown.token, 'latin1').toString('latin1');
      return memory
        .read(key, () => load(text, issuers))
        .then((found) => ('rejected' in found ? found : found.visitor));
    },
    remembered: () => memory.size(),
    close: () => memory.close(),
  };
}

function hasEnded({ visitor }: Read, now: number): boolean {
  const { expiresAt } = visitor.grant;
  return expiresAt !== null && now >= expiresAt;
}
