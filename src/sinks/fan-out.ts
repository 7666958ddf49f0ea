/** One sink that passes events on to several. A sink that throws misses that event; the others do not. */
import type { EventSink } from '../core/access/event.ts';

/** Told of the first throw of each sink, so that a broken one is noticed once. */
export type Complaint = (error: unknown) => void;

/** Tells all sinks in order. */
export function fanOut(sinks: readonly EventSink[], complain: Complaint = () => {}): EventSink {
  const broken = new Set<EventSink>();
  return {
    emit(event) {
      for (const sink of sinks) {
        try {
          sink.emit(event);
        } catch (error) {
          // Named fallback: events are told as well as can be; a request never fails over them.
          if (broken.has(sink)) continue;
          broken.add(sink);
          complain(error);
        }
      }
    },
  };
}
