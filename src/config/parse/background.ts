/**
 * Reads a long file in a worker thread, so that a gateway keeps answering during a reload. The
 * contents come back in parts, because a large message would block the event loop as well.
 */
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import { isRecord } from '../../core/values/record.ts';
import { finishInSlices, type Steps } from '../../core/values/steps.ts';
import { emptySource, type Tree } from '../faults/source.ts';
import { type ParsedText, type ReadDocument, readDocument, sourceOf } from './document.ts';
import type { Offsets } from './yaml-value.ts';

/** Longest text that is parsed at once, in characters; some milliseconds. */
const SHORT = 8 * 1024;

/** What a worker parses. */
export interface WorkerInput {
  readonly file: string;
  readonly text: string;
  /** Takes the parsed text with its long lists empty, then an `Item` for each of their items. */
  readonly port: MessagePort;
}

/** What a worker sends first. */
export interface Head extends ParsedText {
  /** How many items follow. */
  readonly count: number;
}

/** An item of a list at the top of a file, in the order of the list. */
export interface Item {
  /** The key of the list; null: the list is the whole value. */
  readonly key: string | null;
  readonly item: Tree;
  readonly offsets: ReadonlyMap<object, Offsets>;
}

/** Reads the text of a file, with a pause between two slices of work on this thread. */
export async function readInBackground(
  file: string,
  text: string,
  pause: () => Promise<unknown>,
): Promise<ReadDocument> {
  if (text.length <= SHORT) return readDocument(file, text);
  const { port1, port2 } = new MessageChannel();
  try {
    await parseInWorker({ file, text, port: port2 });
    const { contents, faults } = await finishInSlices(assemble(port1), pause);
    return { source: sourceOf(file, text, contents), faults };
  } catch (error) {
    // Named fallback: a fault of the file, such as too many values for the memory of the thread.
    const source = emptySource(file);
    const message = error instanceof Error ? error.message : 'unknown error';
    const remedy = 'make the file shorter, or move routes to routes_dir';
    return { source, faults: [source.fault([], `could not be parsed (${message}); ${remedy}`)] };
  } finally {
    port1.close();
  }
}

/** Resolves once all parts are in the channel. */
function parseInWorker(input: WorkerInput): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./background-worker.ts', import.meta.url), {
      workerData: input,
      transferList: [input.port],
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread ended with ${code}`)));
  });
}

/**
 * Puts the parts in a channel together. Throws if one is missing: without it, the configuration
 * would be another.
 */
export function* assemble(port: MessagePort): Steps<ParsedText> {
  const parsed: Head | undefined = receiveMessageOnPort(port)?.message;
  if (parsed === undefined) throw new Error('no part arrived');
  const { value, offsets } = parsed.contents;
  let count = 0;
  for (
    let next = receiveMessageOnPort(port);
    next !== undefined;
    next = receiveMessageOnPort(port)
  ) {
    const part: Item = next.message;
    const list = part.key === null ? value : isRecord(value) ? value[part.key] : null;
    if (!Array.isArray(list)) throw new Error('a part has no list');
    list.push(part.item);
    for (const [container, found] of part.offsets) offsets.set(container, found);
    count += 1;
    yield;
  }
  if (count !== parsed.count) throw new Error(`${count} of ${parsed.count} parts arrived`);
  return parsed;
}
