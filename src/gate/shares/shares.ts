/**
 * How much of one app each visitor may use at one time. Requests without a response yet share
 * `connections`; a response that has begun (an event stream, a download) counts against its visitor
 * alone. Neither one visitor nor all anonymous ones together can use up the whole.
 */
import type { Holder } from '../visitor/holder.ts';
import {
  createShareCounts,
  type Exchange,
  lineOf,
  type NoSlot,
  type ShareBounds,
  type SlotRequest,
} from './share-counts.ts';
import { createShareLines } from './share-lines.ts';

export type { NoSlot } from './share-counts.ts';

/** The slot of one exchange. Callers read its `state` and change nothing. */
export type Slot = Exchange;

/** The slots of one app. */
export interface Shares {
  /** Takes a slot, or waits in line for one: then `start` is called when its turn comes. */
  enter(holder: Holder, request: SlotRequest): Slot | NoSlot;
  /** The response has begun. */
  begin(slot: Slot): void;
  /** The whole body of the request has been sent. */
  uploaded(slot: Slot): void;
  /** The exchange is over or cancelled. */
  leave(slot: Slot): void;
}

/** Slots for one app. */
export function createShares(bounds: ShareBounds): Shares {
  const counts = createShareCounts(bounds);
  const admit = (exchange: Exchange): void => {
    exchange.state = 'pending';
    counts.count(exchange, 'pending', 1);
    if (exchange.isUpload) counts.count(exchange, 'uploads', 1);
  };
  const lines = createShareLines(counts, admit);

  return {
    enter(holder, request) {
      const exchange = counts.open(holder, request);
      const isFree = lineOf(exchange).length === 0 && counts.fits(exchange);
      const no = counts.excess(exchange) ?? (isFree ? null : lines.queue(exchange));
      if (no === null && isFree) admit(exchange);
      if (no === null) return exchange;
      counts.close(exchange);
      return no;
    },
    begin(slot) {
      if (slot.state !== 'pending') return;
      slot.state = 'begun';
      counts.count(slot, 'pending', -1);
      counts.count(slot, 'begun', 1);
      lines.schedule();
    },
    uploaded(slot) {
      if (!slot.isUpload || slot.state === 'waiting' || slot.state === 'over') return;
      slot.isUpload = false;
      counts.count(slot, 'uploads', -1);
      lines.schedule();
    },
    leave(slot) {
      const { state } = slot;
      if (state === 'over') return;
      if (state === 'waiting') lines.unqueue(slot);
      else {
        counts.count(slot, state, -1);
        if (slot.isUpload) counts.count(slot, 'uploads', -1);
      }
      slot.state = 'over';
      counts.close(slot);
      lines.schedule();
    },
  };
}
