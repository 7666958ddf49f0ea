/**
 * Chooses the member of an upstream for a request. Members in rotation come first; if none is, the
 * one with the least against it is tried rather than none.
 */
import type { Balance } from '../../core/routes/upstream.ts';
import type { Holder } from '../visitor/holder.ts';
import type { Standing } from './standing.ts';

/** A member as far as the choice is concerned. */
export interface Candidate {
  readonly url: string;
  readonly standing: Pick<Standing, 'rank'>;
  /** Requests and websockets that it serves now. */
  readonly busy: number;
}

/** Chooses for a visitor among those that were not tried; null if all were. */
export type Choose<T extends Candidate> = (holder: Holder, tried: ReadonlySet<T>) => T | null;

/** The choice among members, in their configured order. */
export function createChoice<T extends Candidate>(
  balance: Balance,
  members: readonly T[],
): Choose<T> {
  if (balance === 'least_busy') return leastBusy(members);
  if (balance === 'first') return (_, tried) => best(members, tried, () => 0);
  const seeds = new Map(members.map((member) => [member, hashOf(member.url)]));
  return (holder, tried) => {
    const key = hashOf(stickyKey(holder));
    // Rendezvous hashing: when a member goes out, only its own visitors move.
    return best(members, tried, (member) => mixed(key ^ (seeds.get(member) ?? 0)));
  };
}

/** Ties go round, so that idle members share requests. */
function leastBusy<T extends Candidate>(members: readonly T[]): Choose<T> {
  let next = 0;
  return (_, tried) => {
    const ordered = [...members.slice(next), ...members.slice(0, next)];
    const chosen = best(ordered, tried, ({ busy }) => busy);
    if (chosen !== null) next = (members.indexOf(chosen) + 1) % members.length;
    return chosen;
  };
}

/** The first with the lowest rank and, within it, the lowest cost. */
function best<T extends Candidate>(
  members: readonly T[],
  tried: ReadonlySet<T>,
  costOf: (member: T) => number,
): T | null {
  let chosen: T | null = null;
  let lowest = Number.POSITIVE_INFINITY;
  let least = Number.POSITIVE_INFINITY;
  for (const member of members) {
    if (tried.has(member)) continue;
    const rank = member.standing.rank();
    if (rank > lowest) continue;
    const cost = costOf(member);
    if (rank === lowest && cost >= least) continue;
    chosen = member;
    lowest = rank;
    least = cost;
  }
  return chosen;
}

/** What keeps a visitor with one member: the user, in all sessions, or the client's address. */
function stickyKey({ key, group, isAnonymous }: Holder): string {
  return isAnonymous ? key : (group ?? key);
}

/** 32-bit FNV-1a: equal in all processes and after a restart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** Spreads the bits (the finalizer of MurmurHash3), without which similar names would tie together. */
function mixed(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
