/**
 * Who causes a password hash to be calculated, and how much of the queue one network may occupy.
 * Pure.
 */
import type { Network, NetworkWidth } from '../request/networks.ts';

/** Where the request for a hash comes from. */
export interface Origin {
  /** Narrowest first, as `networksOf` returns them. */
  readonly networks: readonly Network[];
  /** The user of the request's session or known device; null for strangers. */
  readonly device: string | null;
}

/** The fraction of the open queue that one network of each width may occupy. */
export const SHARES: Readonly<Record<NetworkWidth, number>> = {
  address: 0.35,
  site: 0.4,
  block: 0.45,
  provider: 0.6,
};

/** Runs a task and attributes its hashing to an address; `device` as in Origin. */
export type HashingFor = <T>(ip: string, device: string | null, task: () => T) => T;
