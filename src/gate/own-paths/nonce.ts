/**
 * The nonce of a browser on one host: a handover is for the browser that has it, so a code that is
 * stolen, or sent to another user to sign them in as someone else, opens nothing.
 */
import { findCookie, hasSeveral } from '../../core/request/cookie.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { expiredEverywhere, setCookie } from '../../core/request/set-cookie.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import { hostCookieName } from '../../core/setup/ticket-cookie.ts';
import type { Random, Vault } from '../../core/values/system.ts';

/** How long the cookie lasts, in seconds: as long as a request for a handover. */
const LASTS = 5 * 60;
const NONCE = /^[A-Za-z0-9_-]{22}$/;

/** The one-way name of the request's nonce; null if it is missing, repeated or malformed. */
export function nonceName(
  vault: Pick<Vault, 'name'>,
  { site }: Snapshot,
  { header }: RequestFacts,
): string | null {
  const nonce = findCookie(header('cookie'), cookieName(site));
  return nonce !== null && NONCE.test(nonce) ? nameOf(vault, nonce) : null;
}

/**
 * The nonce for a handover that begins, with its Set-Cookie lines. One that the browser already has is
 * kept, so that two tabs do not disturb each other.
 */
export function nonceFor(
  { vault, random }: { readonly vault: Pick<Vault, 'name'>; readonly random: Random },
  { site }: Snapshot,
  { host, header }: RequestFacts,
): { readonly name: string; readonly cookies: readonly string[] } {
  const cookies = header('cookie');
  const name = cookieName(site);
  const kept = findCookie(cookies, name);
  const nonce = kept !== null && NONCE.test(kept) ? kept : random.token(16);
  const line = setCookie(name, nonce, { scheme: site.scheme, seconds: LASTS });
  const doubles = hasSeveral(cookies, name) ? expiredEverywhere([name], host, site.scheme) : [];
  return { name: nameOf(vault, nonce), cookies: [...doubles, line] };
}

function cookieName(site: Snapshot['site']): string {
  return hostCookieName(site, 'handover');
}

function nameOf(vault: Pick<Vault, 'name'>, nonce: string): string {
  return vault.name('handover-nonce', nonce);
}
