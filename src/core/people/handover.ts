/**
 * A session on its way from the portal to the host of an app, behind a one-time code. The code is
 * half of the key: an attacker who steals the store can redeem nothing.
 */
import type { Vault } from '../values/system.ts';
import type { Ticket } from './session.ts';

/** What a code leads to. */
export interface Handover {
  /** Of the session; the target host gets a cookie of its own for it. */
  readonly ticket: Ticket;
  /** Where the code may be redeemed, as an origin: `https://app.example.org`. */
  readonly origin: string;
  /** Where the browser goes then: a URL of that origin. */
  readonly returnTo: string;
  /** One-way name of the nonce in the target host's cookie: the only browser that may redeem it. */
  readonly nonce: string;
  /** When the code expires, in epoch milliseconds; exclusive. */
  readonly until: number;
  /** When the cookie expires, in epoch milliseconds; null: when the browser is closed. */
  readonly remembered: number | null;
}

/** Stores handovers until they are redeemed. Promises reject with a Problem. */
export interface HandoverStore {
  /** Stores a handover under a code that has never been used. */
  put(code: string, handover: Handover): Promise<void>;
  /**
   * Takes a handover out of the store: of any number of simultaneous callers, on all instances, one
   * gets it. Null if the code is unknown, used or expired. An unknown code causes no write.
   */
  take(code: string): Promise<Handover | null>;
}

/** How long a code is valid, in milliseconds: browsers follow redirects at once. */
export const HANDOVER_LASTS = 60_000;

const PURPOSE = 'handover';

/** The name under which a store keeps a code's handover. */
export function handoverName(vault: Pick<Vault, 'name'>, code: string): string {
  return vault.name(PURPOSE, code);
}

/** Seals a handover for the store. */
export function sealHandover(
  vault: Pick<Vault, 'seal'>,
  code: string,
  handover: Handover,
): Uint8Array {
  return vault.seal(PURPOSE, code, JSON.stringify(handover));
}

/** The handover; null for anything that was not sealed with this code. */
export function openHandover(
  vault: Pick<Vault, 'open'>,
  code: string,
  sealed: Uint8Array,
): Handover | null {
  const text = vault.open(PURPOSE, code, sealed);
  // What opens was written by sealHandover: only gateways with our secret have the key.
  return text === null ? null : (JSON.parse(text) as Handover);
}
