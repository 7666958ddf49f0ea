/**
 * The public side of a gateway as several processes behind the same listeners. A worker that dies is
 * replaced, and only its own requests are lost.
 */
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { asProblem } from '../../core/values/problem.ts';
import type { Log } from '../../sinks/log/log.ts';
import type { Metrics } from '../../sinks/metrics/metrics.ts';
import { lasting, type Numbers, renderTogether, together } from '../../sinks/metrics/together.ts';
import { GRACE } from '../public/draining.ts';
import type { PublicSide } from '../public/public-side.ts';
import type { Beginning, Order } from './worker-messages.ts';
import { forkWorker, type WorkerProcess } from './worker-process.ts';

/** A worker that ran this long, in milliseconds, did not fail at start. */
const STEADY = 10_000;
/** First and longest pause before a worker that failed at start is replaced, in milliseconds. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;
/** A worker that runs this much longer than requests in progress may take hangs, in milliseconds. */
const OVERTIME = 3_000;

/** What the workers start with, and callbacks about them. */
export interface WorkersParts {
  readonly count: number;
  readonly beginning: Beginning;
  /** The first process's own numbers. */
  readonly metrics: Metrics;
  readonly log: Log;
  /** Receives whole lines of their logs. */
  readonly relay: (text: string) => void;
}

/** Milliseconds before a worker is replaced, from the previous pause and its lifetime. */
export function pauseBefore(last: number, lived: number): number {
  if (lived >= STEADY) return 0;
  return last === 0 ? FIRST_PAUSE : Math.min(LONGEST_PAUSE, last * 2);
}

/** Starts all workers. If one cannot listen, stops the others and rejects with its Problem. */
export async function forkWorkers(parts: WorkersParts): Promise<PublicSide> {
  // For unix sockets, and where the kernel does not divide connections; see listening.ts.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('./worker.ts', import.meta.url)),
    args: [],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const pool = createPool(parts);
  try {
    await Promise.all(Array.from({ length: parts.count }, () => pool.start().ready));
  } catch (caught) {
    await pool.allEnded(0);
    throw caught;
  }
  pool.startReplacing();
  return {
    reconfigured: () => pool.order({ type: 'reload' }),
    isOpen: () => [...pool.running].some((worker) => worker.isReady()),
    async render() {
      const counted = await Promise.all([...pool.running].map((worker) => worker.numbers()));
      const living = counted.filter((numbers) => numbers !== null);
      return renderTogether([await parts.metrics.read(), ...living, ...(await pool.retired())]);
    },
    async stop() {
      pool.stopReplacing();
      pool.order({ type: 'stop' });
      await pool.allEnded(GRACE + OVERTIME);
    },
  };
}

/** The running workers. Replaces those that end, once that is enabled. */
// oxlint-disable-next-line max-lines-per-function -- starts, retires and replaces workers over one state
function createPool({ beginning, log, relay }: WorkersParts) {
  const running = new Set<WorkerProcess>();
  const pauses = new Set<NodeJS.Timeout>();
  const retired = createRetired();
  let isReplacing = false;

  const start = (lastPause = 0): WorkerProcess => {
    const startedAt = performance.now();
    const worker = forkWorker(beginning, relay);
    running.add(worker);
    void replaceAtEnd(worker, lastPause, startedAt);
    return worker;
  };
  const replaceAtEnd = async (
    worker: WorkerProcess,
    lastPause: number,
    startedAt: number,
  ): Promise<void> => {
    const how = await worker.ended;
    running.delete(worker);
    retired.add(worker.lastNumbers());
    if (!isReplacing) return;
    const pause = pauseBefore(lastPause, performance.now() - startedAt);
    log.say('error', 'worker ended', { how, replaced_in_ms: pause });
    replaceAfter(pause);
  };
  const replaceAfter = (pause: number): void => {
    const timer = setTimeout(() => {
      pauses.delete(timer);
      start(pause).ready.catch((caught: unknown) => {
        const { code, message } = asProblem(caught);
        log.say('error', 'worker could not start', { code, message });
      });
    }, pause);
    pauses.add(timer);
  };

  return {
    running,
    start,
    /** The metrics of ended workers. */
    retired: () => retired.sum(),
    startReplacing(): void {
      isReplacing = true;
    },
    stopReplacing(): void {
      isReplacing = false;
      for (const timer of pauses) clearTimeout(timer);
    },
    order(order: Order): void {
      for (const worker of running) worker.send(order);
    },
    /** Waits for all to end. Kills those that still run after this time, in milliseconds. */
    async allEnded(within: number): Promise<void> {
      const killing = setTimeout(() => {
        for (const worker of running) worker.kill();
      }, within);
      await Promise.all([...running].map((worker) => worker.ended));
      clearTimeout(killing);
    },
  };
}

/** The sum of the metrics of ended workers. */
function createRetired() {
  let sum: Promise<readonly Numbers[]> = Promise.resolve([]);
  return {
    add(numbers: Numbers | null): void {
      if (numbers === null) return;
      sum = sum.then(async (before) => [await together([...before, lasting(numbers)])]);
    },
    sum: (): Promise<readonly Numbers[]> => sum,
  };
}
