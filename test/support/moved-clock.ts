/**
 * Loaded before a gateway (`--import`): its wall clock shows the time in the file that
 * `MOVED_CLOCK` names, as epoch milliseconds, and does not move until the file changes.
 */
import { readFileSync } from 'node:fs';

const file = process.env['MOVED_CLOCK'];
if (file !== undefined) {
  const now = (): number => Number(readFileSync(file, 'utf8'));
  const Real = Date;
  globalThis.Date = new Proxy(Real, {
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
    construct: (target, given) => Reflect.construct(target, given.length === 0 ? [now()] : given),
  });
}
