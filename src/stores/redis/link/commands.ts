/**
 * Sends commands. Every fault becomes a Problem, the number of waiting commands is bounded, and no reply
 * is used unless the heartbeat proves that its server is a master that accepts writes.
 */
import { storeUnavailable } from '../../../core/values/problem.ts';
import type { Heartbeat } from './heartbeat.ts';
import { problemOf } from './refusals.ts';
import type { Scripted } from './scripts.ts';

/** Commands waiting at most: a Redis that hangs must not fill our memory. */
const MAX_UNDER_WAY = 4_096;

/**
 * Runs commands on the data connection. Rejects with Problem `store/unavailable`, `store/full`,
 * `store/not-master`, `store/no-replicas` or `store/not-writable`.
 */
export type Run = <T>(command: (client: Scripted) => Promise<T>) => Promise<T>;

/** The runner of one connection. */
export function runner(client: Scripted, heartbeat: Pick<Heartbeat, 'isFresh' | 'sure'>): Run {
  let underWay = 0;
  return async (command) => {
    if (underWay >= MAX_UNDER_WAY) throw storeUnavailable(new Error('too many commands under way'));
    underWay++;
    try {
      if (!heartbeat.isFresh()) await heartbeat.sure();
      const reply = await command(client);
      // The reply may have taken long, or have come from a server that was replaced meanwhile.
      if (!heartbeat.isFresh()) await heartbeat.sure();
      return reply;
    } catch (caught) {
      throw problemOf(caught);
    } finally {
      underWay--;
    }
  };
}
