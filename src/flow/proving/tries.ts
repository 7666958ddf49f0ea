/**
 * Counters that are taken together, all or none. Everything counted by address is also counted by
 * its wider networks, with higher limits.
 */
import { type NetworkWidth, networksOf } from '../../core/request/networks.ts';
import type { Throttle, ThrottleRule } from '../../core/values/system.ts';

/** One counter and its rule. */
export interface Counter {
  readonly key: string;
  readonly rule: ThrottleRule;
}

/**
 * How many times more tries a wider network has. A /64 is one subscriber, but so may be a /56 or /48
 * (RFC 6177), and an IPv4 /24 often has one owner. Providers are never counted: too many users share one.
 */
const TIMES: Readonly<Record<NetworkWidth, number>> = {
  address: 1,
  site: 4,
  block: 10,
  provider: 0,
};

/** The counters of an address and of its wider networks. `rule` applies to the address itself. */
export function countersOf(kind: string, ip: string, rule: ThrottleRule): readonly Counter[] {
  return networksOf(ip).flatMap(({ key, width }) =>
    TIMES[width] === 0
      ? []
      : [{ key: `${kind}:${key}`, rule: { ...rule, free: rule.free * TIMES[width] } }],
  );
}

/** Takes a try from each counter, or from none. Returns null if taken; otherwise when to retry, in epoch milliseconds. */
export async function takeAll(
  throttle: Throttle,
  counters: readonly Counter[],
  now: number,
): Promise<number | null> {
  for (const [index, { key, rule }] of counters.entries()) {
    const { allowed, retryAt } = await throttle.take(key, rule, now);
    if (allowed) continue;
    await releaseAll(throttle, counters.slice(0, index));
    return retryAt;
  }
  return null;
}

/** Returns one try to each counter. */
export async function releaseAll(throttle: Throttle, counters: readonly Counter[]): Promise<void> {
  for (const { key } of counters) await throttle.release(key, 'one');
}
