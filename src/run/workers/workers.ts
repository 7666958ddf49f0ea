/**
 * The public side of a gateway as several processes behind the same listeners. One that dies is
 * replaced, and takes nothing with it but the requests it was at.
 */
import cluster from 'node:cluster';
import { join } from 'node:path';
import { asProblem } from '../../core/values/problem.ts';
import type { Log } from '../../sinks/log/log.ts';
import type { Metrics } from '../../sinks/metrics/metrics.ts';
import { lasting, type Numbers, renderTogether, together } from '../../sinks/metrics/together.ts';
import { GRACE } from '../draining.ts';
import type { PublicSide } from '../public-side.ts';
import type { Beginning } from './worker-messages.ts';
import { forkWorker, type WorkerProcess } from './worker-process.ts';

/** A worker that ran this long, in milliseconds, did not fail at its start. */
const STEADY = 10_000;
/** First pause before a worker is replaced that did, and the longest, in milliseconds. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;
/** Beyond the time for requests under way, in milliseconds: then a worker hangs. */
const OVERTIME = 3_000;

/** What the workers are started with, and who hears of them. */
export interface WorkersParts {
  readonly count: number;
  readonly beginning: Beginning;
  /** The first process's own numbers. */
  readonly metrics: Metrics;
  readonly log: Log;
  /** Takes whole lines of their logs. */
  readonly relay: (text: string) => void;
}

/** Milliseconds before a worker is replaced, from the last such pause and how long it lived. */
export function pauseBefore(last: number, lived: number): number {
  if (lived >= STEADY) return 0;
  return last === 0 ? FIRST_PAUSE : Math.min(LONGEST_PAUSE, last * 2);
}

/** Starts them all. Rejects with the Problem of the first that could not listen; then none runs. */
export async function forkWorkers(parts: WorkersParts): Promise<PublicSide> {
  const { count, beginning, metrics, log, relay } = parts;
  const running = new Set<WorkerProcess>();
  const pauses = new Set<NodeJS.Timeout>();
  let retired: Promise<readonly Numbers[]> = Promise.resolve([]);
  let phase: 'starting' | 'open' | 'stopping' = 'starting';

  // For unix sockets, and where the kernel does not divide connections; see listening.ts.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({
    exec: join(import.meta.dirname, 'worker.ts'),
    args: [],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });

  function retire(numbers: Numbers | null): void {
    if (numbers === null) return;
    retired = retired.then(async (sum) => [await together([...sum, lasting(numbers)])]);
  }
  function start(lastPause: number): WorkerProcess {
    const startedAt = performance.now();
    const worker = forkWorker(beginning, relay);
    running.add(worker);
    void replaceAtEnd(worker, lastPause, startedAt);
    return worker;
  }
  async function replaceAtEnd(one: WorkerProcess, lastPause: number, since: number): Promise<void> {
    const how = await one.ended;
    running.delete(one);
    retire(one.lastNumbers());
    if (phase !== 'open') return;
    const pause = pauseBefore(lastPause, performance.now() - since);
    log.say('error', 'worker ended', { how, replaced_in_ms: pause });
    replaceAfter(pause);
  }
  function replaceAfter(pause: number): void {
    const timer = setTimeout(() => {
      pauses.delete(timer);
      start(pause).ready.catch((caught: unknown) => {
        const { code, message } = asProblem(caught);
        log.say('error', 'worker could not start', { code, message });
      });
    }, pause);
    pauses.add(timer);
  }
  /** Waits for all to end; who does not is ended. */
  async function allEnded(within: number): Promise<void> {
    const killing = setTimeout(() => {
      for (const worker of running) worker.kill();
    }, within);
    await Promise.all([...running].map((worker) => worker.ended));
    clearTimeout(killing);
  }

  try {
    await Promise.all(Array.from({ length: count }, () => start(0).ready));
  } catch (caught) {
    phase = 'stopping';
    await allEnded(0);
    throw caught;
  }
  phase = 'open';
  return {
    reconfigured() {
      for (const worker of running) worker.send({ type: 'reload' });
    },
    isOpen: () => [...running].some((worker) => worker.isReady()),
    async render() {
      const told = await Promise.all([...running].map((worker) => worker.numbers()));
      const living = told.filter((numbers) => numbers !== null);
      return renderTogether([await metrics.read(), ...living, ...(await retired)]);
    },
    async stop() {
      phase = 'stopping';
      for (const timer of pauses) clearTimeout(timer);
      for (const worker of running) worker.send({ type: 'stop' });
      await allEnded(GRACE + OVERTIME);
    },
  };
}
