/** What is counted of one app's exchanges, for each visitor, its group, and all together; and the bounds. */
import { GROUP_SHARES, type Holder } from '../visitor/holder.ts';

/** Bounds of one app. */
export interface ShareBounds {
  /** Requests sent to the app that have no response yet. */
  readonly connections: number;
  /** Requests that wait for their turn to be sent. */
  readonly waiting: number;
}

/** Why there is no slot: the visitor's own share is used up, or the app's as a whole. */
export type NoSlot = 'share' | 'busy';

/** A request for a slot. */
export interface SlotRequest {
  readonly isUpload: boolean;
  readonly start: () => void;
}

/** The counts of one holder or group. */
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

/** One exchange with its accounts. */
export interface Exchange {
  readonly own: Account;
  readonly group: Account | null;
  readonly isAnonymous: boolean;
  readonly start: () => void;
  isUpload: boolean;
  state: 'waiting' | 'pending' | 'begun' | 'over';
}

/** The counts of one app. */
export interface ShareCounts {
  /** An exchange on its accounts; not counted yet. */
  open(holder: Holder, request: SlotRequest): Exchange;
  /** Gives the accounts back. */
  close(exchange: Exchange): void;
  /** Whether no request at all may be sent now. */
  isFull(): boolean;
  /** Whether this request may be sent now. */
  fits(exchange: Exchange): boolean;
  /** Why it may not even wait, or null. */
  excess(exchange: Exchange): NoSlot | null;
  /** Why it may not wait in its line, or null. */
  noWaiting(exchange: Exchange): NoSlot | null;
  count(exchange: Exchange, what: 'pending' | 'begun' | 'uploads', by: 1 | -1): void;
  countWaiting(exchange: Exchange, by: 1 | -1): void;
}

/** Responses of one visitor that have begun. */
const LEAST_BEGUN = 128;

/** Requests of one visitor that may wait for their turn. */
const LEAST_WAITING = 64;

/** The line in which an exchange waits. */
export function lineOf({ own, isUpload }: Exchange): Exchange[] {
  return isUpload ? own.uploadLine : own.line;
}

/** Nothing counted yet. */
export function createShareCounts({ connections, waiting: mostWaiting }: ShareBounds): ShareCounts {
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
  const all = {
    pending: 0,
    anonymous: 0,
    anonymousBegun: 0,
    uploads: 0,
    waiting: 0,
    anonymousWaiting: 0,
  };
  return {
    ...createAccounts(),
    isFull: () => all.pending >= connections,
    fits({ own, group, isAnonymous, isUpload }) {
      if (all.pending >= connections || own.pending >= share) return false;
      if (group !== null && group.pending >= share * GROUP_SHARES) return false;
      if (!isAnonymous) return true;
      if (all.anonymous >= most.anonymous) return false;
      if (!isUpload) return true;
      if (all.uploads >= most.uploads || own.uploads >= uploadShare) return false;
      return group === null || group.uploads < uploadShare * GROUP_SHARES;
    },
    excess({ own, group, isAnonymous }) {
      if (own.begun >= begunShare) return 'share';
      if (group !== null && group.begun >= begunShare * GROUP_SHARES) return 'share';
      return isAnonymous && all.anonymousBegun >= most.anonymousBegun ? 'busy' : null;
    },
    noWaiting(exchange) {
      const { group, isAnonymous } = exchange;
      if (lineOf(exchange).length >= most.waiting) return 'share';
      if (group !== null && group.waiting >= most.waiting * GROUP_SHARES) return 'share';
      if (all.waiting >= mostWaiting) return 'busy';
      return isAnonymous && all.anonymousWaiting >= most.anonymousWaiting ? 'busy' : null;
    },
    count({ own, group, isAnonymous }, what, by) {
      own[what] += by;
      if (group !== null) group[what] += by;
      if (what === 'pending') all.pending += by;
      if (!isAnonymous) return;
      if (what === 'pending') all.anonymous += by;
      else if (what === 'begun') all.anonymousBegun += by;
      else all.uploads += by;
    },
    countWaiting({ group, isAnonymous }, by) {
      all.waiting += by;
      if (group !== null) group.waiting += by;
      if (isAnonymous) all.anonymousWaiting += by;
    },
  };
}

/** Accounts by key, kept while an exchange refers to them. */
function createAccounts(): Pick<ShareCounts, 'open' | 'close'> {
  const accounts = new Map<string, Account>();
  const accountOf = (key: string): Account => {
    let account = accounts.get(key);
    if (account === undefined) {
      const none = { pending: 0, begun: 0, uploads: 0, waiting: 0, uses: 0 };
      account = { key, ...none, line: [], uploadLine: [] };
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
  return {
    open: ({ key, group, isAnonymous }, { isUpload, start }) => ({
      own: accountOf(key),
      group: group === null ? null : accountOf(group),
      isAnonymous,
      start,
      isUpload,
      state: 'waiting',
    }),
    close({ own, group }) {
      release(own);
      release(group);
    },
  };
}
