/**
 * The work done for a name that no directory has. Each unknown name always takes the same cost, chosen in
 * proportion to how many users have hashes of that cost. Then neither one measurement nor many distinguish
 * unknown names from known ones.
 */
import type { Directory } from '../core/people/directory.ts';
import { hashAt, type HashCost, mergeCosts } from '../core/people/hash-cost.ts';
import type { Passwords, PasswordVerdict } from '../core/people/password.ts';
import type { Vault } from '../core/values/system.ts';
import { foldName } from '../core/people/user.ts';

/** What decoys need. The vault's signature is keyed: a visitor cannot compute which cost a name gets. */
export interface DecoyTools {
  readonly passwords: Pick<Passwords, 'verify'>;
  readonly vault: Pick<Vault, 'sign'>;
}

/** Users that a directory is taken to have if it verifies passwords elsewhere. They cannot be counted cheaply. */
const ASSUMED_USERS = 1_000;

/** The costs of all hashes of these directories. */
export async function hashCosts(directories: readonly Directory[]): Promise<readonly HashCost[]> {
  return mergeCosts(await Promise.all(directories.map(async (d) => (await d.hashCosts?.()) ?? [])));
}

/**
 * Verifies a password against the decoy of a name, which is never right: one of the hashes, or one of
 * the directories that verify passwords elsewhere.
 */
export async function verifyDecoy(
  directories: readonly Directory[],
  { passwords, vault }: DecoyTools,
  login: string,
  password: string,
): Promise<PasswordVerdict> {
  const signature = Buffer.from(vault.sign('decoy', foldName(login)), 'base64url');
  const share = signature.readUInt32BE(0) / 2 ** 32;
  const costs = await hashCosts(directories);
  const elsewhere = directories.filter((directory) => directory.hashCosts === undefined);
  const hashed = costs.reduce((sum, { users }) => sum + users, 0);
  const place = share * (hashed + elsewhere.length * ASSUMED_USERS);
  const directory = elsewhere[Math.floor((place - hashed) / ASSUMED_USERS)];
  const verdict =
    directory === undefined
      ? await passwords.verify(hashAt(costs, hashed === 0 ? share : place / hashed), password)
      : await directory.verifyPassword(null, password, login);
  return verdict === 'busy' ? 'busy' : 'wrong';
}
