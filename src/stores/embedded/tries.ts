/** How tries are counted, pure. `redis/link/scripts.ts` does the same in Lua; the contract suite compares the two. */
import type { ThrottleRule } from '../../core/values/system.ts';

/** What is remembered of a key. Epoch milliseconds. */
export interface Tries {
  readonly taken: number;
  /** No try before. */
  readonly retryAt: number;
  /** Nothing is remembered from then on. */
  readonly forgetAt: number;
}

/** Beyond this many doublings every wait is the longest. */
const MAX_DOUBLINGS = 40;

/**
 * One try. The first `free` are allowed at once; from then on each is followed by a wait, which
 * doubles. A refused try changes nothing.
 */
export function takeTry(
  before: Tries | null,
  rule: ThrottleRule,
  now: number,
): { readonly allowed: boolean; readonly tries: Tries } {
  const known = before !== null && now < before.forgetAt ? before : null;
  if (known !== null && now < known.retryAt) return { allowed: false, tries: known };
  const taken = (known?.taken ?? 0) + 1;
  const doublings = Math.min(taken - rule.free, MAX_DOUBLINGS);
  const wait = doublings < 0 ? 0 : Math.min(rule.wait * 2 ** doublings, rule.longest);
  const retryAt = wait === 0 ? 0 : now + wait;
  // A wait longer than the window is not cut short by forgetting.
  return {
    allowed: true,
    tries: { taken, retryAt, forgetAt: Math.max(now + rule.window, retryAt) },
  };
}
