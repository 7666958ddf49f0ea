/**
 * The upstreams and their members while the gateway runs. What a reload leaves as it is keeps its
 * connections, its counts and its standing; what it removes finishes its requests and then ends.
 */
import type { UpstreamGroup } from '../../core/routes/upstream.ts';
import { type Change, createStanding } from '../balance/standing.ts';
import { type Choose, createChoice } from '../balance/balance.ts';
import { createHealthChecks, type Later } from './health.ts';
import { createMember, type Member, memberKey } from './member.ts';
import { createShares, type Shares } from '../shares/shares.ts';

/** One upstream. */
export interface Group {
  readonly members: readonly Member[];
  /** How much of all members each visitor may use. */
  readonly shares: Shares;
  readonly choose: Choose<Member>;
}

/** Bounds that replace the configured ones, for each upstream. */
interface UpstreamLimits {
  readonly connections?: number;
  /** Requests that may wait for their turn; at least 1024 by default. */
  readonly waiting?: number;
}

/** What groups need. */
export interface GroupOptions {
  readonly limits: UpstreamLimits;
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** A number from 0 up to 1. */
  readonly chance: () => number;
  readonly later: Later;
  /** A member went out or came back. */
  readonly changed: (url: string, change: Change, cause: unknown) => void;
}

/** The upstreams. */
export interface Groups {
  of(group: UpstreamGroup): Group;
  /** These are in force: their members are checked, and what no longer belongs to any ends. */
  keep(groups: Iterable<UpstreamGroup>): void;
  /** The members of upstreams that have several, or checks. */
  watched(): readonly Member[];
  /** Cuts what is open. */
  close(): Promise<void>;
}

/** Requests to one app that may wait for their turn, where connections are few. */
const LEAST_WAITING = 1024;

/** None yet; each is made when it is first needed. */
export function createGroups(options: GroupOptions): Groups {
  const { limits } = options;
  const groups = new Map<string, Group>();
  const known = new WeakMap<UpstreamGroup, Group>();
  const members = createMembers(options);
  const groupOf = (group: UpstreamGroup): Group => {
    const connections = limits.connections ?? group.connections;
    const waiting = limits.waiting ?? Math.max(LEAST_WAITING, connections);
    const own = group.urls.map((url) => members.of(url, group));
    const choose = createChoice(group.balance, own);
    return { members: own, shares: createShares({ connections, waiting }), choose };
  };
  const of = (group: UpstreamGroup): Group => {
    let found = known.get(group);
    if (found === undefined) {
      const key = groupKey(group);
      found = groups.get(key) ?? groupOf(group);
      groups.set(key, found);
      known.set(group, found);
    }
    return found;
  };

  return {
    of,
    keep(all) {
      const inForce = new Set<string>();
      const kept = new Set<Member>();
      for (const group of all) {
        inForce.add(groupKey(group));
        if (isWatched(group)) of(group);
      }
      for (const [key, { members: own }] of groups) {
        if (!inForce.has(key)) groups.delete(key);
        else for (const member of own) kept.add(member);
      }
      members.keep(kept);
    },
    watched: () =>
      [...groups.values()].flatMap(({ members: own }) =>
        own.length > 1 || own[0]?.health !== null ? own : [],
      ),
    async close() {
      groups.clear();
      await members.close();
    },
  };
}

/** The members by their keys, those that leave, and the checks of those that stay. */
function createMembers(options: GroupOptions) {
  const { now, chance, changed } = options;
  const members = new Map<string, Member>();
  const leaving = new Set<Member>();
  const checks = createHealthChecks(options);
  return {
    of(url: string, group: UpstreamGroup): Member {
      const key = memberKey(url, group);
      let member = members.get(key);
      if (member === undefined) {
        const standing = createStanding({
          now,
          chance,
          checks: group.health,
          changed: (change, cause) => changed(url, change, cause),
        });
        member = createMember(url, group, standing);
        members.set(key, member);
      }
      return member;
    },
    /** Checks these. The others finish their requests. */
    keep(kept: ReadonlySet<Member>): void {
      for (const [key, member] of members) {
        if (kept.has(member)) continue;
        members.delete(key);
        leaving.add(member);
        const gone = (): void => void leaving.delete(member);
        Promise.all([member.pool.close(), member.sessions?.close()]).then(gone, gone);
      }
      checks.keep(kept);
    },
    async close(): Promise<void> {
      checks.keep(new Set());
      const all = [...members.values(), ...leaving].flatMap(({ pool, fresh, sessions }) => [
        pool,
        ...fresh,
        ...(sessions === null ? [] : [sessions]),
      ]);
      members.clear();
      await Promise.all(all.map((connections) => connections.destroy()));
    },
  };
}

/** Whether it has several members, or health checks. */
function isWatched({ urls, health }: UpstreamGroup): boolean {
  return urls.length > 1 || health !== null;
}

function groupKey({ urls, balance, health, tls, connections }: UpstreamGroup): string {
  return JSON.stringify([urls, balance, health, tls, connections]);
}
