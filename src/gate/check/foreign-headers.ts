/**
 * Headers by which another dialect would say what the original request was. Beside a dialect's
 * own they make two readings of one request, so the request is refused rather than interpreted.
 */
import type { Dialect } from '../../core/request/dialect.ts';

/** The first foreign header of a raw list, lower case, or null. */
export type FindForeign = (rawHeaders: readonly string[]) => string | null;

/** What `dialect` must not be sent: all that the others speak and it does not. */
export function foreignTo(dialect: Dialect, all: readonly Dialect[]): FindForeign {
  const own = new Set(dialect.speaks);
  const names = new Set(all.flatMap((other) => other.speaks).filter((name) => !own.has(name)));
  // By length first: most headers of a request are then passed over without a copy in lower case.
  const lengths = new Set([...names].map((name) => name.length));
  const shortest = Math.min(...lengths);
  return (rawHeaders) => {
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      const key = rawHeaders[i] as string;
      if (key.length < shortest || !lengths.has(key.length)) continue;
      const name = key.toLowerCase();
      if (names.has(name)) return name;
    }
    return null;
  };
}
