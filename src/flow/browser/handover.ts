/**
 * A double submit: the browser drops the first answer, Set-Cookie and all, and shows the
 * second. So the plan keeps the cookies for half a minute, sealed with the server's secret and
 * this browser's own, bound to where it came from, and the second answer carries them too. No second session.
 */
import { addressBlock } from '../../core/request/address-block.ts';
import type { Plan } from '../../core/flow/plan.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Run } from '../run/run.ts';

/** How long, in milliseconds. */
const HANDED_FOR = 30_000;
const PURPOSE = 'handed-cookies';

/**
 * What must be the same for the cookies to be handed over again: the secret of the browser, its
 * User-Agent, and the network it comes from. A request that was recorded whole, fields and cookies,
 * opens nothing from another machine.
 */
function bindingOf({ browser, facts }: Run): string {
  const agent = facts.header('user-agent') ?? '';
  return JSON.stringify([browser.secret, addressBlock(facts.clientIp), agent]);
}

interface Deps {
  readonly vault: Vault;
}

/** The plan with these Set-Cookie lines in it, for this browser alone. */
export function handOver(deps: Deps, plan: Plan, lines: readonly string[], run: Run): Plan {
  const sealed = deps.vault.seal(PURPOSE, bindingOf(run), lines.join('\n'));
  return {
    ...plan,
    handed: { sealed: Buffer.from(sealed).toString('base64url'), until: run.now + HANDED_FOR },
  };
}

/** The lines for whoever submitted the same form again, if there are any. */
export function handed(deps: Deps, plan: Plan, run: Run): readonly string[] {
  const kept = plan.handed;
  if (kept === undefined || plan.browser !== run.browser.name || run.now >= kept.until) return [];
  const text = deps.vault.open(PURPOSE, bindingOf(run), Buffer.from(kept.sealed, 'base64url'));
  return text === null ? [] : text.split('\n');
}
