/**
 * Root domains of a gateway, each with the site where its users sign in: one portal serves all of them.
 */
import type { Site } from '../access/return-to.ts';
import { isWithin } from '../request/host.ts';

/** One root domain. */
export interface Domain {
  /** Where users of this domain sign in. */
  readonly site: Site;
  /**
   * Domain attribute of the session cookie on its hosts; null if the cookie is for the portal's host
   * only.
   */
  readonly cookieDomain: string | null;
  /** Where a ticket in that cookie is valid; null if there is no Domain attribute. */
  readonly scope: string | null;
}

/** A root domain. */
export function domainWith(site: Site, cookieDomain: string | null): Domain {
  return { site, cookieDomain, scope: cookieDomain === null ? null : `domain:${cookieDomain}` };
}

/** The domains of a configuration. The first is that of `public_url`. */
export type Domains = readonly [Domain, ...Domain[]];

/** The domain whose cookie reaches a canonical host, or null. */
export function domainAround(
  { domains }: { readonly domains: Domains },
  host: string,
): Domain | null {
  for (const domain of domains) {
    if (domain.cookieDomain !== null && isWithin(host, domain.cookieDomain)) return domain;
  }
  return null;
}

/** The domain that contains a canonical host, or the first domain if none does. */
export function domainOf(snapshot: { readonly domains: Domains }, host: string): Domain {
  return domainAround(snapshot, host) ?? snapshot.domains[0];
}

/** The sign-in site for a canonical host. */
export function siteOf(snapshot: { readonly domains: Domains }, host: string): Site {
  return domainOf(snapshot, host).site;
}
