/** Reports to operators that a database cannot be heard, is back, or is an earlier state of itself. */
import type { EventSink } from '../../core/access/event.ts';
import { causeOf } from '../../core/values/network-cause.ts';
import { isSilence } from './fault.ts';
import type { PostgresDatabase } from './postgres.ts';

/** One line for each outage. */
export interface Outage {
  /** It cannot be heard, for this reason. */
  begin(caught: unknown): void;
  end(): void;
  /** Changes after number `newest` are gone; `known` had been read. */
  readonly wentBack: (known: number, newest: number) => void;
}

/** The outages of one part of a database. */
export function createOutage(
  { kind, place, schema }: Pick<PostgresDatabase, 'kind' | 'place' | 'schema'>,
  events: EventSink,
): Outage {
  const { code: database } = kind;
  let isOut = false;
  return {
    begin(caught) {
      if (isOut) return;
      isOut = true;
      const word = isSilence(caught) ? 'timeout' : (causeOf(caught)?.word ?? 'other');
      const message = caught instanceof Error ? caught.message : 'unknown fault';
      const cause = { word, message };
      events.emit({ type: 'member', database, member: place, change: 'ejected', cause });
    },
    end() {
      if (isOut) events.emit({ type: 'member', database, member: place, change: 'returned' });
      isOut = false;
    },
    wentBack(known, newest) {
      const words = `The ${place} is an earlier state of itself: the change log of ${schema} ended at ${known} and ends at ${newest} now. A backup was restored, or a replica was promoted that had not received everything. Changes since then are lost: disable, reset and revoke again what was changed.`;
      const cause = new Error(words);
      events.emit({ type: 'fault', code: `${database}/went-back`, requestId: null, cause });
    },
  };
}
