/**
 * A fresh plan as the page carries it: sealed for one browser and stored nowhere. The first POST
 * stores it. A replay finds the stored plan, because ended plans are kept until they expire.
 */
import type { Plan } from '../../core/flow/plan.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Browser } from '../run/run.ts';

/** Longest seed, in characters: a plan with the longest return-to, sealed and encoded. */
const MAX_SEED = 16_384;
const PURPOSE = 'seed';

/** The value of the form's hidden field. */
export function sealSeed(vault: Vault, browser: Browser, plan: Plan): string {
  const sealed = vault.seal(PURPOSE, browser.secret, JSON.stringify(plan));
  return Buffer.from(sealed).toString('base64url');
}

/** The plan; null for anything but our own seed for this browser. */
export function openSeed(vault: Vault, browser: Browser, seed: string): Plan | null {
  if (seed.length > MAX_SEED || !/^[A-Za-z0-9_-]+$/.test(seed)) return null;
  const text = vault.open(PURPOSE, browser.secret, Buffer.from(seed, 'base64url'));
  // What opens was written by sealSeed: only gateways with our secret have the key.
  return text === null ? null : (JSON.parse(text) as Plan);
}
