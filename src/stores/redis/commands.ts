/** Sends commands so that every fault becomes one Problem and no more than a bounded number wait. */
import { storeUnavailable } from '../../core/problem.ts';
import { cleanCause } from './connect.ts';
import type { Scripted } from './scripts.ts';

/** Most commands under way; a Redis that hangs must not fill our memory. */
const MAX_UNDER_WAY = 4_096;

/** Runs commands on the data connection; rejects with Problem `store/unavailable`. */
export type Run = <T>(command: (client: Scripted) => Promise<T>) => Promise<T>;

/** The runner of one connection. */
export function runner(client: Scripted): Run {
  let underWay = 0;
  return async (command) => {
    if (underWay >= MAX_UNDER_WAY) throw storeUnavailable(new Error('too many commands under way'));
    underWay++;
    try {
      return await command(client);
    } catch (caught) {
      throw storeUnavailable(cleanCause(caught));
    } finally {
      underWay--;
    }
  };
}
