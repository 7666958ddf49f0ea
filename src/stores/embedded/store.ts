/**
 * State in one SQLite file under `data_dir`: no service needed, survives restarts and killed
 * processes, shared by all processes of one machine. Never for a network file system.
 */
import { join } from 'node:path';
import { z } from 'zod';
import type { AdapterTools, StoreKind } from '../../core/setup/adapters.ts';
import type { Stores } from '../../core/setup/stores.ts';
import { CHANGES_TIMING, type ChangesTiming, openChanges } from './changes.ts';
import { openDatabase } from './database.ts';
import { embeddedMarks } from './marks.ts';
import { embeddedPlans } from './plans.ts';
import { embeddedScores } from './scores.ts';
import { embeddedSessions } from './sessions.ts';
import { startSweep } from './sweep.ts';
import { embeddedThrottle } from './throttle.ts';

/** Name of the state file in `data_dir`. */
export const STATE_FILE = 'state.db';

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
  timing: ChangesTiming = CHANGES_TIMING,
): Stores {
  const db = openDatabase(join(tools.dataDir, STATE_FILE), ({ code, cause }) =>
    tools.events?.emit({ type: 'fault', code, requestId: null, cause }),
  );
  const changes = openChanges(db, timing);
  const stopSweep = startSweep(db, tools.clock);
  return {
    sessions: embeddedSessions(db, changes, tools),
    plans: embeddedPlans(db, tools),
    throttle: embeddedThrottle(db, tools),
    marks: embeddedMarks(db, tools),
    scores: embeddedScores(db, tools),
    ping: () => db.probe(),
    async close() {
      changes.stop();
      stopSweep();
      db.close();
    },
  };
}
