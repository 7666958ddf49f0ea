/** A bounded queue: so many tasks at once, so many waiting, the next one is turned away at once. */

/** Runs tasks. */
export interface Queue {
  /** The task's result, or `full` when too many wait already; the task has then not begun. */
  run<T>(task: () => Promise<T>): Promise<T | 'full'>;
}

/** `concurrency` tasks at once, `waiting` in line. */
export function createQueue(concurrency: number, waiting: number): Queue {
  const line: (() => void)[] = [];
  let running = 0;
  return {
    async run(task) {
      if (running >= concurrency) {
        if (line.length >= waiting) return 'full';
        // Whoever leaves hands its place on, so `running` stays as it is.
        await new Promise<void>((start) => line.push(start));
      } else {
        running += 1;
      }
      try {
        return await task();
      } finally {
        const next = line.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}
