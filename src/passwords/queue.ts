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

/** Tasks that wait, and the slots in use: those of waiting and running tasks. */
interface Lane {
  readonly line: (() => void)[];
  used: number;
  readonly most: number;
}

/** A key whose count a task raises, and the most it may hold. */
type Share = readonly [key: string, most: number];

/** The line; see `SHARES` for how much of it a network gets. */
export function createQueue({ concurrency, waiting, reserved }: QueueSize): Queue {
  const open: Lane = { line: [], used: 0, most: concurrency + waiting };
  const known: Lane = { line: [], used: 0, most: reserved };
  const held = createTally();
  let running = 0;
  let isKnownNext = true;

  /** A slot for the task, or null. Known devices first try their own slots. */
  const slotFor = (origin: Origin | null) => {
    const device = origin?.device ?? null;
    if (device !== null) {
      const shares: readonly Share[] = [[`device ${device}`, DEVICE_SHARE]];
      if (known.used < known.most && held.fits(shares)) return { lane: known, shares };
    }
    const shares = sharesOf(origin, open.most);
    return open.used < open.most && held.fits(shares) ? { lane: open, shares } : null;
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
      held.add(slot.shares, 1);
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
        held.add(slot.shares, -1);
      }
    },
  };
}

/** The shares of a task in a lane with `most` slots. */
function sharesOf(origin: Origin | null, most: number): readonly Share[] {
  return (origin?.networks ?? UNKNOWN).map(({ key, width }) => [
    key,
    Math.max(1, Math.floor(most * SHARES[width])),
  ]);
}

/** How many tasks hold a share of each key. */
function createTally() {
  const held = new Map<string, number>();
  return {
    fits: (shares: readonly Share[]): boolean =>
      shares.every(([key, most]) => (held.get(key) ?? 0) < most),
    add(shares: readonly Share[], by: 1 | -1): void {
      for (const [key] of shares) {
        const now = (held.get(key) ?? 0) + by;
        if (now === 0) held.delete(key);
        else held.set(key, now);
      }
    },
  };
}
