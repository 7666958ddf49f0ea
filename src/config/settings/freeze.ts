/** Freezes plain data recursively. Does not touch class instances such as schemas and matchers. */
import { finish, type Steps } from '../../core/values/steps.ts';

/** The same value, frozen: plain objects, arrays, maps and sets. */
export function frozen<T>(value: T): T {
  return finish(frozenSteps(value));
}

/** The same in steps of a few objects. The value is frozen after the last step. */
export function* frozenSteps<T>(value: T): Steps<T> {
  const seen = new Set<object>();
  const left: unknown[] = [value];
  for (let objects = 1; left.length > 0; objects += 1) {
    freeze(left.pop(), seen, left);
    if (objects % OBJECTS === 0) yield;
  }
  return value;
}

/** Objects in a step; a route has about thirty. */
const OBJECTS = 32;

/** Keys whose values are plug-ins, which all snapshots share. */
const SHARED = new Set(['stage', 'kind']);

/** Freezes one object and adds its members to `left`. */
function freeze(value: unknown, seen: Set<object>, left: unknown[]): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Map || value instanceof Set) {
    if (Object.isFrozen(value)) return;
    for (const item of value.values()) left.push(item);
    for (const method of ['set', 'add', 'delete', 'clear'] as const) {
      if (method in value) Object.defineProperty(value, method, { value: refuseChange });
    }
    Object.freeze(value);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return;
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === 'object' && item !== null && !SHARED.has(key)) left.push(item);
  }
  Object.freeze(value);
}

function refuseChange(): never {
  throw new TypeError('a snapshot cannot be changed');
}
