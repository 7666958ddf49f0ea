/**
 * The work done for a name that no directory has. Each unknown name always takes the same cost, chosen in
 * proportion to how many users have hashes of that cost. Then neither one measurement nor many distinguish
 * unknown names from known ones.
 */
import { type HashCost, hashAt } from '../core/people/hash-cost.ts';
import type { Passwords, PasswordVerdict } from '../core/people/password.ts';
import type { Vault } from '../core/values/system.ts';
import { foldName } from '../core/people/user.ts';

/** What decoys need. The vault's signature is keyed: a visitor cannot compute which cost a name gets. */
export interface DecoyTools {
  readonly passwords: Pick<Passwords, 'verify'>;
  readonly vault: Pick<Vault, 'sign'>;
}

/** Verifies a password against the decoy of a name, chosen among hashes of these costs; never right. */
export async function verifyDecoy(
  costs: readonly HashCost[],
  { passwords, vault }: DecoyTools,
  login: string,
  password: string,
): Promise<PasswordVerdict> {
  const signature = Buffer.from(vault.sign('decoy', foldName(login)), 'base64url');
  const hash = hashAt(costs, signature.readUInt32BE(0) / 2 ** 32);
  return (await passwords.verify(hash, password)) === 'busy' ? 'busy' : 'wrong';
}
