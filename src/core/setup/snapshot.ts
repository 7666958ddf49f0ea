/** The whole configuration, parsed, linked and frozen. Swapped as one; nobody keeps a part of it over an await. */

import type { IdentityHeaders } from '../access/identity.ts';
import type { Site } from '../access/return-to.ts';
import type { RouteTable } from '../access/route.ts';
import type { WhyRule } from '../access/why.ts';
import type { Flow } from '../flow/flow.ts';
import type { Brand } from './brand.ts';

/** What a request may need to know. */
export interface Snapshot {
  readonly site: Site;
  readonly table: RouteTable;
  readonly identity: IdentityHeaders;
  readonly flows: ReadonlyMap<string, Flow>;
  readonly session: {
    /** Milliseconds. */
    readonly idle: number;
    readonly lifetime: number;
    /** Domain attribute of the ticket's cookie, or null for a cookie of the portal host alone. */
    readonly cookieDomain: string | null;
    /** Name of the ticket's cookie: `__Secure-doorward` over https, else `doorward`. */
    readonly cookieName: string;
  };
  /** Whether this canonical address may speak X-Forwarded-*. */
  readonly isTrustedProxy: (address: string) => boolean;
  /** How much whoever is refused is told. */
  readonly why: WhyRule;
  readonly brand: Brand;
}

/** The snapshot in force. Read `current` once a request. */
export interface Live {
  readonly current: Snapshot;
}
