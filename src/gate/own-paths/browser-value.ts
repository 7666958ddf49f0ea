/** Random values of 128 bits by which the host of an app recognizes a browser, each in a cookie of this host. */
import { findCookie, hasSeveral } from '../../core/request/cookie.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { expiredEverywhere, setCookie } from '../../core/request/set-cookie.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import { hostCookieName } from '../../core/setup/ticket-cookie.ts';
import type { Random } from '../../core/values/system.ts';

/** What a value is for; the cookie is named after it. */
type Purpose = 'handover' | 'unsent';

/** The form of a value. */
export const VALUE = /^[A-Za-z0-9_-]{22}$/;

/** The request's value; null if it is missing, repeated or malformed. */
export function browserValue(
  { site }: Snapshot,
  { header }: RequestFacts,
  purpose: Purpose,
): string | null {
  const value = findCookie(header('cookie'), hostCookieName(site, purpose));
  return value !== null && VALUE.test(value) ? value : null;
}

/**
 * The value that the browser already has, so that two tabs do not disturb each other, or a new one; with
 * the Set-Cookie lines that leave it as the only one for so many seconds.
 */
export function keptValue(
  random: Random,
  snapshot: Snapshot,
  facts: RequestFacts,
  { purpose, seconds }: { readonly purpose: Purpose; readonly seconds: number },
): { readonly value: string; readonly cookies: readonly string[] } {
  const { site } = snapshot;
  const name = hostCookieName(site, purpose);
  const value = browserValue(snapshot, facts, purpose) ?? random.token(16);
  const isDouble = hasSeveral(facts.header('cookie'), name);
  const doubles = isDouble ? expiredEverywhere([name], facts.host, site.scheme) : [];
  return { value, cookies: [...doubles, setCookie(name, value, { scheme: site.scheme, seconds })] };
}
