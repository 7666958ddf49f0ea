/** Whose share an exchange or a websocket uses, so that no visitor can use up what all of them share. */
import type { Visitor } from '../../core/access/decision.ts';
import { addressBlock } from '../../core/request/address-block.ts';

/** An account of shares. */
export interface Holder {
  /** A session, token or the like; for an anonymous visitor the address, IPv6 by its /64. */
  readonly key: string;
  /** What many holders may belong to: a user, or the /48 of an IPv6 address; null for IPv4. */
  readonly group: string | null;
  readonly isAnonymous: boolean;
}

/** How many shares of one holder its whole group may use. */
export const GROUP_SHARES = 4;

/** The holder behind a request. */
export function holderOf(visitor: Visitor | null, clientIp: string): Holder {
  if (visitor !== null) {
    const { session, user } = visitor;
    const key =
      session === null
        ? `${visitor.grant.credential} ${visitor.grant.id}`
        : `session ${session.id}`;
    return { key, group: `user ${user.id}`, isAnonymous: false };
  }
  const block = addressBlock(clientIp);
  const isIpv6 = block.endsWith('/64');
  const group = isIpv6 ? `network ${block.split(':', 3).join(':')}` : null;
  return { key: `address ${block}`, group, isAnonymous: true };
}
