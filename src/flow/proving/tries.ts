/**
 * Counters that are taken together: all of them or none. Used for everything that is counted by
 * address, which always means its wider networks too, with wider bounds.
 */
import { type NetworkWidth, networksOf } from '../../core/request/networks.ts';
import type { Throttle, ThrottleRule } from '../../core/values/system.ts';

/** One counter and its rule. */
export interface Counter {
  readonly key: string;
  readonly rule: ThrottleRule;
}

/**
 * How many times as many tries a wider network has. One /64 is one subscriber, but a /56 or /48 may
 * be (RFC 6177), and an IPv4 /24 is often one owner's. A provider is never counted: it is a crowd.
 */
const TIMES: Readonly<Record<NetworkWidth, number>> = {
  address: 1,
  site: 4,
  block: 10,
  provider: 0,
};

/** The counters of an address and of its wider networks. `rule` is that of the address itself. */
export function countersOf(kind: string, ip: string, rule: ThrottleRule): readonly Counter[] {
  return networksOf(ip).flatMap(({ key, width }) =>
    TIMES[width] === 0
      ? []
      : [{ key: `${kind}:${key}`, rule: { ...rule, free: rule.free * TIMES[width] } }],
  );
}

/** Takes a try of each counter, or of none. Null: taken; else when to try again, in epoch milliseconds. */
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

/** Gives one try of each back. */
export async function releaseAll(throttle: Throttle, counters: readonly Counter[]): Promise<void> {
  for (const { key } of counters) await throttle.release(key, 'one');
}
