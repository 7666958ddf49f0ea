/**
 * A username and the user's own password in the Authorization field, where the path accepts both. A
 * password that was right is believed for a minute while its user does not change, so that a client that
 * sends it with every request causes one hash a minute. It is kept under a keyed name alone.
 *
 * It is believed only at the address where it was checked, and only until another password is shown there
 * for the same name. Otherwise guesses that the limits refuse would be compared with what is in memory,
 * without limit.
 */
import { LRUCache } from 'lru-cache';
import type { GrantVisitor } from '../../core/access/decision.ts';
import type { Rejected } from '../../core/access/visitors.ts';
import { readAuthorization } from '../../core/proof/authorization.ts';
import type { CheckPassword, ShownPassword } from '../../core/proof/basic-password.ts';
import { passwordGrant } from '../../core/routes/grant.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Read } from './credential-cache.ts';
import { createCredentialMemory, type MemoryParts } from './credential-memory.ts';
import type { ProgramReader } from './program-reader.ts';

/** What reading passwords needs. */
export interface PasswordParts extends Pick<MemoryParts, 'directory' | 'clock' | 'capacity'> {
  /** Announces new authenticators. */
  readonly accounts: NonNullable<MemoryParts['accounts']>;
  readonly check: CheckPassword;
  readonly vault: Pick<Vault, 'memoryName'>;
}

/** How long a password that was right is believed, in milliseconds: some servers announce no change. */
const MAX_AGE = 60_000;

/** Most names and addresses at which the password of one user is remembered. */
const MOST_OF_USER = 500;
/** Wrong passwords that are remembered for as long: a program with an old one repeats it forever. */
const REFUSED = 1_000;
/** Names and addresses whose last password is known. What is forgotten is checked again. */
const LAST = 5_000;

/** Reads passwords until it is closed. */
export function createPasswordReader({ check, vault, ...parts }: PasswordParts): ProgramReader {
  const { clock } = parts;
  /** By the same name as in memory, and until when, in epoch milliseconds. */
  const wrong = new LRUCache<string, number>({ max: REFUSED });
  const keyOf = createKeys();
  const memory = createCredentialMemory<Read>({
    ...parts,
    maxAge: MAX_AGE,
    changed: () => wrong.clear(),
  });
  const load = async (name: string, shown: ShownPassword): Promise<Read | Rejected> => {
    const checked = await check(shown);
    if ('user' in checked) {
      const { user } = checked;
      const visitor: GrantVisitor = { session: null, grant: passwordGrant(user.id), user };
      return { visitor, shares: [{ name: user.id, most: MOST_OF_USER }] };
    }
    if (checked.refused === 'throttled') {
      return { rejected: 'password/throttled', retryAt: checked.retryAt };
    }
    if (checked.refused === 'wrong') wrong.set(name, clock.now() + MAX_AGE);
    return { rejected: `password/${checked.refused}` };
  };
  return {
    name: 'password',
    find({ header, clientIp }, _purpose, accepts = null) {
      if (accepts?.passwords !== true) return undefined;
      const shown = readAuthorization(header('authorization') ?? '');
      if (shown?.scheme !== 'basic') return undefined;
      const { user: login, password } = shown;
      // Neither contains a NUL.
      const name = vault.memoryName('basic-password', `${login}\0${password}`);
      // The same guess again reveals nothing, so it costs nothing.
      if (clock.now() < (wrong.get(name) ?? 0)) return WRONG;
      const key = keyOf(`${login}\0${clientIp}`, name);
      const known = memory.get(key);
      if (known !== undefined) return known.visitor;
      return memory
        .read(key, () => load(name, { login, password, clientIp }))
        .then((found) => ('rejected' in found ? found : found.visitor));
    },
    remembered: () => memory.size(),
    close: () => memory.close(),
  };
}

/** Keys in memory: another one each time the password shown by `who` is not the last one. */
function createKeys(): (who: string, name: string) => string {
  const last = new LRUCache<string, { readonly name: string; readonly key: string }>({ max: LAST });
  let count = 0;
  return (who, name) => {
    const known = last.get(who);
    if (known?.name === name) return known.key;
    count += 1;
    const key = `${count} ${name}`;
    last.set(who, { name, key });
    return key;
  };
}

const WRONG: Rejected = { rejected: 'password/wrong' };
