/**
 * State in one SQLite file under `data_dir`: needs no service, survives restarts and killed
 * processes, and is shared by all processes of one machine. Not for network file systems.
 */
import { join } from 'node:path';
import { z } from 'zod';
import type { AdapterTools, StoreKind } from '../../core/setup/adapters.ts';
import type { Stores } from '../../core/setup/stores.ts';
import { type ChangesTiming, openChangeLog } from '../../database/change-log.ts';
import { openSqlite } from '../../database/sqlite.ts';
import { embeddedHandovers } from './handovers.ts';
import { embeddedMarks } from './marks.ts';
import { embeddedPlans } from './plans.ts';
import { STATE_KIND } from './schema.ts';
import { embeddedScores } from './scores.ts';
import { embeddedSessions } from './sessions.ts';
import { embeddedSourceSessions } from './source-sessions.ts';
import { startSweep } from './sweep.ts';
import { embeddedThrottle } from './throttle.ts';
import { embeddedUnsent } from './unsent.ts';

/** Name of the state file in `data_dir`. */
export const STATE_FILE = 'state.db';

/** Open WebSockets of a session that another process ended close within `poll`. */
const TIMING: ChangesTiming = { believed: 1, poll: 100 };

/** `state: embedded`. */
export const embedded: StoreKind<'embedded'> = {
  type: 'embedded',
  claims: (state) => state === 'embedded',
  config: z.literal('embedded').describe('Sessions, plans and counters in a file under data_dir.'),
  open: async (_config, tools) => openEmbedded(tools),
};

/** Opens the file. Problems `store/unusable` and `store/newer`. */
export function openEmbedded(
  tools: Pick<AdapterTools, 'clock' | 'vault' | 'dataDir'> & Partial<Pick<AdapterTools, 'events'>>,
  timing: ChangesTiming = TIMING,
): Stores {
  const db = openSqlite(join(tools.dataDir, STATE_FILE), {
    ...STATE_KIND,
    onFull: ({ code, cause }) =>
      tools.events?.emit({ type: 'fault', code, requestId: null, cause }),
  });
  const changes = openChangeLog(db, { id: 'session', now: () => tools.clock.now() }, timing);
  const stopSweep = startSweep(db, tools.clock);
  return {
    sessions: embeddedSessions(db, changes, tools),
    sourceSessions: embeddedSourceSessions(db, tools),
    plans: embeddedPlans(db, tools),
    throttle: embeddedThrottle(db, tools),
    marks: embeddedMarks(db, tools),
    handovers: embeddedHandovers(db, tools),
    unsent: embeddedUnsent(db, tools),
    scores: embeddedScores(db, tools),
    ping: () => db.probe(),
    async close() {
      changes.stop();
      stopSweep();
      db.close();
    },
  };
}
