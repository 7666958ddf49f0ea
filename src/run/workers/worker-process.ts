/** One worker as the first process sees it: messages to it and from it, and its end. */
import cluster from 'node:cluster';
import { Problem } from '../../core/values/problem.ts';
import type { Numbers } from '../../sinks/metrics/together.ts';
import type { Beginning, Order, Report } from './worker-messages.ts';

/** A process of ours. */
export interface WorkerProcess {
  /** Resolves when it listens; rejects with the Problem that kept it from listening. */
  readonly ready: Promise<void>;
  /** Resolves with its signal or exit code when it is gone and its last line was read. */
  readonly ended: Promise<string>;
  isReady(): boolean;
  send(order: Order): void;
  kill(): void;
  /** Its metrics: now, or its last report if it does not reply in time. */
  numbers(): Promise<Numbers | null>;
  /** Its last report. */
  lastNumbers(): Numbers | null;
}

/** Time limit for a report, in milliseconds. */
const PATIENCE = 1_000;

/** Starts one; `relay` gets its log lines, whole ones only. `setupPrimary` was called before. */
export function forkWorker(beginning: Beginning, relay: (text: string) => void): WorkerProcess {
  const worker = cluster.fork();
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  let isReady = false;
  let last: Numbers | null = null;
  // The caller that awaits `ready` handles a failed start; others need not.
  ready.promise.catch(() => undefined);

  const send = (order: Order): void => {
    // A message to a process that has just died is lost.
    if (worker.isConnected()) worker.process.send?.(order, undefined, undefined, () => undefined);
  };
  const counting = createCounting(send);
  worker.on('error', () => undefined);
  worker.on('message', (report: Report) => {
    if (report.type === 'hello') send(beginning);
    else if (report.type === 'ready') {
      isReady = true;
      ready.resolve();
    } else if (report.type === 'failed') ready.reject(new Problem(report.code, report.message));
    else if (report.type === 'counted') {
      last = report.numbers;
      counting.counted(report.ask);
    }
  });
  const { process: child } = worker;
  relayLines(child.stdout, relay);
  child.once('exit', () => (isReady = false));
  child.once('close', (code, signal) => {
    const how = signal ?? `exit code ${code}`;
    ready.reject(new Problem('worker/ended', `A worker ended before it listened (${how}).`));
    counting.giveUp();
    ended.resolve(how);
  });

  return {
    ready: ready.promise,
    ended: ended.promise,
    isReady: () => isReady,
    send,
    kill: () => void child.kill('SIGKILL'),
    async numbers() {
      if (isReady) await counting.ask();
      return last;
    },
    lastNumbers: () => last,
  };
}

/** Requests for a report that are in progress. */
function createCounting(send: (order: Order) => void) {
  const waiting = new Map<number, () => void>();
  let asks = 0;
  return {
    /** Resolves once the worker has counted, or when it does not reply in time. */
    async ask(): Promise<void> {
      asks += 1;
      const ask = asks;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, PATIENCE);
        waiting.set(ask, () => {
          clearTimeout(timer);
          resolve();
        });
        send({ type: 'count', ask });
      });
      waiting.delete(ask);
    },
    counted: (ask: number): void => waiting.get(ask)?.(),
    giveUp(): void {
      for (const resolve of waiting.values()) resolve();
    },
  };
}

/** Passes on whole lines only, because several processes write to one stream. */
function relayLines(from: NodeJS.ReadableStream | null, relay: (text: string) => void): void {
  let held = '';
  from?.setEncoding('utf8');
  from?.on('data', (text: string) => {
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) {
      relay(held + text.slice(0, end));
      held = '';
    }
    held += text.slice(end);
  });
  from?.on('end', () => {
    if (held !== '') relay(`${held}\n`);
  });
}
