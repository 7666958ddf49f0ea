/**
 * A separate process that signs in and out as fast as it can and prints what is done, to be killed.
 */
import { writeSync } from 'node:fs';
import { openEmbedded } from '../../src/stores/embedded/store.ts';
import { newTicket, planOf, sessionOf, testVault } from './state.ts';

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('usage: state-writer.ts DATA_DIR');

const clock = { now: () => Date.now() };
const vault = testVault();
const stores = openEmbedded({ clock, vault, dataDir });
for (;;) {
  const [kept, ended] = [newTicket(), newTicket()];
  await stores.sessions.start(kept, sessionOf(vault, clock, kept));
  await stores.sessions.start(ended, sessionOf(vault, clock, ended));
  await stores.sessions.end(vault.name('session', ended.id));
  const plan = planOf(clock);
  await stores.plans.write(plan, 0);
  writeSync(1, `${JSON.stringify({ kept, ended, plan: plan.id })}\n`);
}
