/** A process of its own that spends one invitation as often as it is told and prints how often it was right. */
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
