/**
 * Raw header lists in the form of node:http: alternating names and values. Pairs are counted from
 * 0. Reading a pair allocates nothing, so the hot path can visit every header.
 */

/** The number of complete pairs. A name without a value does not count. */
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

/** Whether a name is `lower`, in any case. */
export function isNamed(name: string, lower: string): boolean {
  return name.length === lower.length && name.toLowerCase() === lower;
}

/** All pairs as tuples, for `addTrailers`. Allocates, so do not call it for every request. */
export function pairsOf(raw: readonly string[]): [name: string, value: string][] {
  return Array.from({ length: pairCount(raw) }, (_, i) => [nameAt(raw, i), valueAt(raw, i)]);
}
