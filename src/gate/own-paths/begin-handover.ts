/**
 * The begin of a handover on the host of an app: the browser gets a nonce, and carries a sealed
 * request to the portal. Nothing is stored, since anyone may begin one.
 */
import {
  HANDOVER_PATH,
  REQUEST_LASTS,
  sealRequest,
  UNSENT_PATH,
} from '../../core/access/handover-request.ts';
import { checkReturnTo, originOf } from '../../core/access/return-to.ts';
import type { Reply } from '../../core/request/dialect.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { Clock, Random, Vault } from '../../core/values/system.ts';
import { nonceFor } from './nonce.ts';
import { onlyParameter } from './parameter.ts';

/** What beginning a handover needs. */
export interface BeginPorts {
  readonly vault: Vault;
  readonly random: Random;
  readonly clock: Clock;
}

/** Leads to the portal. */
export function beginHandover(
  { vault, random, clock }: BeginPorts,
  snapshot: Snapshot,
  facts: RequestFacts,
): Reply {
  const { site } = snapshot;
  const origin = originOf(site, facts.host, facts.port);
  const nonce = nonceFor({ vault, random }, snapshot, facts);
  const request = sealRequest(vault, {
    origin,
    returnTo: returnToOf(snapshot, facts, origin),
    nonce: nonce.name,
    until: clock.now() + REQUEST_LASTS,
  });
  const to = `${site.origin}${HANDOVER_PATH}?request=${request}`;
  return { kind: 'redirect', status: 302, to, cookies: nonce.cookies };
}

/** A URL of this host, and none of our own paths that could lead in circles; or the front page. */
function returnToOf({ site, table }: Snapshot, facts: RequestFacts, origin: string): string {
  const checked = checkReturnTo(onlyParameter(facts.query, 'rd'), site, table);
  const isOfHost = checked?.startsWith(`${origin}/`) === true;
  const isOurs = checked?.startsWith(`${origin}/.doorward/`) === true;
  const isUnsent = checked?.startsWith(`${origin}${UNSENT_PATH}?id=`) === true;
  return isOfHost && (!isOurs || isUnsent) ? checked : `${origin}/`;
}
