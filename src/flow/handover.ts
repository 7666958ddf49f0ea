/**
 * A double submit: the browser drops the first answer, Set-Cookie and all, and shows the
 * second. So the plan keeps the ticket's cookie for half a minute, sealed with the server's
 * secret and this browser's own, and the second answer carries it too. No second session.
 */
import type { Plan } from '../core/plan.ts';
import type { Vault } from '../core/ports.ts';
import { ticketCookie } from './cookies.ts';
import type { Run } from './run.ts';

/** How long, in milliseconds. */
const HANDED_FOR = 30_000;
const PURPOSE = 'handed';

interface Deps {
  readonly vault: Vault;
}

/** The plan with the cookie's value in it, for this browser alone. */
export function handOver(deps: Deps, plan: Plan, value: string, run: Run): Plan {
  const sealed = deps.vault.seal(PURPOSE, run.browser.secret, value);
  return {
    ...plan,
    handed: { sealed: Buffer.from(sealed).toString('base64url'), until: run.now + HANDED_FOR },
  };
}

/** The Set-Cookie line for whoever submitted the same form again, if there is one. */
export function handed(deps: Deps, plan: Plan, run: Run): readonly string[] {
  const kept = plan.handed;
  if (kept === undefined || plan.browser !== run.browser.name || run.now >= kept.until) return [];
  const value = deps.vault.open(PURPOSE, run.browser.secret, Buffer.from(kept.sealed, 'base64url'));
  return value === null ? [] : [ticketCookie(run.snapshot, value)];
}
