/**
 * Verifies passwords by a bind, each on a connection of its own that is closed afterwards: a
 * connection bound as a user must never serve a search.
 */
import { MAX_PASSWORD_BYTES, type PasswordVerdict } from '../../core/people/password.ts';
import { Problem } from '../../core/values/problem.ts';
import { Refused } from './protocol/connection.ts';
import { policyError, type Result } from './protocol/messages.ts';
import { refusedBy, type Servers, unavailable } from './servers.ts';

/** Most binds at the same time; more are `busy`. */
const MAX_BINDS = 16;

/** What a bind needs. */
export interface BindParts {
  readonly name: string;
  /** Connections that nothing is done with before the bind. */
  readonly servers: Servers;
}

/** Verifies the password of an entry. Rejects with Problem `directory/unavailable` or `directory/refused`. */
export type VerifyByBind = (dn: string, password: string) => Promise<PasswordVerdict>;

/** Binds to these servers. */
export function createBinding({ name, servers }: BindParts): VerifyByBind {
  let open = 0;
  return async (dn, password) => {
    if (open >= MAX_BINDS) return 'busy';
    open += 1;
    try {
      const { connection, worked, failed } = await servers.connect();
      try {
        const verdict = verdictOf(await connection.bind(dn, password), name);
        worked();
        return verdict;
      } catch (caught) {
        if (caught instanceof Problem) throw caught;
        failed(caught);
        throw unavailable(name, caught);
      } finally {
        connection.close();
      }
    } finally {
      open -= 1;
    }
  };
}

/**
 * The password as typed, with composed letters; null for one that must not be sent. Not NFKC, because
 * servers store `²` and `½` as they were typed. NUL would end it early, and an empty password is a bind
 * that succeeds for everyone (RFC 4513, section 5.1.2).
 */
export function sendable(raw: string): string | null {
  if (raw.length === 0 || raw.length > MAX_PASSWORD_BYTES || !raw.isWellFormed()) return null;
  if (raw.includes('\0')) return null;
  const text = raw.normalize('NFC');
  return Buffer.byteLength(text) > MAX_PASSWORD_BYTES ? null : text;
}

/** noSuchObject, invalidDNSyntax, inappropriateAuthentication, invalidCredentials and other refusals of this user. */
const WRONG: ReadonlySet<number> = new Set([19, 32, 34, 48, 49, 50, 53]);

function verdictOf(result: Result, name: string): PasswordVerdict {
  if (result.code === 0) return mustChange(result) ? 'expired' : 'right';
  if (WRONG.has(result.code)) return isExpired(result) ? 'expired' : 'wrong';
  const cause = new Refused('the bind failed', result);
  if (result.code === 51 || result.code === 52) throw unavailable(name, cause);
  throw refusedBy(name, cause);
}

/**
 * Active Directory reports these only with the right password: expired (532), must change (773). What
 * it also reports with a wrong one, such as a locked account (775), must look like a wrong password.
 */
function isExpired(result: Result): boolean {
  return /\bdata (?:532|773)\b/.test(result.text) || policyError(result) === PASSWORD_EXPIRED;
}

function mustChange(result: Result): boolean {
  const error = policyError(result);
  return error === CHANGE_AFTER_RESET || error === PASSWORD_EXPIRED;
}

const PASSWORD_EXPIRED = 0;
const CHANGE_AFTER_RESET = 2;
