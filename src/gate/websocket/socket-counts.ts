/** How many websockets are open: in total, of anonymous visitors, and of each holder and group. */
import { GROUP_SHARES, type Holder } from '../visitor/holder.ts';

/** Bounds of one process. */
export interface SocketBounds {
  /** Open sockets in total, default 10,000. Anonymous visitors may have half of them. */
  readonly most?: number;
  /** Open sockets of one session or anonymous address, default 64. */
  readonly mostOfOne?: number;
}

/** The counts of one process. */
export interface SocketCounts {
  /** Why the holder may not open another socket, or null. */
  lack(holder: Holder): 'share' | 'full' | null;
  add(holder: Holder): void;
  remove(holder: Holder): void;
}

/** Nothing is open yet. */
export function createSocketCounts({ most = 10_000, mostOfOne = 64 }: SocketBounds): SocketCounts {
  const ofHolder = new Map<string, number>();
  const of = (key: string): number => ofHolder.get(key) ?? 0;
  let all = 0;
  let anonymous = 0;

  const count = ({ key, group, isAnonymous }: Holder, by: 1 | -1): void => {
    all += by;
    if (isAnonymous) anonymous += by;
    for (const name of group === null ? [key] : [key, group]) {
      const left = of(name) + by;
      if (left > 0) ofHolder.set(name, left);
      else ofHolder.delete(name);
    }
  };

  return {
    lack({ key, group, isAnonymous }) {
      if (all >= most) return 'full';
      if (of(key) >= mostOfOne) return 'share';
      if (group !== null && of(group) >= mostOfOne * GROUP_SHARES) return 'share';
      return isAnonymous && anonymous >= most / 2 ? 'full' : null;
    },
    add: (holder) => count(holder, 1),
    remove: (holder) => count(holder, -1),
  };
}
