/**
 * Headers by which another dialect describes the original request. Beside a dialect's own they make
 * two readings of one request, so the request is refused rather than interpreted.
 */
import type { Dialect } from '../../core/request/dialect.ts';
import { nameAt, pairCount } from '../../core/request/header-pairs.ts';

/** The first foreign header of a raw list, lower case, or null. */
export type FindForeign = (rawHeaders: readonly string[]) => string | null;

/** Finds the headers that only other dialects speak. */
export function foreignTo(dialect: Dialect, all: readonly Dialect[]): FindForeign {
  const own = new Set(dialect.speaks);
  const names = new Set(all.flatMap((other) => other.speaks).filter((name) => !own.has(name)));
  // By length first: most headers are then skipped without a copy in lower case.
  const lengths = new Set([...names].map((name) => name.length));
  const shortest = Math.min(...lengths);
  return (rawHeaders) => {
    for (let i = 0; i < pairCount(rawHeaders); i += 1) {
      const key = nameAt(rawHeaders, i);
      if (key.length < shortest || !lengths.has(key.length)) continue;
      const name = key.toLowerCase();
      if (names.has(name)) return name;
    }
    return null;
  };
}
