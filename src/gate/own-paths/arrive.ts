/**
 * The end of a handover on the host of an app: the code is used up, whatever follows. Only for the
 * host it was made for, and in the browser that asked for it, it becomes a cookie of this host.
 */
import { checkReturnTo, originOf } from '../../core/access/return-to.ts';
import type { HandoverStore } from '../../core/people/handover.ts';
import type { Tickets } from '../../core/people/session.ts';
import { findCookie, hasSeveral } from '../../core/request/cookie.ts';
import type { Reply } from '../../core/request/dialect.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { expiredEverywhere } from '../../core/request/set-cookie.ts';
import { type Refusal, refuse } from '../../core/request/refusal.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import { appCookie, ticketLine } from '../../core/setup/ticket-cookie.ts';
import type { Clock, Vault } from '../../core/values/system.ts';
import { nonceName } from './nonce.ts';
import { onlyParameter } from './parameter.ts';

/** What redeeming a code needs. */
export interface ArrivePorts {
  readonly handovers: Pick<HandoverStore, 'take'>;
  readonly tickets: Pick<Tickets, 'seal'>;
  readonly vault: Pick<Vault, 'name'>;
  readonly clock: Clock;
}

/** Why one of our paths did not serve a request, and where the visitor can start again. */
export interface Unserved {
  readonly refusal: Refusal;
  readonly startUrl: string;
}

const CODE = /^[A-Za-z0-9_-]{22}$/;

const NO_CODE = refuse(400, 'handover/code', 'expected one code');
const SPENT = refuse(410, 'handover/spent', 'the code was used before, has expired, or is unknown');
const OTHER_HOST = refuse(403, 'handover/other-host', 'the code was made for another host');
const OTHER_BROWSER = refuse(403, 'handover/other-browser', 'the code belongs to another browser');

/** Redeems the code of a request. Rejects with a Problem if the store is down. */
export async function arrive(
  { handovers, tickets, vault, clock }: ArrivePorts,
  snapshot: Snapshot,
  facts: RequestFacts,
): Promise<Reply | Unserved> {
  const { site, table } = snapshot;
  const origin = originOf(site, facts.host, facts.port);
  const refused = (refusal: Refusal, startUrl = `${origin}/`): Unserved => ({
    refusal,
    startUrl,
  });
  const code = onlyParameter(facts.query, 'code');
  if (code === null || !CODE.test(code)) return refused(NO_CODE);
  const handover = await handovers.take(code);
  if (handover === null) return refused(SPENT);
  if (handover.origin !== origin) return refused(OTHER_HOST);
  // Routes may have changed since the portal checked it.
  const returnTo = checkReturnTo(handover.returnTo, site, table) ?? `${origin}/`;
  if (nonceName(vault, snapshot, facts) !== handover.nonce) {
    // Perhaps two tabs began at the same moment, and the later nonce replaced the earlier one.
    return refused(OTHER_BROWSER, returnTo);
  }
  const cookie = appCookie(snapshot, facts.host);
  const { ticket, remembered } = handover;
  const sealed = await tickets.seal(ticket, cookie.scope);
  const seconds =
    remembered === null ? null : Math.max(0, Math.floor((remembered - clock.now()) / 1000));
  return {
    kind: 'redirect',
    status: 303,
    to: returnTo,
    cookies: [
      ...leftovers(snapshot, facts, cookie.name),
      ticketLine(snapshot, cookie, sealed, seconds),
    ],
  };
}

/** Expires cookies of this name in every scope: beside the new one, another would count as two. */
function leftovers({ site }: Snapshot, facts: RequestFacts, name: string): readonly string[] {
  const header = facts.header('cookie');
  const isThere = findCookie(header, name) !== null || hasSeveral(header, name);
  return isThere ? expiredEverywhere([name], facts.host, site.scheme) : [];
}
