/** Stores that tell how long each operation took. Changes nothing else: same answers, same faults. */
import type { Stores } from '../../core/setup/stores.ts';

/** Told of an operation (`sessions.read`) and its seconds. */
export type Observe = (operation: string, seconds: number) => void;

/** The same function, observed. */
type Timed = <A extends unknown[], R>(
  operation: string,
  run: (...args: A) => Promise<R>,
) => (...args: A) => Promise<R>;

/** The same stores, observed. `now` is in milliseconds and only grows. */
export function timedStores(
  stores: Stores,
  observe: Observe,
  now: () => number = () => performance.now(),
): Stores {
  const timed: Timed = (operation, run) => {
    return async (...args) => {
      const start = now();
      try {
        return await run(...args);
      } finally {
        observe(operation, (now() - start) / 1000);
      }
    };
  };
  const { sessions, sourceSessions, plans, throttle, marks, scores, handovers, unsent } = stores;
  return {
    sessions: {
      start: timed('sessions.start', (ticket, session) => sessions.start(ticket, session)),
      read: timed('sessions.read', (ticket) => sessions.read(ticket)),
      rotate: timed('sessions.rotate', (old, to, session) => sessions.rotate(old, to, session)),
      touch: timed('sessions.touch', (id, seenAt) => sessions.touch(id, seenAt)),
      summary: timed('sessions.entry', (id) => sessions.summary(id)),
      end: timed('sessions.end', (id, session) => sessions.end(id, session)),
      endAll: timed('sessions.endAll', (userId, exceptId) => sessions.endAll(userId, exceptId)),
      list: timed('sessions.list', (userId, limit) => sessions.list(userId, limit)),
      count: timed('sessions.count', () => sessions.count()),
      watch: (listener) => sessions.watch(listener),
      isCoherent: () => sessions.isCoherent(),
    },
    sourceSessions: timedSources(sourceSessions, timed),
    plans: {
      read: timed('plans.read', (id) => plans.read(id)),
      write: timed('plans.write', (plan, expected) => plans.write(plan, expected)),
    },
    throttle: {
      take: timed('throttle.take', (key, rule, at) => throttle.take(key, rule, at)),
      release: timed('throttle.release', (key, how) => throttle.release(key, how)),
    },
    marks: { take: timed('marks.take', (key, until) => marks.take(key, until)) },
    scores: {
      add: timed('scores.add', (key, by, at) => scores.add(key, by, at)),
      read: timed('scores.read', (keys, at) => scores.read(keys, at)),
    },
    handovers: {
      put: timed('handovers.put', (code, handover) => handovers.put(code, handover)),
      take: timed('handovers.take', (code) => handovers.take(code)),
    },
    unsent: {
      put: timed('unsent.put', (key, form) => unsent.put(key, form)),
      read: timed('unsent.read', (key) => unsent.read(key)),
      take: timed('unsent.take', (key) => unsent.take(key)),
    },
    ping: timed('ping', () => stores.ping()),
    close: () => stores.close(),
  };
}

function timedSources(kept: Stores['sourceSessions'], timed: Timed): Stores['sourceSessions'] {
  return {
    keep: timed('sources.keep', (ticket, session, until) => kept.keep(ticket, session, until)),
    read: timed('sources.read', (ticket) => kept.read(ticket)),
    replace: timed('sources.replace', (ticket, session, at) => kept.replace(ticket, session, at)),
    forget: timed('sources.forget', (ticket) => kept.forget(ticket)),
    withdraw: timed('sources.withdraw', (which) => kept.withdraw(which)),
  };
}
