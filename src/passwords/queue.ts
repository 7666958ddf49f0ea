/**
 * A bounded line of tasks. No network can fill it, and known devices have slots of their own, so that a
 * flood of guesses never prevents users from signing in.
 */
import { type Origin, SHARES } from '../core/people/hashing-origin.ts';

/** Runs tasks. */
export interface Queue {
  /**
   * The task's result, or `full` if there is no slot left for `origin`; then the task was not started.
   * All tasks without an origin share the slots of one address.
   */
  run<T>(task: () => Promise<T>, origin?: Origin | null): Promise<T | 'full'>;
}

/** How many tasks wait or run at most. */
export interface QueueSize {
  /** Tasks that run at once. */
  readonly concurrency: number;
  /** Slots in line for all, beside the tasks that run. */
  readonly waiting: number;
  /** Further slots in line, for known devices only. */
  readonly reserved: number;
}

/** Tasks of one user with known devices at once. */
const DEVICE_SHARE = 2;

/** The origin of all tasks without one: a missing origin must be no advantage. */
const UNKNOWN: Origin['networks'] = [{ width: 'address', key: 'unknown' }];

/** The line; see `SHARES` for how much of it a network gets. */
export function createQueue({ concurrency, waiting, reserved }: QueueSize): Queue {
  const open = { line: [] as (() => void)[], used: 0, most: concurrency + waiting };
  const known = { line: [] as (() => void)[], used: 0, most: reserved };
  const held = new Map<string, number>();
  let running = 0;
  let isKnownNext = true;

  /** The keys whose counts this task raises in the open line, with the most each may hold. */
  const sharesOf = (origin: Origin | null): readonly (readonly [string, number])[] =>
    (origin?.networks ?? UNKNOWN).map(({ key, width }) => [
      key,
      Math.max(1, Math.floor(open.most * SHARES[width])),
    ]);
  const fits = (shares: readonly (readonly [string, number])[]): boolean =>
    shares.every(([key, most]) => (held.get(key) ?? 0) < most);
  const count = (shares: readonly (readonly [string, number])[], by: 1 | -1): void => {
    for (const [key] of shares) {
      const now = (held.get(key) ?? 0) + by;
      if (now === 0) held.delete(key);
      else held.set(key, now);
    }
  };

  /** A slot for the task, or null. Known devices first try their own slots. */
  const slotFor = (origin: Origin | null) => {
    const device = origin?.device ?? null;
    if (device !== null) {
      const shares = [[`device ${device}`, DEVICE_SHARE]] as const;
      if (known.used < known.most && fits(shares)) return { lane: known, shares };
    }
    const shares = sharesOf(origin);
    return open.used < open.most && fits(shares) ? { lane: open, shares } : null;
  };
  /** The next task in line: the two lines take turns, so that neither starves the other. */
  const next = (): (() => void) | undefined => {
    const [first, second] = isKnownNext ? [known, open] : [open, known];
    isKnownNext = !isKnownNext;
    return first.line.shift() ?? second.line.shift();
  };

  return {
    async run(task, origin = null) {
      const slot = slotFor(origin);
      if (slot === null) return 'full';
      slot.lane.used += 1;
      count(slot.shares, 1);
      try {
        // A task that ends hands its turn on, so `running` stays as it is.
        if (running >= concurrency) {
          await new Promise<void>((start) => slot.lane.line.push(start));
        } else {
          running += 1;
        }
        try {
          return await task();
        } finally {
          const start = next();
          if (start === undefined) running -= 1;
          else start();
        }
      } finally {
        slot.lane.used -= 1;
        count(slot.shares, -1);
      }
    },
  };
}
