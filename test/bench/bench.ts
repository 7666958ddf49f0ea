/**
 * `npm run bench [SCENARIO…]`: what Doorward costs in comparison with servers that do less, and how it bears
 * many users and slow servers. Never fails because of speed; reports what it could not measure.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { measureChecks } from './scenarios/checks.ts';
import { measureCredentials } from './scenarios/credentials.ts';
import type { DecisionRow } from './scenarios/decisions.ts';
import { measurePeople } from './scenarios/people.ts';
import { measureProxy } from './scenarios/proxying.ts';
import { measureSlowLdap } from './scenarios/slow-ldap.ts';
import { openStand, type Stand } from './stand.ts';

const SCENARIOS: Readonly<Record<string, (stand: Stand) => Promise<void> | void>> = {
  decisions: measureDecisions,
  checks: measureChecks,
  credentials: measureCredentials,
  proxy: measureProxy,
  ldap: measureSlowLdap,
  people: measurePeople,
};

function measureDecisions({ report }: Stand): void {
  const script = join(import.meta.dirname, 'scenarios/decisions.ts');
  report.decisions(
    JSON.parse(execFileSync(process.execPath, [script]).toString()) as DecisionRow[],
  );
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in SCENARIOS));
if (unknown.length > 0) {
  throw new Error(`${unknown.join(', ')}: the scenarios are ${Object.keys(SCENARIOS).join(', ')}`);
}
const stand = await openStand();
try {
  for (const [name, run] of Object.entries(SCENARIOS)) {
    if (wanted.length === 0 || wanted.includes(name)) await run(stand);
  }
  process.stdout.write(`\n${stand.report.render()}`);
} finally {
  await stand.stop();
}
