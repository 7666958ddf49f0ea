/**
 * How much of one app each visitor may use at one time. Requests without a response yet share
 * `connections`; a response that has begun (an event stream, a download) counts against its visitor
 * alone. Neither one visitor nor all anonymous ones together can use up the whole.
 */
import type { Holder } from '../visitor/holder.ts';
import {
  createShareCounts,
  type Entry,
  type Exchange,
  lineOf,
  type NoPlace,
  type ShareBounds,
} from './share-counts.ts';

export type { NoPlace } from './share-counts.ts';

/** The place of one exchange. Callers read its `state` and change nothing. */
export type Place = Exchange;

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

/** Places for one app. */
export function createShares(bounds: ShareBounds): Shares {
  const counts = createShareCounts(bounds);
  const lines = new Set<Exchange[]>();
  let isPumping = false;

  const admit = (exchange: Exchange): void => {
    exchange.state = 'pending';
    counts.count(exchange, 'pending', 1);
    if (exchange.isUpload) counts.count(exchange, 'uploads', 1);
  };
  /** Gives free places to the lines in turn. */
  const pump = (): void => {
    isPumping = false;
    for (const line of lines) {
      if (counts.isFull()) return;
      const [next] = line;
      if (next === undefined || !counts.fits(next)) continue;
      line.shift();
      counts.countWaiting(next, -1);
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
  const queue = (exchange: Exchange): NoPlace | null => {
    const no = counts.noWaiting(exchange);
    if (no !== null) return no;
    const line = lineOf(exchange);
    line.push(exchange);
    lines.add(line);
    counts.countWaiting(exchange, 1);
    return null;
  };
  const unqueue = (exchange: Exchange): void => {
    const line = lineOf(exchange);
    line.splice(line.indexOf(exchange), 1);
    if (line.length === 0) lines.delete(line);
    counts.countWaiting(exchange, -1);
  };

  return {
    enter(holder, entry) {
      const exchange = counts.open(holder, entry);
      const isFree = lineOf(exchange).length === 0 && counts.fits(exchange);
      const no = counts.refusal(exchange) ?? (isFree ? null : queue(exchange));
      if (no === null && isFree) admit(exchange);
      if (no === null) return exchange;
      counts.close(exchange);
      return no;
    },
    begin(place) {
      if (place.state !== 'pending') return;
      place.state = 'begun';
      counts.count(place, 'pending', -1);
      counts.count(place, 'begun', 1);
      schedule();
    },
    uploaded(place) {
      if (!place.isUpload || place.state === 'waiting' || place.state === 'over') return;
      place.isUpload = false;
      counts.count(place, 'uploads', -1);
      schedule();
    },
    leave(place) {
      const { state } = place;
      if (state === 'over') return;
      if (state === 'waiting') unqueue(place);
      else {
        counts.count(place, state, -1);
        if (place.isUpload) counts.count(place, 'uploads', -1);
      }
      place.state = 'over';
      counts.close(place);
      schedule();
    },
  };
}
