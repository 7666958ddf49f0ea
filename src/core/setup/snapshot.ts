/** The whole configuration, parsed, linked and frozen. Replaced as a whole; keep no part of it across an await. */

import type { IdentityHeaders } from '../access/identity.ts';
import type { Site } from '../access/return-to.ts';
import type { RouteTable } from '../access/route.ts';
import type { DisclosureRule } from '../access/disclosure.ts';
import type { Flow } from '../flow/flow.ts';
import type { Brand } from './brand.ts';
import type { Domains } from './domain.ts';

/** What a request may need to know. */
export interface Snapshot {
  /** The portal's own site: that of the first domain. */
  readonly site: Site;
  readonly domains: Domains;
  readonly table: RouteTable;
  readonly identity: IdentityHeaders;
  readonly flows: ReadonlyMap<string, Flow>;
  readonly session: {
    /** Milliseconds. */
    readonly idle: number;
    readonly lifetime: number;
    /** Name of the ticket's cookie: `__Secure-doorward` over https, otherwise `doorward`. */
    readonly cookieName: string;
  };
  /** Whether this canonical address may send X-Forwarded-*. */
  readonly isTrustedProxy: (address: string) => boolean;
  /** How much of the reasons a refused visitor sees. */
  readonly why: DisclosureRule;
  readonly brand: Brand;
}

/** The snapshot in force. Read `current` once for each request. */
export interface Live {
  readonly current: Snapshot;
}
