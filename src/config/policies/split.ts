/** The keys of a binding apart from the options of its policy. */
import type { Raw } from './compiled.ts';

/** The value in two: `own` has the given keys, `rest` all others. */
export function split(raw: Raw, keys: readonly string[]): { own: Raw; rest: Raw } {
  const { own = [], rest = [] } = Object.groupBy(Object.entries(raw), ([key]) =>
    keys.includes(key) ? 'own' : 'rest',
  );
  return { own: Object.fromEntries(own), rest: Object.fromEntries(rest) };
}
