/** Sign-out from inside an app. */
import { originOf } from '../../core/access/return-to.ts';
import { signOutTarget } from '../../core/access/sign-out-target.ts';
import type { Reply } from '../../core/request/dialect.ts';
import { isSafe, type RequestFacts } from '../../core/request/facts.ts';
import type { Route } from '../../core/routes/route.ts';
import { siteOf } from '../../core/setup/domain.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import { appCookie, isHandedOver, ticketLine } from '../../core/setup/ticket-cookie.ts';
import { flowUrl } from '../reply/flow-url.ts';
import { onlyParameter } from './parameter.ts';

/**
 * Leads to the sign-out page, which ends the session on all hosts, and then to an address that the route
 * lists, or else to the app's front page. The portal cannot remove a cookie of this host, so it is removed here; a user who stays signed
 * in gets a new one by a handover.
 */
export function signOutReply(snapshot: Snapshot, { signOut }: Route, facts: RequestFacts): Reply {
  const { host, port, method, query } = facts;
  const site = siteOf(snapshot, host);
  const listed = signOutTarget(signOut.to, onlyParameter(query, 'rd'));
  const returnTo = listed ?? `${originOf(site, host, port)}/`;
  const cookies = isHandedOver(snapshot, host)
    ? [ticketLine(snapshot, appCookie(snapshot, host), '', 0)]
    : [];
  return {
    kind: 'redirect',
    status: isSafe(method) ? 302 : 303,
    to: flowUrl(site, { flow: 'logout', returnTo }),
    cookies,
  };
}
