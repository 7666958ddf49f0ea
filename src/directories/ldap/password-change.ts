/**
 * Sets passwords as the account that searches, each over a connection of its own that has TLS. What the server's policy
 * refuses becomes a Problem that the user can act on.
 */
import { Problem } from '../../core/values/problem.ts';
import { type Connection, type PasswordOperation, Refused } from './protocol/connection.ts';
import { policyError, type Result } from './protocol/messages.ts';
import { refusedBy, type Servers, unavailable } from './servers.ts';

/** What changing passwords needs. */
interface PasswordChangeParts {
  readonly name: string;
  readonly servers: Servers;
  /** Binds a new connection. */
  readonly prepare: (connection: Connection) => Promise<void>;
  readonly operation: PasswordOperation;
}

/**
 * Sets the password of an entry. Problems: `password/short`, `password/weak`, `password/used`, `password/recent` and
 * `password/refused` (409) by the server's policy; `directory/refused` and `directory/unavailable` (503).
 */
export type ChangePassword = (dn: string, password: string) => Promise<void>;

/** Changes passwords on these servers. */
export function createPasswordChange(parts: PasswordChangeParts): ChangePassword {
  const { name, servers, prepare, operation } = parts;
  return async (dn, password) => {
    const { connection, worked, failed } = await servers.connect(prepare);
    try {
      // Never repeated: the server may have set it without an answer.
      const result = await connection.setPassword(dn, password, operation);
      worked();
      if (result.code !== 0) throw refusalOf(name, result);
    } catch (caught) {
      if (caught instanceof Problem) throw caught;
      failed(caught);
      throw unavailable(name, caught);
    } finally {
      connection.close();
    }
  };
}

/** Errors of the policy that concern the new password. */
const POLICY_REFUSALS: ReadonlyMap<number, string> = new Map([
  [5, 'password/weak'],
  [6, 'password/short'],
  [7, 'password/recent'],
  [8, 'password/used'],
]);
const CONSTRAINT_VIOLATION = 19;

function refusalOf(name: string, result: Result): Problem {
  const cause = new Refused('the password was not changed', result);
  if (result.code === 51 || result.code === 52) return unavailable(name, cause);
  const ofPolicy = POLICY_REFUSALS.get(policyError(result) ?? -1);
  // 0x52d is Microsoft's ERROR_PASSWORD_RESTRICTION, for whatever reason, with several results.
  const isOfPolicy = result.code === CONSTRAINT_VIOLATION || /^0000052D\b/i.test(result.text);
  if (ofPolicy === undefined && !isOfPolicy) return refusedBy(name, cause);
  return new Problem(
    ofPolicy ?? 'password/refused',
    `The directory ${name} refuses the password.`,
    {
      status: 409,
      cause,
    },
  );
}
