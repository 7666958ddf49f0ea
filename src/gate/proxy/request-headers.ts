/**
 * The header fields that an app receives: the client's without those of this hop and without every
 * name that is ours, then ours. Ours are written last, so no `Connection` of a client can remove one.
 */
import type { Inbound } from '../../core/request/dialect.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import type { ReservedNames } from '../../core/access/identity.ts';
import { addressFields } from '../../core/access/request-fields.ts';
import type { User } from '../../core/people/user.ts';
import type { MessageRules } from '../../core/routes/messages.ts';
import { isNamed, nameAt, pairCount, valueAt } from '../../core/request/header-pairs.ts';
import { stripCookies } from '../../core/request/cookie.ts';
import { addListed, fateOf, type Reserved } from './hop-by-hop.ts';
import { hopAddress } from '../request/trust.ts';

/** What the fields are made of. */
export interface Crossing {
  readonly inbound: Pick<Inbound, 'rawHeaders' | 'peer' | 'trusted' | 'isTrusted'>;
  readonly facts: RequestFacts;
  readonly identity: ReservedNames;
  /** Every identity field, flat; those without a value are empty. */
  readonly claims: readonly string[];
  /** What the operator changes for the app; null for nothing. */
  readonly messages: MessageRules | null;
  readonly user: User | null;
  /** The Authorization field in place of the client's; `''` for none, null to keep it. */
  readonly authorization: string | null;
  /** Names of our own cookies. */
  readonly cookies: readonly string[];
  /** Send the client's Host rather than the upstream's own. */
  readonly preserveHost: boolean;
  readonly requestId: string;
}

/** Flat name, value, name, value …; without Host unless it is preserved. */
export function requestHeaders(crossing: Crossing): string[] {
  const { inbound, facts, messages, authorization } = crossing;
  const reserved = messages ?? crossing.identity;
  const raw = inbound.rawHeaders;
  const listed = listedNames(reserved, raw);
  const flat: string[] = [];
  for (let i = 0; i < pairCount(raw); i += 1) {
    const name = nameAt(raw, i);
    const value = valueAt(raw, i);
    const fate = fateOf(reserved, name);
    if (fate === 'length') flat.push(name, value);
    else if (fate === 'drop' || fate === 'connection') continue;
    else if (fate === 'te') {
      // RFC 9110 §10.1.4: the only member that is not about this hop.
      if (/(?:^|,)\s*trailers\s*(?:,|$)/i.test(value)) flat.push(name, 'trailers');
    } else if (listed?.has(name.toLowerCase()) === true) continue;
    else if (fate === 'cookie') {
      const cookie = stripCookies(value, crossing.cookies);
      if (cookie !== '') flat.push(name, cookie);
    } else if (fate !== 'keep' && !inbound.trusted) continue;
    else if (authorization === null || name.toLowerCase() !== 'authorization') {
      flat.push(name, value);
    } else if (authorization !== '') flat.push(name, authorization);
  }
  if (crossing.preserveHost) flat.push('Host', authorityOf(facts));
  pushForwarded(flat, crossing);
  // Empty ones too: an app that finds no field could look for it under another name.
  flat.push(...crossing.claims);
  if (messages !== null) pushOwn(flat, messages, crossing.user);
  flat.push('X-Request-Id', crossing.requestId);
  return flat;
}

/** What the operator sets. Empty fields too, except Authorization: an app could take it for a wrong one. */
function pushOwn(flat: string[], { set, authorization }: MessageRules, user: User | null): void {
  for (const { name, value } of set) flat.push(name, value(user));
  const credentials = authorization?.(user) ?? '';
  if (credentials !== '') flat.push('Authorization', credentials);
}

/** The canonical host as in a Host field. */
function authorityOf(facts: RequestFacts): string {
  return facts.port === 0 ? facts.host : `${facts.host}:${facts.port}`;
}

function listedNames(reserved: Reserved, raw: readonly string[]): Set<string> | null {
  let listed: Set<string> | null = null;
  for (let i = 0; i < pairCount(raw); i += 1) {
    if (fateOf(reserved, nameAt(raw, i)) !== 'connection') continue;
    listed = addListed(listed, valueAt(raw, i));
  }
  return listed;
}

function pushForwarded(flat: string[], crossing: Crossing): void {
  const { facts, identity } = crossing;
  const authority = authorityOf(facts);
  const port = facts.port === 0 ? (facts.scheme === 'https' ? 443 : 80) : facts.port;
  const node = facts.clientIp.includes(':') ? `"[${facts.clientIp}]"` : facts.clientIp;
  const host = facts.port === 0 ? authority : `"${authority}"`;
  flat.push(
    'X-Forwarded-For',
    forwardedFor(crossing),
    'X-Forwarded-Proto',
    facts.scheme,
    'X-Forwarded-Host',
    authority,
    'X-Forwarded-Port',
    String(port),
  );
  for (const name of addressFields(identity.clientField)) flat.push(name, facts.clientIp);
  flat.push('Forwarded', `for=${node};host=${host};proto=${facts.scheme}`);
}

/**
 * The client, then the trusted hops after it, then the peer. Addresses left of the client are its own
 * claims and are dropped: many apps read the leftmost.
 */
function forwardedFor(crossing: Crossing): string {
  const { facts, inbound } = crossing;
  const { peer } = inbound;
  if (!inbound.trusted || facts.clientIp === peer) return facts.clientIp;
  const hops: string[] = [];
  const raw = inbound.rawHeaders;
  for (let i = 0; i < pairCount(raw); i += 1) {
    if (!isNamed(nameAt(raw, i), 'x-forwarded-for')) continue;
    for (const hop of valueAt(raw, i).split(',')) hops.push(hop);
  }
  const after: string[] = [];
  for (let i = hops.length - 1; i >= 0; i -= 1) {
    // Without its port, as apps expect it.
    const hop = hopAddress(hops[i] ?? '');
    if (hop === null || hop === facts.clientIp || !inbound.isTrusted(hop)) break;
    after.push(hop);
  }
  after.reverse();
  return [facts.clientIp, ...after, peer].join(', ');
}
