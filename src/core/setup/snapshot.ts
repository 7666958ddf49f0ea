/**
 * The whole configuration, parsed, linked and frozen. It is replaced as a whole, so never hold a
 * part of it across an await.
 */

import type { DisclosureRule } from '../access/disclosure.ts';
import type { ReservedNames } from '../access/identity.ts';
import type { Site } from '../access/return-to.ts';
import type { SignOutTargets } from '../access/sign-out-target.ts';
import type { RouteTable } from '../routes/route.ts';
import type { CertificateRule } from '../credential/certificate.ts';
import type { Issuer } from '../proof/jwt.ts';
import type { Flow } from '../flow/flow.ts';
import type { SourceRule } from '../sources/source-rule.ts';
import type { Brand } from './brand.ts';
import type { Domains } from './domain.ts';

/** Everything that handling a request may need. */
export interface Snapshot {
  /** The site of the first domain, where the portal is. */
  readonly site: Site;
  readonly domains: Domains;
  readonly table: RouteTable;
  /** Names reserved for identity on every route. */
  readonly identity: ReservedNames;
  readonly flows: ReadonlyMap<string, Flow>;
  /** Rules of the sources, in the order of the configuration. */
  readonly sources: ReadonlyMap<string, SourceRule>;
  readonly session: {
    /** Milliseconds. */
    readonly idle: number;
    readonly lifetime: number;
    /** One cookie for each root domain, or one for each host of an app. */
    readonly cookies: 'domain' | 'host';
    /**
     * Name of the cookie with the ticket on the hosts of apps: over https `__Secure-doorward` or, for
     * one host, `__Host-doorward`; otherwise `doorward`.
     */
    readonly cookieName: string;
  };
  /** Whether this canonical address may send X-Forwarded-* headers. */
  readonly isTrustedProxy: (address: string) => boolean;
  /** How much of the reasons a refused visitor sees. */
  readonly disclosure: DisclosureRule;
  readonly signOutTo: SignOutTargets;
  /** Whose JSON Web Tokens count; empty for none. Another list after each reload. */
  readonly issuers: readonly Issuer[];
  /** Which client certificates count; empty for none. Another list after each reload. */
  readonly certificates: readonly CertificateRule[];
  readonly brand: Brand;
}

/** The snapshot in force. Read `current` once per request. */
export interface Live {
  readonly current: Snapshot;
}
