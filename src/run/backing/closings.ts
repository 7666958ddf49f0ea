/** Closes everything at the end, in reverse order of opening, whatever fails on the way. */
import type { Log } from '../../sinks/log/log.ts';

export interface Closings {
  add(close: () => unknown): void;
  /** Closes everything, then writes the last lines of the log. Never rejects. */
  closeAll(): Promise<void>;
}

/** Starts empty. A failed close is logged. */
export function createClosings(log: Log): Closings {
  const closings: (() => unknown)[] = [];
  return {
    add: (close) => void closings.push(close),
    async closeAll() {
      for (const close of closings.splice(0).toReversed()) {
        try {
          await close();
        } catch (cause) {
          // Named fallback: the next one is closed all the same, and the log says what failed.
          log.emit({ type: 'fault', code: 'stop', requestId: null, cause });
        }
      }
      await log.drain();
    },
  };
}
