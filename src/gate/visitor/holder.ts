/** On whose account an exchange or a websocket counts, so that no visitor can use up what all share. */
import { addressBlock } from '../../core/request/address-block.ts';
import type { Visitor } from '../../core/access/decision.ts';

/** An account of shares. */
export interface Holder {
  /** A session; or the address of an anonymous visitor, IPv6 by its /64. */
  readonly key: string;
  /** What many of these may belong to: a user, or the /48 of an IPv6 address; null for IPv4. */
  readonly group: string | null;
  readonly isAnonymous: boolean;
}

/** How many shares of one holder its whole group may use. */
export const GROUP_SHARES = 4;

/** The holder behind a request. */
export function holderOf(visitor: Visitor | null, clientIp: string): Holder {
  if (visitor !== null) {
    const { session, user } = visitor;
    return { key: `session ${session.id}`, group: `user ${user.id}`, isAnonymous: false };
  }
  const block = addressBlock(clientIp);
  const isIpv6 = block.endsWith('/64');
  const group = isIpv6 ? `network ${block.split(':', 3).join(':')}` : null;
  return { key: `address ${block}`, group, isAnonymous: true };
}
