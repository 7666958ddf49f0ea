/**
 * A client certificate that a trusted proxy passes on. What was checked is believed until it expires, for
 * five minutes at most, while its user and the configuration do not change. It is kept under a keyed name
 * alone.
 */
import type { GrantVisitor } from '../../core/access/decision.ts';
import type { Presented, Rejected } from '../../core/access/visitors.ts';
import type { Directory } from '../../core/people/directory.ts';
import {
  type CertificateRule,
  type CheckCertificate,
  judgeCertificate,
  shownCertificate,
} from '../../core/credential/certificate.ts';
import { certificateGrant } from '../../core/routes/grant.ts';
import type { Live } from '../../core/setup/snapshot.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Read } from './credential-cache.ts';
import { createCredentialMemory, type MemoryParts } from './credential-memory.ts';
import type { ProgramReader } from './program-reader.ts';

/** What reading certificates needs. */
export interface CertificateParts extends Pick<MemoryParts, 'clock' | 'capacity'> {
  readonly live: Live;
  readonly check: CheckCertificate;
  readonly directory: Pick<Directory, 'find' | 'watch' | 'freshFor'>;
  readonly vault: Pick<Vault, 'memoryName'>;
}

/** How long one is believed, in milliseconds: the directory may not announce every change. */
const MAX_AGE = 5 * 60_000;

/** Most certificates of one entry in memory. */
const MOST_OF_RULE = 2_500;

/** A certificate that counts. */
interface ReadCertificate extends Read {
  /** The configuration under which it was checked. */
  readonly rules: readonly CertificateRule[];
}

/** Reads them until it is closed. */
export function createCertificateReader(parts: CertificateParts): ProgramReader {
  const { live, check, vault, clock, directory } = parts;
  const memory = createCredentialMemory<ReadCertificate>({ ...parts, maxAge: MAX_AGE });

  /** Judges a certificate by the configuration in force. */
  async function load(text: string): Promise<ReadCertificate | Rejected> {
    const { certificates: rules } = live.current;
    const judged = await judgeCertificate(text, { rules, check, directory, now: clock.now() });
    if (typeof judged === 'string') return { rejected: judged };
    const { rule, certificate, user } = judged;
    const grant = certificateGrant(rule, certificate);
    const shares = [{ name: rule.name, most: MOST_OF_RULE }];
    return { visitor: { session: null, grant, user }, shares, rules };
  }

  function isCurrent({ visitor, rules }: ReadCertificate): boolean {
    const { expiresAt } = visitor.grant;
    const isOver = expiresAt !== null && clock.now() >= expiresAt;
    return !isOver && rules === live.current.certificates;
  }

  /** Reads one that is not in memory. */
  async function read(key: string, text: string): Promise<GrantVisitor | Rejected> {
    const first = await memory.read(key, () => load(text));
    // It may have been judged by a configuration that changed meanwhile.
    const found = 'rejected' in first || isCurrent(first) ? first : await load(text);
    return 'rejected' in found ? found : found.visitor;
  }

  return {
    name: 'certificate',
    find(request, _purpose, accepts = null) {
      const [rule] = live.current.certificates;
      if (accepts?.certificate !== true || rule === undefined) return undefined;
      const shown = isOfOtherSite(request) ? null : shownCertificate(request, rule.header);
      if (shown === null) return undefined;
      const key = vault.memoryName('certificate', shown);
      const known = memory.get(key);
      return known !== undefined && isCurrent(known) ? known.visitor : read(key, shown);
    },
    remembered: () => memory.size(),
    close: () => memory.close(),
  };
}

/**
 * Whether a page of another site made a browser send the request. Browsers show a certificate with every
 * request to a host, and no `SameSite` limits that.
 */
function isOfOtherSite({ header }: Presented): boolean {
  return header('sec-fetch-site') === 'cross-site';
}
