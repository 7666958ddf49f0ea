/**
 * Whose form this is: the token binds browser, plan and revision; the browser's own words
 * about the sender come first. Either one alone would do against other sites; both are asked.
 */
import type { RequestFacts } from '../../core/request/facts.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Site } from '../../core/access/return-to.ts';
import type { Browser } from '../run/run.ts';

/** Who sent a POST: our own page, another site, or somebody who does not say. */
export type Sender = 'own' | 'foreign' | 'unknown';

/**
 * Reads Sec-Fetch-Site and Origin. `Origin: null` is foreign: our pages never cause it, since
 * they are served with Referrer-Policy same-origin (under no-referrer browsers would send it).
 */
export function senderOf(facts: RequestFacts, site: Site): Sender {
  const fetchSite = facts.header('sec-fetch-site');
  const { origin } = facts;
  if (fetchSite === 'cross-site' || fetchSite === 'same-site') return 'foreign';
  if (origin !== null) return origin === site.origin ? 'own' : 'foreign';
  return fetchSite === 'same-origin' ? 'own' : 'unknown';
}

const PURPOSE = 'csrf';

/** The token for the form of a plan as it stands. */
export function csrfToken(
  vault: Vault,
  browser: Browser,
  planId: string,
  revision: number,
): string {
  return vault.sign(PURPOSE, bound(browser, planId, revision));
}

/** Whether the token was made for this browser, plan and revision. */
export function isCsrfToken(
  vault: Vault,
  browser: Browser,
  planId: string,
  revision: number,
  token: string,
): boolean {
  return vault.verify(PURPOSE, bound(browser, planId, revision), token);
}

function bound(browser: Browser, planId: string, revision: number): string {
  return `${browser.name}|${planId}|${revision}`;
}
