/** The lines of one app in which requests wait for their turn: one for each visitor, served in turn. */
import { type Exchange, lineOf, type NoSlot, type ShareCounts } from './share-counts.ts';

/** The lines of one app. */
export interface ShareLines {
  /** Puts an exchange at the end of its line, or returns why it may not wait. */
  queue(exchange: Exchange): NoSlot | null;
  /** Takes a waiting exchange out of its line. */
  unqueue(exchange: Exchange): void;
  /** Fills free slots from the lines, soon. Call it after giving a slot back. */
  schedule(): void;
}

/** All lines are empty. `admit` counts an exchange as sent. */
export function createShareLines(
  counts: ShareCounts,
  admit: (exchange: Exchange) => void,
): ShareLines {
  const lines = new Set<Exchange[]>();
  let isScheduled = false;

  /** Gives free slots to the lines in turn. */
  const serve = (): void => {
    isScheduled = false;
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

  return {
    queue(exchange) {
      const no = counts.noWaiting(exchange);
      if (no !== null) return no;
      const line = lineOf(exchange);
      line.push(exchange);
      lines.add(line);
      counts.countWaiting(exchange, 1);
      return null;
    },
    unqueue(exchange) {
      const line = lineOf(exchange);
      line.splice(line.indexOf(exchange), 1);
      if (line.length === 0) lines.delete(line);
      counts.countWaiting(exchange, -1);
    },
    schedule() {
      if (lines.size === 0 || isScheduled) return;
      isScheduled = true;
      // Later, since the caller may be in the middle of a change.
      process.nextTick(serve);
    },
  };
}
