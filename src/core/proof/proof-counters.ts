/**
 * Names of the counters that slow down guesses at one user's secrets, so that those who count and
 * those who forget agree on them. Pure.
 */
import { AUTHENTICATOR_KINDS } from '../people/account.ts';
import { addressBlock } from '../request/address-block.ts';
import type { Vault } from '../values/system.ts';
import { foldName, type User } from '../people/user.ts';

/** Methods whose wrong answers are counted. */
const METHODS = ['password', 'email_link', 'mtls', ...AUTHENTICATOR_KINDS];

/** What is counted for a method. Set-ups are counted apart. */
export function countedAs(method: string, isSetUp: boolean): string {
  return isSetUp ? `setup:${method}` : method;
}

/**
 * Where a counter counts: everywhere, or for a passkey in one network. A signature cannot be guessed;
 * counting tries from everywhere would only let strangers lock users out.
 */
export function placeOf(method: string, ip: string): string {
  return method === 'webauthn' ? `:${addressBlock(ip)}` : '';
}

/** The name of a login as typed, for counters. */
export function typedName(vault: Pick<Vault, 'name'>, login: string): string {
  return vault.name('login', foldName(login));
}

/** Tries under a login as typed, by its `typedName`. */
export function typedCounter(counted: string, login: string, place: string): string {
  return `typed:${counted}:${login}${place}`;
}

/** Tries at an account under all its names. */
export function accountCounter(counted: string, who: string, place: string): string {
  return `account:${counted}:${who}${place}`;
}

/** Tries on a device that has signed the user in before. */
export function deviceCounter(
  counted: string,
  userId: string,
  device: string,
  place: string,
): string {
  return `device:${counted}:${userId}:${device}${place}`;
}

/** What is known of the user whose counters are meant. */
export interface CountedUser {
  readonly id: string;
  /** Null: only the id is left. */
  readonly user: Pick<User, 'name' | 'email'> | null;
  /** One-way names of the known devices. */
  readonly devices: readonly string[];
  /** Addresses from which the user signed in lately. */
  readonly addresses: readonly string[];
}

/** All counters of a user whose names can be known: those of passkeys are known for these addresses alone. */
export function countersOfUser(
  vault: Pick<Vault, 'name'>,
  { id, user, devices, addresses }: CountedUser,
): readonly string[] {
  const logins = [user?.name ?? '', user?.email ?? ''].filter((login) => login !== '');
  const keys = METHODS.flatMap((method) => {
    const places = method === 'webauthn' ? addresses.map((ip) => placeOf(method, ip)) : [''];
    return [false, true].flatMap((isSetUp) => {
      const counted = countedAs(method, isSetUp);
      return places.flatMap((place) => [
        ...logins.map((login) => typedCounter(counted, typedName(vault, login), place)),
        ...devices.map((device) => deviceCounter(counted, id, device, place)),
        accountCounter(counted, id, place),
      ]);
    });
  });
  return [...new Set(keys)];
}
