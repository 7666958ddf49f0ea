/**
 * Checks the passwords of programs outside of flows. They count as sign-ins do, on the same counters, so
 * this is no way around the limits. A user with a second factor, whichever it is, needs a token instead.
 */
import type { Accounts } from '../../core/people/account.ts';
import type { Directory } from '../../core/people/directory.ts';
import type { Method } from '../../core/people/session.ts';
import type { Subject } from '../../core/people/subject.ts';
import type { CheckPassword } from '../../core/proof/basic-password.ts';
import { provePassword } from '../../core/proof/password-proof.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Clock } from '../../core/values/system.ts';
import { type Attempt, provePasswordOf, type SecretPorts } from './prove.ts';

/** Longest username, in characters, as a subject of a flow has it. */
const MAX_LOGIN = 254;

/** What checking them needs. */
export interface BasicPasswordParts extends SecretPorts {
  readonly accounts: Pick<Accounts, 'isKnownDevice' | 'authenticators'>;
  readonly directories: Pick<Directory, 'find' | 'read' | 'verifyPassword'>;
  readonly clock: Clock;
}

/** Joins the parts. */
export function createPasswordCheck(parts: BasicPasswordParts): CheckPassword {
  const { accounts, directories, clock } = parts;
  return async ({ login: typed, password, clientIp }) => {
    const login = typed.trim();
    // As on the page: these are no guesses.
    if (login.length > MAX_LOGIN || password === '') return { refused: 'wrong' };
    const known = await directories.find(login, ['username']);
    const subject = { login, userId: known?.id ?? null };
    const trier = {
      device: null,
      flow: { name: '' },
      facts: { clientIp },
      requestId: null,
      now: clock.now(),
    };
    const ctx = {
      ports: { directories },
      prove: (_: Method, of: Subject, verify: Attempt['verify']) =>
        provePasswordOf(parts, trier, of, verify),
    };
    const proof = await provePassword(ctx, { subject, user: known }, password);
    switch (proof.result) {
      case 'right':
        break;
      case 'busy':
        throw new Problem('passwords/busy', 'Too many passwords are being checked.', {
          status: 503,
          retryAfter: 2,
        });
      case 'throttled':
        return { refused: 'throttled', retryAt: proof.retryAt };
      default:
        return { refused: proof.result === 'expired' ? 'expired' : 'wrong' };
    }
    // As it is now: checking the password took its time.
    const user = await directories.read(known?.id ?? '');
    if (user === null || user.disabled) return { refused: 'wrong' };
    const factors = await accounts.authenticators(user.id);
    return factors.length > 0 ? { refused: 'second-factor' } : { user };
  };
}
