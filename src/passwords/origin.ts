/**
 * Who a hash is calculated for, carried along a flow's step without a parameter of every directory
 * and stage in between. Read by the hashing line alone; no origin never means a privilege.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Network, type NetworkWidth, networksOf } from '../core/networks.ts';

/** Where the request for a hash comes from. */
export interface Origin {
  /** Narrowest first, as `networksOf` returns them. */
  readonly networks: readonly Network[];
  /** The account and device that are known to belong together, as one text; null for strangers. */
  readonly device: string | null;
}

/** The part of the open line that one network of a width may hold. */
export const SHARES: Readonly<Record<NetworkWidth, number>> = {
  address: 0.35,
  site: 0.4,
  block: 0.45,
  provider: 0.6,
};

const origins = new AsyncLocalStorage<Origin>();

/** Runs a task whose hashing counts for this address; `device` as in Origin. */
export function hashingFor<T>(ip: string, device: string | null, task: () => T): T {
  return origins.run({ networks: networksOf(ip), device }, task);
}

/** Of the task at hand; null outside of `hashingFor`. */
export function currentOrigin(): Origin | null {
  return origins.getStore() ?? null;
}
