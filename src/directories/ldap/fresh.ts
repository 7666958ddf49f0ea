/**
 * Values that are read from outside and used for a while. A value in use is read again in the
 * background before it becomes too old, so that readers do not wait.
 */
import { LRUCache } from 'lru-cache';

/** Ages in milliseconds. */
interface FreshTiming {
  /** From this age on, a use reads the value again in the background. */
  readonly refreshAfter: number;
  /** From this age on, it is not used any more. */
  readonly maxAge: number;
}

/** What it takes. */
export interface FreshParts<V> {
  readonly timing: FreshTiming;
  readonly capacity: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly load: (key: string) => Promise<V>;
  /** A value differs from the one read before. */
  readonly onChange?: (key: string, before: V, after: V) => void;
}

/** Values by key. */
export interface Fresh<V> {
  /** The value, read at most `maxAge` ago. Rejects if it has to be read and cannot be. */
  read(key: string): Promise<V>;
  /** Reads the value now. */
  reload(key: string): Promise<V>;
  /** Notes a value that was read otherwise; `at`: when that read began, by `now`. */
  put(key: string, value: V, at: number): void;
  keys(): readonly string[];
  clear(): void;
}

interface Known<V> {
  readonly value: V;
  /** When the read began. */
  readonly at: number;
}

/** No values yet. */
export function createFresh<V>(parts: FreshParts<V>): Fresh<V> {
  const { timing, capacity, now, load, onChange } = parts;
  const known = new LRUCache<string, Known<V>>({ max: capacity });
  const underWay = new Map<string, Promise<V>>();

  const put = (key: string, value: V, at: number): void => {
    const before = known.peek(key);
    // A slow read must not replace what a later one found.
    if (before !== undefined && before.at > at) return;
    known.set(key, { value, at });
    if (before !== undefined) onChange?.(key, before.value, value);
  };
  const reload = async (key: string): Promise<V> => {
    const at = now();
    const value = await load(key);
    put(key, value, at);
    return value;
  };
  const join = (key: string): Promise<V> => {
    const joined = underWay.get(key);
    if (joined !== undefined) return joined;
    const begun = reload(key).finally(() => underWay.delete(key));
    underWay.set(key, begun);
    return begun;
  };

  return {
    async read(key) {
      const found = known.get(key);
      const age = found === undefined ? Number.POSITIVE_INFINITY : now() - found.at;
      if (found === undefined || age >= timing.maxAge) return join(key);
      // Named fallback: the value stays until it is too old; who reports faults is `load`.
      if (age >= timing.refreshAfter) join(key).catch(() => null);
      return found.value;
    },
    reload,
    put,
    keys: () => [...known.keys()],
    clear: () => known.clear(),
  };
}
