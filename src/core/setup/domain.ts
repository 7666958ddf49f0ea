/** Root domains that one gateway serves, each with the site where its users sign in. One today. */
import type { Site } from '../access/return-to.ts';
import { isWithin } from '../request/host.ts';

/** One root domain. */
export interface Domain {
  /** Where users of this domain sign in. */
  readonly site: Site;
  /** Domain attribute of the ticket's cookie, or null for a cookie of the portal's host alone. */
  readonly cookieDomain: string | null;
}

/** The domains of a configuration; the first one is that of `public_url`. */
export type Domains = readonly [Domain, ...Domain[]];

/** The domain that a canonical host belongs to; the first one for a host outside all of them. */
export function domainOf({ domains }: { readonly domains: Domains }, host: string): Domain {
  for (const domain of domains) {
    if (domain.cookieDomain !== null && isWithin(host, domain.cookieDomain)) return domain;
  }
  return domains[0];
}

/** The site of that domain. */
export function siteOf(snapshot: { readonly domains: Domains }, host: string): Site {
  return domainOf(snapshot, host).site;
}
