/**
 * Double submits. The browser drops the first response with its Set-Cookie lines and shows the second.
 * The plan therefore stores the cookies for half a minute, sealed with the server's secret and this
 * browser's own and bound to its network, so that the second response carries them too. Neither
 * starts a second session.
 */
import { addressBlock } from '../../core/request/address-block.ts';
import type { Plan } from '../../core/flow/plan.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Run } from '../run/run.ts';

/** How long the cookies are stored, in milliseconds. */
const HANDED_FOR = 30_000;
const PURPOSE = 'handed-cookies';

/**
 * What must match for the cookies to be sent again: the browser's secret, its User-Agent, and its
 * network. A completely recorded request opens nothing from another machine.
 */
export function bindingOf({ browser, facts }: Pick<Run, 'browser' | 'facts'>): string {
  const agent = facts.header('user-agent') ?? '';
  return JSON.stringify([browser.secret, addressBlock(facts.clientIp), agent]);
}

/** The plan with these Set-Cookie lines in it, for this browser alone. */
export function handOver(
  { vault }: { readonly vault: Pick<Vault, 'seal'> },
  plan: Plan,
  lines: readonly string[],
  run: Run,
): Plan {
  const sealed = vault.seal(PURPOSE, bindingOf(run), lines.join('\n'));
  return {
    ...plan,
    handed: { sealed: Buffer.from(sealed).toString('base64url'), until: run.now + HANDED_FOR },
  };
}

/** The lines for a repeated submit of the same form, if any. */
export function handed(
  { vault }: { readonly vault: Pick<Vault, 'open'> },
  plan: Plan,
  run: Run,
): readonly string[] {
  const kept = plan.handed;
  if (kept === undefined || plan.browser !== run.browser.name || run.now >= kept.until) return [];
  const text = vault.open(PURPOSE, bindingOf(run), Buffer.from(kept.sealed, 'base64url'));
  return text === null ? [] : text.split('\n');
}
