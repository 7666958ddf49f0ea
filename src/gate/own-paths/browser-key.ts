/**
 * The browser's half of the key to unsent forms, in a cookie of this host. The other half is the id in the
 * form's address, so neither a copied address nor the store opens a form.
 */
import type { RequestFacts } from '../../core/request/facts.ts';
import { UNSENT_LASTS } from '../../core/access/unsent.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { Random } from '../../core/values/system.ts';
import { browserValue, keptValue, VALUE } from './browser-value.ts';

/** The key of a form by its id; null if the id or the cookie is missing, repeated or malformed. */
export function unsentKey(
  snapshot: Snapshot,
  facts: RequestFacts,
  id: string | null,
): string | null {
  const half = browserValue(snapshot, facts, 'unsent');
  return id === null || half === null || !VALUE.test(id) ? null : half + id;
}

/** A key for a new form, with its id and the Set-Cookie lines. */
export function newUnsentKey(
  random: Random,
  snapshot: Snapshot,
  facts: RequestFacts,
): { readonly key: string; readonly id: string; readonly cookies: readonly string[] } {
  const kept = { purpose: 'unsent', seconds: UNSENT_LASTS / 1000 } as const;
  const { value, cookies } = keptValue(random, snapshot, facts, kept);
  const id = random.token(16);
  return { key: value + id, id, cookies };
}
