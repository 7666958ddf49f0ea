/**
 * A separate process that spends an invitation a given number of times and prints how often it
 * succeeded.
 */
import { openAccounts } from '../../src/accounts/accounts.ts';
import { testVault } from './state.ts';

const [dataDir = '', id = '', now = '', times = ''] = process.argv.slice(2);

const accounts = openAccounts({ clock: { now: () => Number(now) }, vault: testVault(), dataDir });
let right = 0;
for (let i = 0; i < Number(times); i++) {
  if (await accounts.spendInvitation(id, Number(now))) right += 1;
}
await accounts.close();
process.stdout.write(String(right));
