/**
 * Where users go after a sign-out. URLs that the operator listed are compared as they are: a prefix, an
 * origin or another spelling matches nothing.
 */
import type { RouteTable } from '../routes/route.ts';
import { checkReturnTo, type Site } from './return-to.ts';

/** The listed URLs, for sign-outs on the portal. */
export interface SignOutTargets {
  /** The default; null: the portal's front page. */
  readonly home: string | null;
  /** Those of the gateway and of all routes. */
  readonly listed: ReadonlySet<string>;
}

/** The URL for a sign-out from an app: the named one if it is listed, else the default; null without a list. */
export function signOutTarget(listed: readonly string[], named: string | null): string | null {
  return named !== null && listed.includes(named) ? named : (listed[0] ?? null);
}

/**
 * The return-to of a sign-out flow: a listed URL, or a URL of the portal or of a route. Any other value
 * is replaced by the default; null without one.
 */
export function checkSignOutTo(
  raw: string | null | undefined,
  {
    site,
    table,
    signOutTo,
  }: { readonly site: Site; readonly table: RouteTable; readonly signOutTo: SignOutTargets },
): string | null {
  if (isListed(raw, signOutTo)) return raw;
  return checkReturnTo(raw, site, table) ?? signOutTo.home;
}

/** Whether the operator listed exactly this URL. */
export function isListed(
  url: string | null | undefined,
  { listed }: SignOutTargets,
): url is string {
  return typeof url === 'string' && listed.has(url);
}
