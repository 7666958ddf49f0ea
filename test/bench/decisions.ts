/**
 * What one decision costs for 10, 1,000 and 10,000 routes, without a socket. Prints JSON: nanoseconds
 * of processor time a decision by number of routes, medians of interleaved rounds.
 */
import { decide } from '../../src/core/decide.ts';
import type { RequestFacts } from '../../src/core/facts.ts';
import type { Binding } from '../../src/core/policy.ts';
import type { Snapshot } from '../../src/core/snapshot.ts';
import { group } from '../../src/policies/group/policy.ts';
import { network } from '../../src/policies/network/policy.ts';
import { testSession, testUser } from '../support/fakes.ts';
import { testBinding, testFacts, testSnapshot } from '../support/snapshot.ts';

const SIZES = [10, 1_000, 10_000];
const ROUNDS = 9;
const DECISIONS = 100_000;
/** Requests taken in turn, spread over the routes. */
const REQUESTS = 1_000;
const NOW = 1_700_000_000_000;

const user = testUser({ groups: ['everybody', 'staff'] });
const visitor = { session: testSession(), user };

/** As the configuration binds it. */
function bound(name: string, judge: Binding['judge']): Binding {
  return testBinding(true, { name, judge });
}

/** Every route has a rule for all, one of two policies below `/admin`, and public assets. */
function snapshotOf(size: number): Snapshot {
  const staff = bound('group', group.compile(group.config.parse({ any: ['staff'] })));
  const near = bound('network', network.compile(network.config.parse({ any: ['192.0.2.0/24'] })));
  return testSnapshot({
    routes: Array.from({ length: size }, (_, i) => ({
      id: `app-${i}`,
      paths: { '/**': [staff], '/admin/**': [staff, near], '/assets/**': 'public' },
    })),
  });
}

function requestsTo(size: number): readonly RequestFacts[] {
  return Array.from({ length: REQUESTS }, (_, i) =>
    testFacts({
      authority: `app-${Math.floor((i * size) / REQUESTS)}.example.com`,
      target: i % 2 === 0 ? '/admin/users/7?tab=groups' : '/pages/start',
    }),
  );
}

const tables = SIZES.map((size) => {
  const { table, site } = snapshotOf(size);
  const requests = requestsTo(size);
  const run = (): number => {
    const begun = process.cpuUsage();
    for (let i = 0; i < DECISIONS; i += 1) {
      const facts = requests[i % REQUESTS] as RequestFacts;
      const { kind } = decide({ table, site, facts, visitor, signals: {}, now: NOW });
      if (kind !== 'allow') throw new Error(`${facts.host}${facts.path}: ${kind}`);
    }
    const { user: micros } = process.cpuUsage(begun);
    return (micros * 1000) / DECISIONS;
  };
  return { size, run, rounds: [] as number[] };
});
// Once unheard, so that all are compiled.
for (const { run } of tables) run();
for (let round = 0; round < ROUNDS; round += 1) {
  for (const { run, rounds } of tables) rounds.push(run());
}
const medians = tables.map(({ size, rounds }) => {
  rounds.sort((a, b) => a - b);
  return [String(size), Math.round(rounds[ROUNDS >> 1] ?? 0)] as const;
});
process.stdout.write(JSON.stringify(Object.fromEntries(medians)));
