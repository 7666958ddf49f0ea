/** What an email says about the request that caused it. */
import { browserName } from '../../core/people/browser-name.ts';
import type { Occasion } from '../../core/flow/mail.ts';
import type { User } from '../../core/people/user.ts';
import type { Run } from './run.ts';

/**
 * The occasion of an email sent by this run. It names the account, never what the user typed. Without
 * an account, the email is about a new one, whatever else the flow is for.
 */
export function occasionOf({ flow, facts }: Run, user: User | null): Occasion {
  return {
    designation: user === null ? 'enrollment' : flow.designation,
    account: user?.name ?? '',
    browser: browserName(facts.header('user-agent') ?? ''),
    address: facts.clientIp,
  };
}
