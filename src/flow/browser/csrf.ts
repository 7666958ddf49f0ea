/**
 * CSRF protection. The browser's own headers about the sender are checked first, then a token bound
 * to browser, plan and revision. Either alone stops other sites; both are required.
 */
import type { Plan } from '../../core/flow/plan.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Site } from '../../core/access/return-to.ts';
import type { Browser } from '../run/run.ts';

/** Where a POST came from: our own page, another site, or a client that does not say. */
export type Sender = 'own' | 'foreign' | 'unknown';

/**
 * Reads Sec-Fetch-Site and Origin. `Origin: null` is foreign: our pages never cause it, because they
 * are served with Referrer-Policy same-origin (under no-referrer, browsers would send it).
 */
export function senderOf(facts: RequestFacts, site: Site): Sender {
  const fetchSite = facts.header('sec-fetch-site');
  const { origin } = facts;
  if (fetchSite === 'cross-site' || fetchSite === 'same-site') return 'foreign';
  if (origin !== null) return origin === site.origin ? 'own' : 'foreign';
  return fetchSite === 'same-origin' ? 'own' : 'unknown';
}

const PURPOSE = 'csrf';

/** The token for the form of a plan at its current revision. */
export function csrfToken(
  vault: Pick<Vault, 'sign'>,
  browser: Browser,
  plan: Pick<Plan, 'id' | 'revision'>,
): string {
  return vault.sign(PURPOSE, bound(browser, plan));
}

/** Whether the token was made for this browser, plan and revision. */
export function isCsrfToken(
  vault: Pick<Vault, 'verify'>,
  browser: Browser,
  plan: Pick<Plan, 'id' | 'revision'>,
  token: string,
): boolean {
  return vault.verify(PURPOSE, bound(browser, plan), token);
}

function bound(browser: Browser, { id, revision }: Pick<Plan, 'id' | 'revision'>): string {
  return `${browser.name}|${id}|${revision}`;
}
