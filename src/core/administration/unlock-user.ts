/**
 * Lets a user try again: unlocks second factors after too many failed attempts, and ends the waits of
 * the account. Changes no password and no factor, and ends no session.
 */
import type { Accounts } from '../people/account.ts';
import { type CountedUser, countersOfUser } from '../proof/proof-counters.ts';
import type { Throttle, Vault } from '../values/system.ts';
import type { Person } from './person.ts';

/** What unlocking found. */
export interface Unlocked extends Pick<CountedUser, 'devices' | 'addresses'> {
  /** Since when second factors were locked, in epoch milliseconds, or null. */
  readonly since: number | null;
  readonly wasLocked: boolean;
}

/** Unlocks the second factors of a user. `now` in epoch milliseconds. */
export async function unlockFactors(
  accounts: Pick<Accounts, 'factorLock' | 'devices' | 'signIns' | 'resetFactorTries'>,
  userId: string,
  now: number,
): Promise<Unlocked> {
  const since = await accounts.factorLock(userId);
  const devices = (await accounts.devices(userId, now)).map(({ device }) => device);
  const addresses = (await accounts.signIns(userId)).map(({ ip }) => ip);
  // Last, so that a failed read leaves the lock as it is.
  const wasLocked = await accounts.resetFactorTries(userId);
  return { since, devices, addresses, wasLocked };
}

/** Ends the waits of an account after its factors were unlocked. */
export async function endWaits(
  { throttle, vault }: { readonly throttle: Throttle; readonly vault: Pick<Vault, 'name'> },
  { id, user }: Person,
  { devices, addresses }: Unlocked,
): Promise<void> {
  for (const counter of countersOfUser(vault, { id, user, devices, addresses })) {
    await throttle.release(counter, 'all');
  }
}
