/** The same gateway with 10 users and with 100,000, in SQLite and in Postgres. Takes some minutes. */
import { join } from 'node:path';
import type { WritableDirectory } from '../../../src/core/people/directory.ts';
import {
  openEmbeddedDirectory,
  openSharedDirectory,
} from '../../../src/directories/embedded/directory.ts';
import { postgresConfig } from '../../../src/schema/postgres.ts';
import { directoryTools } from '../../support/directory-tools.ts';
import { findBinary } from '../../support/packages.ts';
import { startPostgres } from '../../support/postgres.ts';
import { type BenchGateway, createToken, runCommand, startBenchGateway } from '../gateway.ts';
import { type Contender, measure } from '../measure.ts';
import { memory } from '../processor.ts';
import { mintSessions } from '../sessions.ts';
import { checkOf, checkWith, contender, type Stand } from '../stand.ts';
import { writeExport } from './exports.ts';

const FEW = 10;
const MANY = 100_000;
/** Each is sent once, to measure the first sight of a user. */
const SESSIONS = 3_200;
const PLAN = { rounds: 15, milliseconds: 250, connections: 32 };
/** Longest time of the rounds, in milliseconds. */
const LIMIT = 60_000;
/** Users of one page, and how often each is read. */
const PAGE = 200;
const TIMES = 15;

/** Where users are, and the product that they came from. */
interface Place {
  readonly name: string;
  readonly product: string;
  /** A new, empty database; null for the file of the gateway. */
  readonly create: () => string | null;
}

export async function measurePeople(stand: Stand): Promise<void> {
  const places: Place[] = [
    { name: 'SQLite', product: 'Authelia', create: () => null },
    { name: 'SQLite', product: 'authentik', create: () => null },
  ];
  if (findBinary('postgres') === null) {
    stand.report.note('postgres was not found: no row shows users in it.');
  } else {
    const server = await startPostgres();
    stand.keep(server);
    places.push({ name: 'Postgres', product: 'Keycloak', create: () => server.create() });
  }
  for (const place of places) await measurePlace(stand, place);
}

async function measurePlace(stand: Stand, place: Place): Promise<void> {
  const { report } = stand;
  const where = `${MANY.toLocaleString('en')} users in ${place.name}`;
  const many = await openHouse(stand, place, MANY);
  report.single(`import of ${where} from ${place.product}`, `${many.seconds.toFixed(1)} s`);
  // Products differ by their import alone.
  if (place.product === 'authentik') return;
  const few = await openHouse(stand, place, FEW);
  const contenders = [...contendersOf('few', few), ...contendersOf('many', many)];
  const measured = await measure(contenders, { ...PLAN, deadline: performance.now() + LIMIT });
  for (const [what, kind] of [
    ['check, session remembered', 'session'],
    ['check, token remembered', 'token'],
    ['check, user never seen', 'first'],
  ]) {
    const [ours, theirs] = [measured.get(`many ${kind}`), measured.get(`few ${kind}`)];
    report.compare(`${what}, ${where}`, `${FEW} users`, ours, theirs);
  }
  for (const [name, house] of [
    [where, many],
    [`${FEW} users`, few],
  ] as const) {
    const megabytes = memory(house.gateway.pid) / 1024 / 1024;
    report.single(
      `memory after these checks, ${place.name}, ${name}`,
      `${megabytes.toFixed(0)} MB`,
    );
  }
  await timePages(stand, many, where);
}

/** A gateway with its users, and what their requests contain. */
interface House {
  readonly gateway: BenchGateway;
  readonly users: WritableDirectory;
  /** How long the import took. */
  readonly seconds: number;
  readonly checks: readonly string[];
  readonly token: string;
}

async function openHouse(
  { begin, keep, state, app }: Stand,
  place: Place,
  count: number,
): Promise<House> {
  const url = place.create();
  const gateway = await begin(
    startBenchGateway({
      state,
      upstream: app.port,
      directories: '[{ type: embedded }]',
      policies: '[{ type: group, any: [staff] }]',
      accepts: '[session, basic, bearer]',
      extra: url === null ? '' : `database: ${url}`,
    }),
  );
  const { configFile } = gateway;
  const file = writeExport(join(configFile, '..'), place.product, count);
  const begun = performance.now();
  runCommand(configFile, 'user', 'import', file);
  const seconds = (performance.now() - begun) / 1000;
  const tools = { ...(await directoryTools()), dataDir: join(configFile, '../data') };
  const users =
    url === null
      ? openEmbeddedDirectory(tools)
      : await openSharedDirectory(postgresConfig.parse(url), tools);
  keep({ stop: () => users.close() });
  const ids = await spreadIds(users, count);
  const checks = (await mintSessions(configFile, SESSIONS, ids)).map(checkOf);
  return { gateway, users, seconds, checks, token: createToken(gateway, 'user1') };
}

/** The ids of users from all over the directory. */
async function spreadIds(users: WritableDirectory, count: number): Promise<readonly string[]> {
  const step = Math.max(1, Math.floor(count / SESSIONS));
  const names = Array.from({ length: Math.min(count, SESSIONS) }, (_, i) => `user${i * step}`);
  const found = await Promise.all(names.map((name) => users.find(name, ['username'])));
  return found.map((user) => user?.id ?? '');
}

function contendersOf(name: string, { gateway, checks, token }: House): readonly Contender[] {
  return [
    contender(`${name} session`, gateway, checks[0] ?? ''),
    contender(`${name} token`, gateway, checkWith(`Bearer ${token}`)),
    { ...contender(`${name} first`, gateway, ...checks.slice(1)), once: true },
  ];
}

/** How long lists and lookups of single users take, and commands that look at all users. */
async function timePages(
  { report }: Stand,
  { users, gateway }: House,
  where: string,
): Promise<void> {
  // In the order of names, `user5…` is in the middle and `user9…` at the end.
  const tasks: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['first page', () => users.list(null, PAGE)],
    ['page in the middle', () => users.list('user5', PAGE)],
    ['last page', () => users.list('user9998', PAGE)],
    ['lookup by username', () => users.find('user54321', ['username'])],
    ['lookup by address', () => users.find('user54321@example.test', ['email'])],
    ['names that look alike', async () => users.findAlike?.('user5432l')],
  ];
  for (const [what, task] of tasks) {
    const times: number[] = [];
    for (let i = 0; i < TIMES; i += 1) {
      const begun = performance.now();
      await task();
      times.push(performance.now() - begun);
    }
    times.sort((a, b) => a - b);
    const [middle = 0, last = 0] = [times[TIMES >> 1], times.at(-1)];
    report.single(`${what}, ${where}`, `${middle.toFixed(2)} ms, at most ${last.toFixed(1)} ms`);
  }
  for (const line of [['user', 'list', '--json'], ['check']]) {
    const begun = performance.now();
    runCommand(gateway.configFile, ...line);
    const seconds = (performance.now() - begun) / 1000;
    report.single(`doorward ${line.join(' ')}, ${where}`, `${seconds.toFixed(1)} s`);
  }
}
