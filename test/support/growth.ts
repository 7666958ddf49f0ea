/**
 * How the work of a parser grows with its input. Processor time of this thread is compared at a
 * length and at eight times that length: linear work takes about 8 times as long, quadratic work 64
 * times. The minimum of many runs is used, so other load does not matter; only the ratio counts.
 * Linear work may have single steps where a result outgrows a cache or the young generation;
 * quadratic work grows too fast at every doubling in between.
 */
import { promisify } from 'node:util';

/** How many times as much work 8 times the input may take; n log n takes about 11. */
const MOST = 24;
/** How many times as much work twice the input may take; n log n takes about 2.2, a square 4. */
const MOST_AT_A_DOUBLING = 2.6;
/**
 * Each measured span is at least this long, in microseconds, so that the clock's resolution, which
 * can be a millisecond, does not matter.
 */
const SPAN = 4_000;
/** The same for the last word on a doubtful parser. */
const LONG_SPAN = 50_000;
/** Work below this per character, in microseconds, is too small to hide a square. */
const NOTHING = 0.1;
/**
 * Pairs of measurements before a ratio between `MOST` and twice that counts: minima need quiet
 * moments.
 */
const ATTEMPTS = 12;
/** Measurements of a doubtful parser at each length, before it is acquitted and before it is not. */
const LONG_ATTEMPTS = { fewest: 5, most: 20 };

type Read = (text: string) => unknown;

/**
 * A parser, its longest input, the characters that matter to it, and how an input may begin and
 * end.
 */
export interface Parser {
  readonly longest: number;
  readonly pieces: readonly string[];
  readonly read: (text: string) => unknown;
  readonly frames?: readonly (readonly [before: string, after: string])[];
}

/**
 * Inputs of about `length` characters made of these pieces: runs, halves, alternations, with
 * unusual ends.
 */
function* shapesOf(
  pieces: readonly string[],
  length: number,
  [before, after]: readonly [string, string] = ['', ''],
): Generator<readonly [name: string, text: (length: number) => string]> {
  const room = before.length + after.length;
  const run = (piece: string, size: number): string =>
    piece.repeat(Math.max(1, Math.floor(size / piece.length)));
  const framed = (make: (size: number) => string) => (size: number) =>
    before + make(Math.max(1, Math.min(size, length) - room)) + after;
  for (const a of pieces) {
    yield [`${quoted(a)} again and again`, framed((size) => run(a, size))];
    for (const b of pieces) {
      if (a === b) continue;
      yield [`${quoted(a)} and ${quoted(b)} in turn`, framed((size) => run(a + b, size))];
      yield [
        `${quoted(a)}, then ${quoted(b)}`,
        framed((size) => run(a, size / 2) + run(b, size / 2)),
      ];
    }
  }
}

function quoted(piece: string): string {
  return JSON.stringify(piece);
}

/** Null if the work grows linearly with the input, else the factor for 8 times the input. */
async function excessOf(
  read: Read,
  text: (length: number) => string,
  longest: number,
): Promise<number | null> {
  const large = text(longest);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if ((await timeOf(read, large, 0)) < NOTHING * longest) return null;
  }
  const small = text(Math.floor(longest / 8));
  let [least, most] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    least = Math.min(least, await timeOf(read, small, SPAN));
    most = Math.min(most, await timeOf(read, large, SPAN));
    if (most < least * MOST) return null;
    // Noise does not do this to linear work repeatedly.
    if (attempt >= 3 && most > least * 2 * MOST) break;
    await breathe();
  }
  return (await growsThroughout(read, text, longest)) ? most / least : null;
}

/** Whether the work grows too fast at every doubling from an eighth of the input to the whole. */
async function growsThroughout(
  read: Read,
  text: (length: number) => string,
  longest: number,
): Promise<boolean> {
  const texts = [8, 4, 2, 1].map((part) => text(Math.floor(longest / part)));
  const least = texts.map(() => Number.POSITIVE_INFINITY);
  for (let attempt = 0; attempt < LONG_ATTEMPTS.most; attempt += 1) {
    for (const [i, input] of texts.entries()) {
      least[i] = Math.min(least[i] ?? 0, await timeOf(read, input, LONG_SPAN));
    }
    const grows = (time: number, i: number) =>
      i === 0 || time > (least[i - 1] ?? 0) * MOST_AT_A_DOUBLING;
    if (attempt + 1 >= LONG_ATTEMPTS.fewest && !least.every(grows)) return false;
    await breathe();
  }
  return true;
}

/** Microseconds of processor time per parse, measured over at least `span`. */
async function timeOf(read: Read, text: string, span: number): Promise<number> {
  for (let rounds = 1; ; rounds *= 4) {
    const begun = process.threadCpuUsage();
    for (let round = 0; round < rounds; round += 1) {
      const result = read(text);
      if (result instanceof Promise) await result.catch(() => undefined);
    }
    const { user, system } = process.threadCpuUsage(begun);
    const spent = user + system;
    if (spent >= span || rounds >= 4096) return spent / rounds;
  }
}

/** Yields to other work: a table of parsers is long. */
const breathe = promisify(setImmediate);

/** Inputs whose work grows faster than their length; stops after `enough`. */
export async function slowInputs(
  { longest, pieces, frames = [['', '']], read }: Parser,
  enough = Number.POSITIVE_INFINITY,
) {
  const slow: string[] = [];
  for (const frame of frames) {
    for (const [name, text] of shapesOf(pieces, longest, frame)) {
      if (slow.length >= enough) return slow;
      const excess = await excessOf(read, text, longest);
      if (excess !== null) slow.push(`${name} in ${JSON.stringify(frame)}: ${Math.round(excess)}`);
    }
    await breathe();
  }
  return slow;
}
