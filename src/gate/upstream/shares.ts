/**
 * How much of one app each visitor may use at one time. Requests without a response yet share
 * `connections`; a response that has begun (an event stream, a download) counts against its visitor
 * alone. Neither one visitor nor all anonymous ones together can use up the whole.
 */
import { GROUP_SHARES, type Holder } from '../visitor/holder.ts';

/** Bounds of one app. */
export interface ShareBounds {
  /** Requests sent to the app that have no response yet. */
  readonly connections: number;
  /** Requests that wait for their turn to be sent. */
  readonly waiting: number;
}

/** Why there is no place: the visitor's own share is used up, or the app's as a whole. */
export type NoPlace = 'share' | 'busy';

/** The place of one exchange. */
export interface Place {
  readonly state: 'waiting' | 'pending' | 'begun' | 'over';
}

/** A request for a place. */
interface Entry {
  readonly isUpload: boolean;
  readonly start: () => void;
}

/** The places of one app. */
export interface Shares {
  /** Takes a place, or waits in line for one: then `start` is called when its turn comes. */
  enter(holder: Holder, entry: Entry): Place | NoPlace;
  /** The response has begun. */
  begin(place: Place): void;
  /** The whole body of the request has been sent. */
  uploaded(place: Place): void;
  /** The exchange is over or cancelled. */
  leave(place: Place): void;
}

interface Account {
  readonly key: string;
  pending: number;
  begun: number;
  uploads: number;
  waiting: number;
  /** Exchanges that refer to it. */
  uses: number;
  readonly line: Exchange[];
  /** Uploads wait apart, so that slow ones do not hold up what follows them. */
  readonly uploadLine: Exchange[];
}

interface Exchange extends Place {
  readonly own: Account;
  readonly group: Account | null;
  readonly isAnonymous: boolean;
  readonly start: () => void;
  isUpload: boolean;
  state: Place['state'];
}

/** Responses of one visitor that have begun. */
const LEAST_BEGUN = 128;

/** Requests of one visitor that may wait for their turn. */
const LEAST_WAITING = 64;

/** Counts for one app. */
export function createShares({ connections, waiting: mostWaiting }: ShareBounds): Shares {
  const share = Math.max(1, Math.ceil(connections / 8));
  const begunShare = Math.max(LEAST_BEGUN, share);
  const uploadShare = Math.max(1, Math.ceil(connections / 64));
  const most = {
    anonymous: Math.max(1, Math.ceil(connections / 2)),
    anonymousBegun: Math.max(4 * connections, 4 * LEAST_BEGUN),
    uploads: share,
    waiting: Math.max(LEAST_WAITING, share),
    anonymousWaiting: mostWaiting / 2,
  };
  const accounts = new Map<string, Account>();
  const lines = new Set<Exchange[]>();
  const all = {
    pending: 0,
    anonymous: 0,
    anonymousBegun: 0,
    uploads: 0,
    waiting: 0,
    anonymousWaiting: 0,
  };
  let isPumping = false;

  const accountOf = (key: string): Account => {
    let account = accounts.get(key);
    if (account === undefined) {
      account = {
        key,
        pending: 0,
        begun: 0,
        uploads: 0,
        waiting: 0,
        uses: 0,
        line: [],
        uploadLine: [],
      };
      accounts.set(key, account);
    }
    account.uses += 1;
    return account;
  };
  const release = (account: Account | null): void => {
    if (account === null) return;
    account.uses -= 1;
    if (account.uses === 0) accounts.delete(account.key);
  };

  const fits = ({ own, group, isAnonymous, isUpload }: Exchange): boolean => {
    if (all.pending >= connections || own.pending >= share) return false;
    if (group !== null && group.pending >= share * GROUP_SHARES) return false;
    if (!isAnonymous) return true;
    if (all.anonymous >= most.anonymous) return false;
    if (!isUpload) return true;
    if (all.uploads >= most.uploads || own.uploads >= uploadShare) return false;
    return group === null || group.uploads < uploadShare * GROUP_SHARES;
  };
  const count = (exchange: Exchange, what: 'pending' | 'begun' | 'uploads', by: 1 | -1): void => {
    const { own, group, isAnonymous } = exchange;
    own[what] += by;
    if (group !== null) group[what] += by;
    if (what === 'pending') all.pending += by;
    if (!isAnonymous) return;
    if (what === 'pending') all.anonymous += by;
    else if (what === 'begun') all.anonymousBegun += by;
    else all.uploads += by;
  };
  const countWaiting = ({ group, isAnonymous }: Exchange, by: 1 | -1): void => {
    all.waiting += by;
    if (group !== null) group.waiting += by;
    if (isAnonymous) all.anonymousWaiting += by;
  };
  const admit = (exchange: Exchange): void => {
    exchange.state = 'pending';
    count(exchange, 'pending', 1);
    if (exchange.isUpload) count(exchange, 'uploads', 1);
  };

  /** Gives free places to the lines in turn. */
  const pump = (): void => {
    isPumping = false;
    for (const line of lines) {
      if (all.pending >= connections) return;
      const [next] = line;
      if (next === undefined || !fits(next)) continue;
      line.shift();
      countWaiting(next, -1);
      lines.delete(line);
      if (line.length > 0) lines.add(line);
      admit(next);
      next.start();
    }
  };
  const schedule = (): void => {
    if (lines.size === 0 || isPumping) return;
    isPumping = true;
    // Later, since the caller may be in the middle of a change.
    process.nextTick(pump);
  };
  const lineOf = ({ own, isUpload }: Exchange): Exchange[] =>
    isUpload ? own.uploadLine : own.line;

  /** Why it may not even wait, or null. */
  const refusal = ({ own, group, isAnonymous }: Exchange): NoPlace | null => {
    if (own.begun >= begunShare) return 'share';
    if (group !== null && group.begun >= begunShare * GROUP_SHARES) return 'share';
    return isAnonymous && all.anonymousBegun >= most.anonymousBegun ? 'busy' : null;
  };
  const queue = (exchange: Exchange): NoPlace | null => {
    const line = lineOf(exchange);
    if (line.length >= most.waiting) return 'share';
    const { group } = exchange;
    if (group !== null && group.waiting >= most.waiting * GROUP_SHARES) return 'share';
    if (all.waiting >= mostWaiting) return 'busy';
    if (exchange.isAnonymous && all.anonymousWaiting >= most.anonymousWaiting) return 'busy';
    line.push(exchange);
    lines.add(line);
    countWaiting(exchange, 1);
    return null;
  };
  const unqueue = (exchange: Exchange): void => {
    const line = lineOf(exchange);
    line.splice(line.indexOf(exchange), 1);
    if (line.length === 0) lines.delete(line);
    countWaiting(exchange, -1);
  };
  const make = (holder: Holder, { isUpload, start }: Entry): Exchange => ({
    own: accountOf(holder.key),
    group: holder.group === null ? null : accountOf(holder.group),
    isAnonymous: holder.isAnonymous,
    start,
    isUpload,
    state: 'waiting',
  });
  const forget = ({ own, group }: Exchange): void => {
    release(own);
    release(group);
  };

  return {
    enter(holder, entry) {
      const exchange = make(holder, entry);
      const isFree = lineOf(exchange).length === 0 && fits(exchange);
      const no = refusal(exchange) ?? (isFree ? null : queue(exchange));
      if (no === null && isFree) admit(exchange);
      if (no === null) return exchange;
      forget(exchange);
      return no;
    },
    begin(place) {
      const exchange = place as Exchange;
      if (exchange.state !== 'pending') return;
      exchange.state = 'begun';
      count(exchange, 'pending', -1);
      count(exchange, 'begun', 1);
      schedule();
    },
    uploaded(place) {
      const exchange = place as Exchange;
      if (!exchange.isUpload || exchange.state === 'waiting' || exchange.state === 'over') return;
      exchange.isUpload = false;
      count(exchange, 'uploads', -1);
      schedule();
    },
    leave(place) {
      const exchange = place as Exchange;
      const { state } = exchange;
      if (state === 'over') return;
      if (state === 'waiting') unqueue(exchange);
      else {
        count(exchange, state, -1);
        if (exchange.isUpload) count(exchange, 'uploads', -1);
      }
      exchange.state = 'over';
      forget(exchange);
      schedule();
    },
  };
}
