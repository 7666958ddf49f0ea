/**
 * Raw header lists, as node:http gives and takes them: name, value, name, value … A pair is
 * counted from 0. Reading a pair allocates nothing, so the hot path can walk every header.
 */

/** How many whole pairs a list has; a name without a value is not counted. */
export function pairCount(raw: readonly string[]): number {
  return raw.length >> 1;
}

/** The name of a pair, as sent; `''` past the end. */
export function nameAt(raw: readonly string[], pair: number): string {
  return raw[2 * pair] ?? '';
}

/** The value of a pair, as sent; `''` past the end. */
export function valueAt(raw: readonly string[], pair: number): string {
  return raw[2 * pair + 1] ?? '';
}

/** The pairs one by one, as `addTrailers` takes them. Allocates: not for every request. */
export function pairsOf(raw: readonly string[]): [name: string, value: string][] {
  return Array.from({ length: pairCount(raw) }, (_, i) => [nameAt(raw, i), valueAt(raw, i)]);
}
