/**
 * Searches a sorted local list of hashes by bisection. The file can have many gigabytes and is
 * never read whole.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { Problem } from '../../core/values/problem.ts';
import type { Breaches } from './breaches.ts';

/** Bytes per read: about ninety lines. */
const BLOCK = 4_096;
/** Maximum length of a line: 40 digits, a colon, a count and a line break. */
const MAX_LINE = 64;
const LINE = /^([0-9A-F]{40}):(\d{1,12})$/;

interface Line {
  readonly hash: string;
  readonly count: number;
}

/**
 * Opens a file of lines `HASH:COUNT`. Rejects with Problem `signal/file`, which names the file and
 * the remedy.
 */
export async function openList(path: string): Promise<Breaches> {
  let file: FileHandle | null = null;
  try {
    file = await open(path, 'r');
    const { size } = await file.stat();
    const first = await blockAt(file, 0, size);
    const last = await blockAt(file, Math.max(0, size - BLOCK), size);
    const [lowest, highest] = [first.lines[0], last.lines.at(-1)];
    if (lowest === undefined || highest === undefined) throw new Error('it is empty');
    if (lowest.hash > highest.hash) throw new Error('it is not sorted by hash');
    const opened = file;
    return {
      count: (hash) => search(opened, size, hash),
      close: () => opened.close(),
    };
  } catch (cause) {
    await file?.close();
    const reason = cause instanceof Error ? cause.message : 'it cannot be read';
    throw new Problem(
      'signal/file',
      `The list of breached passwords ${path} cannot be used: ${reason}. Expected lines HASH:COUNT (SHA-1), sorted by hash.`,
      { cause },
    );
  }
}

/** Bisects the file until one block remains. */
async function search(file: FileHandle, size: number, hash: string): Promise<number> {
  // The line begins within [low, high).
  let low = 0;
  let high = size;
  while (high - low > BLOCK - MAX_LINE) {
    const middle = low + Math.floor((high - low) / 2);
    const { lines, start, end } = await blockAt(file, middle, size);
    const [first, last] = [lines[0], lines.at(-1)];
    if (first === undefined || last === undefined) throw new Error('a block without a line');
    if (hash < first.hash) high = start;
    else if (hash > last.hash) low = end;
    else return countIn(lines, hash);
  }
  if (low >= high) return 0;
  return countIn((await blockAt(file, low, size)).lines, hash);
}

function countIn(lines: readonly Line[], hash: string): number {
  return lines.find((line) => line.hash === hash)?.count ?? 0;
}

/** Returns the complete lines of a block, and where they begin and end in the file. */
async function blockAt(
  file: FileHandle,
  at: number,
  size: number,
): Promise<{ readonly lines: readonly Line[]; readonly start: number; readonly end: number }> {
  // Start one byte earlier to detect a line that begins exactly at `at`.
  const from = Math.max(0, at - 1);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(BLOCK + 1), 0, BLOCK + 1, from);
  const text = buffer.toString('latin1', 0, bytesRead);
  const begin = from === 0 && at === 0 ? 0 : text.indexOf('\n') + 1;
  const isEnd = from + bytesRead >= size;
  const finish = isEnd ? text.length : text.lastIndexOf('\n') + 1;
  if ((begin === 0 && at > 0) || finish < begin) throw new Error('a line is too long');
  const lines = text
    .slice(begin, finish)
    .split('\n')
    .map((line) => line.trimEnd().toUpperCase())
    .filter((line) => line !== '')
    .map(parse);
  return { lines, start: from + begin, end: from + finish };
}

function parse(line: string): Line {
  const [, hash, count] = LINE.exec(line) ?? [];
  if (hash === undefined) throw new Error('a line is not of the form HASH:COUNT');
  return { hash, count: Number(count) };
}
