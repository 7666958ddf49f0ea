/** Freezes plain data all the way down. Class instances (schemas, matchers) are left as they are. */

/** The same value, frozen: plain objects, arrays, and maps and sets that nobody has subclassed. */
export function frozen<T>(value: T): T {
  freeze(value, new Set());
  return value;
}

/** Plug-ins are shared by all snapshots and by nobody's configuration. */
const SHARED = new Set(['stage', 'kind']);

function freeze(value: unknown, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Map || value instanceof Set) {
    if (Object.isFrozen(value)) return;
    for (const item of value.values()) freeze(item, seen);
    for (const method of ['set', 'add', 'delete', 'clear'] as const) {
      if (method in value) Object.defineProperty(value, method, { value: refuseChange });
    }
    Object.freeze(value);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return;
  for (const [key, item] of Object.entries(value)) if (!SHARED.has(key)) freeze(item, seen);
  Object.freeze(value);
}

function refuseChange(): never {
  throw new TypeError('a snapshot cannot be changed');
}
