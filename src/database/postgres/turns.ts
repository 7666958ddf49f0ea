/**
 * One change of this process at a time. The others wait here and not on connections of their own, which
 * reading needs.
 */

/** Runs work after all work before it; rejects if that takes longer than `limit`, in milliseconds. */
export function createTurns(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const deadline = performance.now() + limit;
    const turn = last.then(() => {
      if (performance.now() <= deadline) return work();
      throw new Error('earlier changes take too long');
    });
    // Named fallback: the caller of each change learns of its fault; the next one has its turn.
    last = turn.catch(() => undefined);
    return turn;
  };
}
