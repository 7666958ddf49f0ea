/** Addresses of flows, for redirects and login URLs. Built here and nowhere else on the hot path. */
import { MAX_RETURN_TO, type Site } from '../../core/access/return-to.ts';

/** Where a flow begins and ends. */
export interface FlowTarget {
  readonly flow: string;
  /** Where the flow leads back to. */
  readonly returnTo: string;
  /** Sign in again although already signed in, as the same user or as another. */
  readonly as?: 'same' | 'other' | null;
  /** What the flow's first page says beside its question. */
  readonly notice?: 'unsent' | null;
}

/**
 * The address of a flow. A return-to that the portal would refuse for its length loses its path: the
 * app's front page is better than a dead end.
 */
export function flowUrl(
  site: Site,
  { flow, returnTo, as = null, notice = null }: FlowTarget,
): string {
  let back = returnTo.includes('"') ? returnTo.replaceAll('"', '%22') : returnTo;
  if (back.length > MAX_RETURN_TO) back = back.slice(0, back.indexOf('/', 8) + 1);
  const user = as === null ? '' : `as=${as}&`;
  const shown = notice === null ? '' : `&notice=${notice}`;
  return `${site.origin}/flow/${flow}?${user}rd=${encodeURIComponent(back)}${shown}`;
}
