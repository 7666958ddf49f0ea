/** Checks of users who were read, while the LDAP server hangs and checks of other users wait for it. */
import { connect } from 'node:net';
import { findBinary } from '../../support/packages.ts';
import type { Running } from '../servers.ts';
import { type Contender, measure } from '../measure.ts';
import { checkOf, contender, type Stand } from '../stand.ts';
import { startLdapBench } from './ldap.ts';

const PLAN = { rounds: 15, milliseconds: 300, connections: 16 };
/** Longest time of the rounds, in milliseconds. */
const LIMIT = 40_000;
/** Users who were not read, whose checks wait at the same time. */
const WAITING = 8;

export async function measureSlowLdap(stand: Stand): Promise<void> {
  const { report, keep, state, app, begin } = stand;
  if (findBinary('slapd') === null || findBinary('ldapmodify') === null) {
    report.note('slapd or ldapmodify was not found: no row shows an LDAP server that hangs.');
    return;
  }
  const bench = await startLdapBench({ state, upstream: app.port }, keep, { fresh_for: '1h' });
  const { gateway, slapd, cookies } = bench;
  await begin(Promise.resolve(gateway));
  const [known = '', ...others] = cookies.map(checkOf);
  const beside = (around: Pick<Contender, 'around'>): Contender => ({
    ...contender('', gateway, known),
    ...around,
  });
  const all: Contender[] = [
    { ...beside({}), name: 'quiet' },
    { ...beside({ around: () => ask(gateway, others) }), name: 'answering' },
    {
      ...beside({
        around() {
          slapd.pause();
          const stop = ask(gateway, others);
          return () => {
            stop();
            slapd.resume();
          };
        },
      }),
      name: 'hanging',
    },
  ];
  const measured = await measure(all, { ...PLAN, deadline: performance.now() + LIMIT });
  const quiet = measured.get('quiet');
  const what = 'check, LDAP user remembered';
  report.compare(`${what}, others read`, 'no others', measured.get('answering'), quiet);
  report.compare(`${what}, server hangs`, 'no others', measured.get('hanging'), quiet);
  report.note(
    'LDAP user remembered: µs include the checks of others; p99 is that of users who were read.',
  );
}

/** Keeps checks of users under way who were not read; returns how to stop. */
function ask({ port }: Running, requests: string[]): () => void {
  const sockets = Array.from({ length: WAITING }, () => {
    const socket = connect(port, '127.0.0.1');
    const send = (): void => {
      const next = requests.shift();
      if (next === undefined) return;
      // In turn: by then it was forgotten, or is read again as any other.
      requests.push(next);
      socket.write(next, 'latin1');
    };
    socket.on('error', () => undefined);
    socket.on('connect', send);
    socket.on('data', send);
    return socket;
  });
  return () => sockets.forEach((socket) => socket.destroy());
}
