/** The body of a worker thread: parses one text, sends it in parts and ends. Prints nothing. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Tree } from '../faults/source.ts';
import type { Head, Item, WorkerInput } from './background.ts';
import { parseText } from './document.ts';
import type { Offsets } from './yaml-value.ts';

const { file, text, port }: WorkerInput = workerData;
const { contents, faults } = parseText(file, text);
const { value, offsets } = contents;
const items: Item[] = [];
const head = Array.isArray(value) ? emptied(null, value) : withoutLists(value);

// oxlint-disable unicorn/require-post-message-target-origin -- threads, not windows
const first: Head = { contents: { ...contents, value: head }, faults, count: items.length };
port.postMessage(first);
for (const item of items) port.postMessage(item);
parentPort?.postMessage('sent');
// oxlint-enable unicorn/require-post-message-target-origin

/** The mapping with its lists empty; their items are added to `items`. */
function withoutLists(mapping: Tree): Tree {
  if (typeof mapping !== 'object' || mapping === null || Array.isArray(mapping)) return mapping;
  for (const [key, member] of Object.entries(mapping)) {
    if (Array.isArray(member)) mapping[key] = emptied(key, member);
  }
  return mapping;
}

/** An empty list in place of `list`, with the offsets of its items. */
function emptied(key: string | null, list: Tree[]): Tree[] {
  for (const item of list) items.push({ key, item, offsets: taken(item, new Map()) });
  const empty: Tree[] = [];
  offsets.set(empty, offsets.get(list) ?? []);
  offsets.delete(list);
  return empty;
}

/** Moves the offsets of a value and of all values in it to a map of their own. */
function taken(tree: Tree, to: Map<object, Offsets>): Map<object, Offsets> {
  if (typeof tree !== 'object' || tree === null) return to;
  to.set(tree, offsets.get(tree) ?? []);
  offsets.delete(tree);
  for (const member of Object.values(tree)) taken(member, to);
  return to;
}
