/**
 * Writes that a request causes but does not wait for: last use, and the end of dead sessions. They
 * run after the reply and never fail a request; a failure becomes a fault event.
 */
import type { EventSink } from '../../core/access/event.ts';

/** Starts a write unless one with the same key is under way, so a burst of requests makes one. */
export type BackgroundWrite = (key: string, task: () => Promise<unknown>) => void;

/** `later` runs a task after the current reply. */
export function createBackgroundWrites(
  events: EventSink,
  later: (task: () => void) => void,
): BackgroundWrite {
  const underWay = new Set<string>();
  return (key, task) => {
    if (underWay.has(key)) return;
    underWay.add(key);
    later(() => {
      Promise.resolve()
        .then(task)
        .catch((cause: unknown) => {
          events.emit({ type: 'fault', code: 'session/write', requestId: null, cause });
        })
        .finally(() => underWay.delete(key));
    });
  };
}

/** Runs a task after the current reply. */
export function afterReply(task: () => void): void {
  setImmediate(task);
}
