/** For whom a password hash is calculated, and how much of the hashing line one network may hold. Pure. */
import type { Network, NetworkWidth } from '../request/networks.ts';

/** Where the request for a hash comes from. */
export interface Origin {
  /** Narrowest first, as `networksOf` returns them. */
  readonly networks: readonly Network[];
  /** The user whose known device, or whose session, the request comes with; null for strangers. */
  readonly device: string | null;
}

/** The part of the open line that one network of a width may hold. */
export const SHARES: Readonly<Record<NetworkWidth, number>> = {
  address: 0.35,
  site: 0.4,
  block: 0.45,
  provider: 0.6,
};

/** Runs a task whose hashing counts for an address; `device` as in Origin. */
export type HashingFor = <T>(ip: string, device: string | null, task: () => T) => T;
