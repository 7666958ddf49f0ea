/** One sink that passes events on to several. A sink that throws misses that event; the others do not. */
import type { EventSink } from '../core/access/event.ts';

/** Receives the first error of each sink, so that a broken sink is reported once. */
export type Complaint = (error: unknown) => void;

/** Passes each event to all sinks in order. */
export function fanOut(sinks: readonly EventSink[], complain: Complaint = () => {}): EventSink {
  const broken = new Set<EventSink>();
  return {
    emit(event) {
      for (const sink of sinks) {
        try {
          sink.emit(event);
        } catch (error) {
          // Named fallback: the sink misses this event. A request never fails because of a sink.
          if (broken.has(sink)) continue;
          broken.add(sink);
          complain(error);
        }
      }
    },
  };
}
