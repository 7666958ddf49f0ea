/**
 * The cost of one decision, without a socket: by number of routes, by kind of policy, with twenty
 * bindings, for one of a hundred thousand users. Prints JSON: rows of nanoseconds of processor
 * time, medians of interleaved rounds.
 */
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { decide } from '../../../src/core/access/decide.ts';
import type { SessionVisitor } from '../../../src/core/access/decision.ts';
import type { RequestFacts } from '../../../src/core/request/facts.ts';
import {
  type Binding,
  type PolicySet,
  evaluateBinding,
  type PolicyInput,
} from '../../../src/core/policy/policy.ts';
import type { Directory } from '../../../src/core/people/directory.ts';
import type { Snapshot } from '../../../src/core/setup/snapshot.ts';
import {
  DIRECTORY_FILE,
  openEmbeddedDirectory,
} from '../../../src/directories/embedded/directory.ts';
import { group } from '../../../src/policies/group/policy.ts';
import { policies } from '../../../src/policies/index.ts';
import { network } from '../../../src/policies/network/policy.ts';
import { directoryTools } from '../../support/directory-tools.ts';
import type { PolicyExample } from '../../contracts/policies.suite.ts';
import { examplesOf } from '../../support/examples.ts';
import { testSession, testUser } from '../../support/fakes.ts';
import { anInput } from '../../support/policy-input.ts';
import { testBinding, testFacts, testSnapshot } from '../../support/snapshot.ts';

/** One line of the table. */
export interface DecisionRow {
  readonly what: string;
  /** Nanoseconds of processor time. */
  readonly ns: number;
}

const SIZES = [10, 1_000, 10_000];
const PEOPLE = [100, 100_000];
const ROUNDS = 9;
/** Repetitions in a round. */
const TIMES = 50_000;
/** Requests and users, taken in turn. */
const IN_TURN = 1_000;
const NOW = 1_700_000_000_000;

interface Work {
  readonly what: string;
  /** Does it once; `i` counts. */
  readonly once: (i: number) => void;
}

const user = testUser({ groups: ['everybody', 'staff'] });
const visitor = { session: testSession(), user };
const staff = bound('group', group.compile(group.config.parse({ any: ['staff'] })));
const near = bound('network', network.compile(network.config.parse({ any: ['192.0.2.0/24'] })));

/** As the configuration binds it. */
function bound(name: string, evaluate: Binding['evaluate']): Binding {
  return testBinding(true, { name, evaluate });
}

/** Every route has a rule for all, one of two policies below `/admin`, and public assets. */
function snapshotOf(size: number): Snapshot {
  return testSnapshot({
    routes: Array.from({ length: size }, (_, i) => ({
      id: `app-${i}`,
      paths: { '/**': [staff], '/admin/**': [staff, near], '/assets/**': 'public' },
    })),
  });
}

/** Requests to `apps` of the routes, spread over all. */
function requestsTo(size: number, apps: number): readonly RequestFacts[] {
  return Array.from({ length: IN_TURN }, (_, i) =>
    testFacts({
      authority: `app-${Math.floor(((i % apps) * size) / apps)}.example.com`,
      target: i % 2 === 0 ? '/admin/users/7?tab=groups' : '/pages/start',
    }),
  );
}

function deciding(
  what: string,
  { table, site }: Snapshot,
  requests: readonly RequestFacts[],
): Work {
  const once = (i: number): void => {
    const facts = requests[i % IN_TURN] as RequestFacts;
    const { kind } = decide({ table, site, facts, visitor, signals: {}, now: NOW });
    if (kind !== 'allow') throw new Error(`${facts.host}${facts.path}: ${kind}`);
  };
  return { what, once };
}

function byRoutes(): readonly Work[] {
  return SIZES.flatMap((size) => {
    const snapshot = snapshotOf(size);
    const of = size.toLocaleString('en');
    const some = deciding(`requests to 10 of ${of} routes`, snapshot, requestsTo(size, 10));
    if (size === 10) return [some];
    return [
      some,
      deciding(`requests to 1,000 of ${of} routes`, snapshot, requestsTo(size, IN_TURN)),
    ];
  });
}

function withBindings(count: number): Work {
  const bindings = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? staff : near));
  const snapshot = testSnapshot({ routes: [{ id: 'app-0', paths: { '/**': bindings } }] });
  return deciding(`a route with ${count} bindings`, snapshot, requestsTo(1, 1));
}

/** Each policy with the first of its examples that passes. */
async function byPolicy(): Promise<readonly Work[]> {
  const works: Work[] = [];
  for (const policy of policies) {
    const examples = await examplesOf<readonly PolicyExample[]>('policies', policy.type);
    const passing = examples.flatMap(({ options, inputs }) => {
      const binding = bound(policy.type, policy.compile(policy.config.parse(options)));
      const input = inputs.map(anInput).find((one) => evaluateBinding(binding, one).verdict.pass);
      return input === undefined ? [] : [evaluating(policy.type, binding, input)];
    });
    works.push(...passing.slice(0, 1));
  }
  return works;
}

function evaluating(type: string, binding: Binding, input: PolicyInput): Work {
  const gate: PolicySet = { match: 'all', bindings: [binding] };
  return {
    what: `policy ${type}`,
    once: () => void evaluateBinding(gate.bindings[0] as Binding, input),
  };
}

/** A visitor who is not cached, read from the directory, and the decision about them. */
async function byPeople(): Promise<{ readonly works: readonly Work[]; close(): Promise<void> }> {
  const opened: { close(): Promise<void> }[] = [];
  const works: Work[] = [];
  for (const size of PEOPLE) {
    const tools = await directoryTools();
    const directory = openEmbeddedDirectory(tools);
    opened.push({ close: () => directory.close().then(() => tools.remove()) });
    fill(join(tools.dataDir, DIRECTORY_FILE), size);
    works.push(await readingOf(directory, size));
  }
  return { works, close: async () => void (await Promise.all(opened.map((one) => one.close()))) };
}

async function readingOf(directory: Directory, size: number): Promise<Work> {
  const snapshot = snapshotOf(10);
  const requests = requestsTo(10, 10);
  const people: SessionVisitor[] = [];
  for (let i = 0; i < IN_TURN; i += 1) {
    const one = await directory.read(`embedded/u${Math.floor((i * size) / IN_TURN)}`);
    if (one === null) throw new Error(`no user u${i}`);
    people.push({ session: testSession({ userId: one.id }), user: one });
  }
  const { table, site } = snapshot;
  return {
    what: `requests from ${size.toLocaleString('en')} users`,
    once(i) {
      const facts = requests[i % IN_TURN] as RequestFacts;
      const who = people[i % IN_TURN] as SessionVisitor;
      decide({ table, site, facts, visitor: who, signals: {}, now: NOW });
    },
  };
}

/** Writes to the file directly: one command per user would take minutes. */
function fill(path: string, size: number): void {
  const db = new DatabaseSync(path);
  const insert = db.prepare(
    `INSERT INTO users (id, name, folded_name, display_name, email, folded_email, email_verified, groups,
      attributes, disabled, password_hash, created_at, changed_at)
     VALUES (?, ?, ?, ?, ?, ?, 0, '["everybody","staff"]', '{}', 0, NULL, 0, 0)`,
  );
  db.exec('BEGIN');
  for (let i = 0; i < size; i += 1) {
    const name = `user-${i}`;
    const email = `${name}@example.com`;
    insert.run(`embedded/u${i}`, name, name, `User ${i}`, email, email);
  }
  db.exec('COMMIT');
  db.close();
}

function round({ once }: Work): number {
  const begun = process.cpuUsage();
  for (let i = 0; i < TIMES; i += 1) once(i);
  const { user: micros } = process.cpuUsage(begun);
  return (micros * 1000) / TIMES;
}

const people = await byPeople();
const works = [...byRoutes(), withBindings(20), ...(await byPolicy()), ...people.works];
const rounds = works.map((): number[] => []);
// A first run is not counted, so that all code is compiled.
for (const work of works) round(work);
for (let i = 0; i < ROUNDS; i += 1) {
  for (const [at, work] of works.entries()) rounds[at]?.push(round(work));
}
const rows: readonly DecisionRow[] = works.map(({ what }, at) => {
  const sorted = (rounds[at] ?? []).sort((a, b) => a - b);
  return { what, ns: Math.round(sorted[ROUNDS >> 1] ?? 0) };
});
await people.close();
process.stdout.write(JSON.stringify(rows));
