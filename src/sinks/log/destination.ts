/**
 * Where log lines go: one stream, written in batches of 64 KB or after a quarter of a
 * second, whichever comes first. A reader that stands still costs bounded memory and lost
 * lines, never a waiting request. (pino's own stream measures its buffer at every line, which
 * with batches of this size makes a line some five times dearer.)
 */
import { write, writeSync } from 'node:fs';
import { codeOf } from '../../core/values/record.ts';

/** Takes whole lines. */
export interface LogDestination {
  /** One line or more, each with its line end. Never waits, never throws. */
  write(text: string): void;
  /** Writes what is held, now and waiting for it. For fatal faults and the very end. */
  flush(): void;
  /** Resolves when everything has been written, or cannot be. */
  drain(): Promise<void>;
}

const BATCH = 64 * 1024;
/** Longest time a line is held, in milliseconds. */
const HELD = 250;
/** Most that is held for a reader that does not read, in characters; what comes then is dropped. */
const MOST = 8 * 1024 * 1024;
/** Pause before a full pipe is tried again, in milliseconds; and how often `flush` and `drain` try. */
const PAUSE = 10;
const PATIENCE = 100;

/** Batches to a file descriptor (1 is standard output). */
export function openLogDestination(fd: number): LogDestination {
  const held = createHeldLines();
  let isWriting = false;
  let timer: NodeJS.Timeout | null = null;
  let waiting: (() => void)[] = [];

  const settle = (): void => {
    isWriting = false;
    // Lines written meanwhile become a batch of their own, unless a caller waits for the end.
    if (held.size() > 0) return waiting.length > 0 || held.size() >= BATCH ? pump() : hold();
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  const put = (bytes: Buffer, from: number): void => {
    write(fd, bytes, from, bytes.length - from, null, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => put(bytes, from), PAUSE).unref();
      // Named fallback: a reader that went away (EPIPE) or a full disk loses this batch.
      else if (error !== null || from + written >= bytes.length) settle();
      else put(bytes, from + written);
    });
  };
  const hold = (): void => {
    timer ??= setTimeout(pump, HELD).unref();
  };
  const pump = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (isWriting || held.size() === 0) return;
    isWriting = true;
    put(held.take(), 0);
  };

  return {
    write(text) {
      if (!held.add(text)) return;
      if (held.size() >= BATCH) pump();
      else hold();
    },
    flush: () => writeNow(fd, held.take()),
    drain() {
      pump();
      if (!isWriting) return Promise.resolve();
      return new Promise((resolve) => {
        // A reader that stands still must not keep the process from ending.
        const limit = setTimeout(resolve, PAUSE * PATIENCE);
        waiting.push(() => {
          clearTimeout(limit);
          resolve();
        });
      });
    },
  };
}

/** The lines that wait to be written, and a count of those that were dropped. */
function createHeldLines() {
  let held = '';
  let dropped = 0;
  return {
    /** In characters. */
    size: () => held.length,
    /** Returns false if the line was dropped. */
    add(text: string): boolean {
      if (held.length > MOST) {
        dropped += 1;
        return false;
      }
      held += text;
      return true;
    },
    take(): Buffer {
      const lost =
        dropped === 0 ? '' : `{"level":"warn","msg":"log lines lost","lines":${dropped}}\n`;
      const bytes = Buffer.from(held + lost);
      held = '';
      dropped = 0;
      return bytes;
    },
  };
}

/** Blocks, for a second at most. */
function writeNow(fd: number, bytes: Buffer): void {
  let from = 0;
  for (let tries = 0; from < bytes.length && tries < PATIENCE; ) {
    try {
      from += writeSync(fd, bytes, from);
    } catch (error) {
      // Named fallback: at the end, a log that cannot be written can no longer be reported.
      if (codeOf(error) !== 'EAGAIN') return;
      tries += 1;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  }
}
