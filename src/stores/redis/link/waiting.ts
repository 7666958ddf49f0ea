/** Waits that end early when the connection closes or the store stops. One at a time. */

type Begin = (done: () => void, fail: (cause: unknown) => void) => void;

/** One wait at a time. */
export interface Waiting {
  /** Resolves after `ms`. */
  pause(ms: number): Promise<void>;
  /** Ends as `begin` says by calling `done` or `fail`; rejects with `late` after `ms`. */
  demand(ms: number, late: Error, begin: Begin): Promise<void>;
  /** Ends the current wait with a rejection. */
  interrupt(cause: unknown): void;
}

export function createWaiting(): Waiting {
  let current: PromiseWithResolvers<void> | null = null;

  async function wait(waiting: PromiseWithResolvers<void>, ms: number, end: () => void) {
    current = waiting;
    const timer = setTimeout(end, ms);
    timer.unref();
    try {
      await waiting.promise;
    } finally {
      clearTimeout(timer);
      current = null;
    }
  }
  return {
    pause(ms) {
      const waiting = Promise.withResolvers<void>();
      return wait(waiting, ms, waiting.resolve);
    },
    demand(ms, late, begin) {
      const waiting = Promise.withResolvers<void>();
      const waited = wait(waiting, ms, () => waiting.reject(late));
      begin(waiting.resolve, waiting.reject);
      return waited;
    },
    interrupt: (cause) => current?.reject(cause),
  };
}
