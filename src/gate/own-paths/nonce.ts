/**
 * The nonce of a browser on one host: a handover is for the browser that has it, so a code that is
 * stolen, or sent to another user to sign them in as someone else, opens nothing.
 */
import type { RequestFacts } from '../../core/request/facts.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { Random, Vault } from '../../core/values/system.ts';
import { browserValue, keptValue } from './browser-value.ts';

/** How long the cookie lasts, in seconds: as long as a request for a handover. */
const LASTS = 5 * 60;

/** The one-way name of the request's nonce; null if it is missing, repeated or malformed. */
export function nonceName(
  vault: Pick<Vault, 'name'>,
  snapshot: Snapshot,
  facts: RequestFacts,
): string | null {
  const nonce = browserValue(snapshot, facts, 'handover');
  return nonce === null ? null : nameOf(vault, nonce);
}

/** The nonce for a handover that begins, with its Set-Cookie lines. */
export function nonceFor(
  { vault, random }: { readonly vault: Pick<Vault, 'name'>; readonly random: Random },
  snapshot: Snapshot,
  facts: RequestFacts,
): { readonly name: string; readonly cookies: readonly string[] } {
  const kept = { purpose: 'handover', seconds: LASTS } as const;
  const { value, cookies } = keptValue(random, snapshot, facts, kept);
  return { name: nameOf(vault, value), cookies };
}

function nameOf(vault: Pick<Vault, 'name'>, nonce: string): string {
  return vault.name('handover-nonce', nonce);
}
