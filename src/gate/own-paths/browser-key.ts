/**
 * The browser's half of the key to unsent forms, in a cookie of this host. The other half is the id in the
 * form's address, so neither a copied address nor the store opens a form.
 */
import { findCookie } from '../../core/request/cookie.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { setCookie } from '../../core/request/set-cookie.ts';
import { UNSENT_LASTS } from '../../core/access/unsent.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import { hostCookieName } from '../../core/setup/ticket-cookie.ts';
import type { Random } from '../../core/values/system.ts';

const HALF = /^[A-Za-z0-9_-]{22}$/;

/** The key of a form by its id; null if the id or the cookie is missing, repeated or malformed. */
export function unsentKey(
  { site }: Snapshot,
  { header }: RequestFacts,
  id: string | null,
): string | null {
  const half = findCookie(header('cookie'), hostCookieName(site, 'unsent'));
  if (id === null || half === null || !HALF.test(id) || !HALF.test(half)) return null;
  return half + id;
}

/**
 * A key for a new form, with its id and the Set-Cookie line. A browser keeps the half that it has, so that
 * two tabs do not disturb each other.
 */
export function newUnsentKey(
  random: Random,
  { site }: Snapshot,
  { header }: RequestFacts,
): { readonly key: string; readonly id: string; readonly cookie: string } {
  const name = hostCookieName(site, 'unsent');
  const kept = findCookie(header('cookie'), name);
  const half = kept !== null && HALF.test(kept) ? kept : random.token(16);
  const id = random.token(16);
  const seconds = UNSENT_LASTS / 1000;
  return { key: half + id, id, cookie: setCookie(name, half, { scheme: site.scheme, seconds }) };
}
