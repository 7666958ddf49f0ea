/**
 * Regular expressions read as tuples of strings. Give it only patterns that match in linear time:
 * the text often comes from outside.
 */

/** A tuple of `N` strings. */
export type Groups<N extends number, T extends string[] = []> = T['length'] extends N
  ? T
  : Groups<N, [...T, string]>;

/**
 * Returns the groups of the first match, or null without a match. A group that took no part is
 * `''`. Throws a TypeError if the pattern does not have `count` groups.
 */
export function capture<const N extends number>(
  pattern: RegExp,
  text: string,
  count: N,
): Groups<N> | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const groups = match.slice(1).map((group) => group ?? '');
  if (!hasLength(groups, count)) throw new TypeError(`${pattern} does not have ${count} groups`);
  return groups;
}

function hasLength<N extends number>(groups: readonly string[], count: N): groups is Groups<N> {
  return groups.length === count;
}
