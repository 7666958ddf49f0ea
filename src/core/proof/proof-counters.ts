/**
 * Names of the counters that limit guesses at one user's secrets, shared by the code that counts and
 * the code that resets. Pure.
 */
import { AUTHENTICATOR_KINDS } from '../people/account.ts';
import { foldName, type User } from '../people/user.ts';
import { addressBlock } from '../request/address-block.ts';
import type { Vault } from '../values/system.ts';

/** Methods whose failures are counted. */
const METHODS = ['password', 'email_link', 'mtls', ...AUTHENTICATOR_KINDS];

/** The counted name of a method while it is set up, which is counted separately. */
export function setUpName(method: string): string {
  return `setup:${method}`;
}

/**
 * The scope of a counter: all networks, or one network for passkeys. A signature cannot be guessed, so
 * counting tries from all networks would only let strangers lock users out.
 */
export function scopeOf(method: string, ip: string): string {
  return method === 'webauthn' ? `:${addressBlock(ip)}` : '';
}

/** The name of a login as typed, for counters. */
export function typedName(vault: Pick<Vault, 'name'>, login: string): string {
  return vault.name('login', foldName(login));
}

/** Counter of tries for a login as typed; `login` is its `typedName`. */
export function typedCounter(counted: string, login: string, scope: string): string {
  return `typed:${counted}:${login}${scope}`;
}

/** Counter of tries for an account under all its names. */
export function accountCounter(counted: string, owner: string, scope: string): string {
  return `account:${counted}:${owner}${scope}`;
}

/** Counter of tries on a device that has signed the user in before. */
export function deviceCounter(
  counted: string,
  userId: string,
  device: string,
  scope: string,
): string {
  return `device:${counted}:${userId}:${device}${scope}`;
}

/** The user whose counters are listed. */
export interface CountedUser {
  readonly id: string;
  /** Null: only the id is known. */
  readonly user: Pick<User, 'name' | 'email'> | null;
  /** One-way names of the known devices. */
  readonly devices: readonly string[];
  /** Addresses of the user's recent sign-ins. */
  readonly addresses: readonly string[];
}

/** All counters of a user whose names can be derived; those of passkeys only for these addresses. */
export function countersOfUser(
  vault: Pick<Vault, 'name'>,
  { id, user, devices, addresses }: CountedUser,
): readonly string[] {
  const logins = [user?.name ?? '', user?.email ?? ''].filter((login) => login !== '');
  const keys = METHODS.flatMap((method) => {
    const scopes = method === 'webauthn' ? addresses.map((ip) => scopeOf(method, ip)) : [''];
    return [method, setUpName(method)].flatMap((counted) =>
      scopes.flatMap((scope) => [
        ...logins.map((login) => typedCounter(counted, typedName(vault, login), scope)),
        ...devices.map((device) => deviceCounter(counted, id, device, scope)),
        accountCounter(counted, id, scope),
      ]),
    );
  });
  return [...new Set(keys)];
}
