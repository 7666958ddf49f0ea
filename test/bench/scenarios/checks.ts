/** The cost of a check beside servers that only answer: remembered, with its session read, and at first sight. */
import { findBinary } from '../../support/packages.ts';
import { startBenchGateway } from '../gateway.ts';
import { type Contender, measure } from '../measure.ts';
import { startNginx, startScript } from '../servers.ts';
import { mintSessions } from '../sessions.ts';
import { checkOf, contender, type Stand } from '../stand.ts';
import { startLdapBench } from './ldap.ts';

/** Enough that no ticket is sent twice while the first check of a ticket is measured. */
const SESSIONS = 8_000;
const PLAN = { rounds: 15, milliseconds: 300, connections: 32 };
/** Longest time of the rounds, in milliseconds. */
const LIMIT = 60_000;

const ROWS = [
  ['check, session remembered', 'warm'],
  ['check, ticket remembered, session read', 'cold'],
  ['check, ticket never seen', 'first'],
  ['check, user of LDAP never read', 'ldap'],
] as const;

export async function measureChecks(stand: Stand): Promise<void> {
  const { begin, state, blind, app, nginx, report } = stand;
  const own = await begin(startBenchGateway({ state, upstream: app.port }));
  const checks = (await mintSessions(own.configFile, SESSIONS)).map(checkOf);
  const [check = ''] = checks;
  const all: Contender[] = [
    contender('warm', own, check),
    { ...contender('first', own, ...checks), once: true },
    contender('bare', await begin(startScript('bare.ts')), check),
  ];
  if (nginx !== null) {
    const still = await begin(startNginx(nginx, { location: 'return 200;' }));
    all.push(contender('nginx', still, check));
  }
  if (blind !== null) {
    const cold = await begin(startBenchGateway({ state: blind, upstream: app.port }));
    // All tickets once, so that only the sessions have to be read.
    all.push({ ...contender('cold', cold, ...checks), warmUp: SESSIONS });
  }
  const ldap = await unreadUsers(stand);
  if (ldap !== null) all.push(ldap);
  const measured = await measure(all, { ...PLAN, deadline: performance.now() + LIMIT });
  for (const [what, name] of ROWS) {
    report.compare(what, 'bare node:http', measured.get(name), measured.get('bare'));
    report.compare(what, 'nginx, static reply', measured.get(name), measured.get('nginx'));
  }
}

/** Users of a directory in LDAP, each of them once; null without slapd. */
async function unreadUsers({ report, keep, state, app, begin }: Stand): Promise<Contender | null> {
  if (findBinary('slapd') === null || findBinary('ldapmodify') === null) {
    report.note('slapd or ldapmodify was not found: no row shows a user of LDAP.');
    return null;
  }
  const { gateway, cookies } = await startLdapBench({ state, upstream: app.port }, keep);
  await begin(Promise.resolve(gateway));
  return { ...contender('ldap', gateway, ...cookies.map(checkOf)), once: true };
}
