/**
 * The portal's part of a handover: a visitor who is signed in here gets a one-time code for the host
 * that asked. The code is worthless without the nonce of the browser that began the handover.
 */
import { ARRIVE_PATH, type HandoverRequest, openRequest } from '../core/access/handover-request.ts';
import { checkReturnTo } from '../core/access/return-to.ts';
import { type PortalVisitors, signedInOf } from '../core/access/visitors.ts';
import { HANDOVER_LASTS, type HandoverStore } from '../core/people/handover.ts';
import type { RequestFacts } from '../core/request/facts.ts';
import type { Snapshot } from '../core/setup/snapshot.ts';
import type { Clock, Random, Vault } from '../core/values/system.ts';

/** What handing over needs. */
export interface HandoverPorts {
  readonly visitors: PortalVisitors;
  readonly handovers: Pick<HandoverStore, 'put'>;
  readonly vault: Pick<Vault, 'open'>;
  readonly random: Random;
  readonly clock: Clock;
}

/**
 * Where the browser goes: back with a code, or back to the app, which asks for a sign-in, if there is
 * no session here. Null for a request that is not ours, has expired, or leads to no route. Rejects
 * with a Problem if the store is down.
 */
export async function handOver(
  { visitors, handovers, vault, random, clock }: HandoverPorts,
  snapshot: Snapshot,
  { facts, sealed }: { readonly facts: RequestFacts; readonly sealed: string | null },
): Promise<string | null> {
  const request = openRequest(vault, sealed, clock.now());
  if (request === null || !isOfRoute(snapshot, request)) return null;
  const { origin, returnTo, nonce } = request;
  const visitor = signedInOf(await visitors.find(facts));
  const ticket = visitor === null ? null : await visitors.ticket(facts.header('cookie'));
  if (visitor === null || ticket === null) return returnTo;
  const { session } = visitor;
  const code = random.token(16);
  await handovers.put(code, {
    ticket,
    origin,
    returnTo,
    nonce,
    until: clock.now() + HANDOVER_LASTS,
    remembered: session.remembered === true ? session.expiresAt : null,
  });
  return `${origin}${ARRIVE_PATH}?code=${code}`;
}

/** Checked again, because routes may have changed since the host sealed the request. */
function isOfRoute({ site, table }: Snapshot, { origin, returnTo }: HandoverRequest): boolean {
  const checked = checkReturnTo(returnTo, site, table);
  return checked !== null && origin !== site.origin && checked.startsWith(`${origin}/`);
}
