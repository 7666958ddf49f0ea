/**
 * A new token on its way to the page that shows it, once: in a cookie that the next page of the run removes.
 * It is sealed for this browser and bound to its network, like the cookies of double submits; no plan, log
 * or store contains it in clear, and loading the page again does not show it again.
 */
import type { Vault } from '../../core/values/system.ts';
import { readShownCookie, shownCookie } from './cookies.ts';
import { bindingOf } from './double-submits.ts';
import type { Run, ShownOnce } from '../run/run.ts';

/** How long it may take to reach its page, in milliseconds. */
const SHOWN_FOR = 60_000;
const PURPOSE = 'shown-once';

type Seen = Pick<Run, 'snapshot' | 'browser' | 'facts' | 'now'>;

/** The Set-Cookie line. */
export function showOnce(
  { vault }: { readonly vault: Pick<Vault, 'seal'> },
  { planId, text }: ShownOnce,
  run: Seen,
): string {
  const content = JSON.stringify([planId, run.now + SHOWN_FOR, text]);
  const sealed = Buffer.from(vault.seal(PURPOSE, bindingOf(run), content)).toString('base64url');
  return shownCookie(run.snapshot, sealed, SHOWN_FOR / 1000);
}

/** What the request brings to be shown; undefined if there is nothing, or it is too old or not this browser's. */
export function toShow(vault: Pick<Vault, 'open'>, run: Seen): ShownOnce | undefined {
  const value = readShownCookie(run.snapshot, run.facts.header('cookie'));
  if (value === null) return undefined;
  const content = vault.open(PURPOSE, bindingOf(run), Buffer.from(value, 'base64url'));
  if (content === null) return undefined;
  const [planId, until, text] = JSON.parse(content) as [string, number, string];
  return run.now < until ? { planId, text } : undefined;
}
