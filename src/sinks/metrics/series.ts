/** The numbers that prom-client counts, with their names, labels and buckets. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const FAST = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 2];
const SLOW = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Numbers that events change, registered once per registry. */
export function createSeries(registry: Registry) {
  const registers = [registry];
  return {
    flows: new Counter({
      name: 'doorward_flows_total',
      help: 'Runs of flows, by outcome.',
      labelNames: ['flow', 'outcome'],
      registers,
    }),
    dryRuns: new Counter({
      name: 'doorward_flow_would_deny_total',
      help: 'Failed dry runs in flows: what would have been refused or left out.',
      labelNames: ['flow', 'reason'],
      registers,
    }),
    ...signInSeries(registers),
    changes: new Counter({
      name: 'doorward_account_changes_total',
      help: 'Changes that flows made to accounts.',
      labelNames: ['change'],
      registers,
    }),
    stores: new Histogram({
      name: 'doorward_store_seconds',
      help: 'Duration of store operations.',
      labelNames: ['op'],
      buckets: FAST,
      registers,
    }),
    connections: new Counter({
      name: 'doorward_connections_closed_total',
      help: 'Connections closed because they began without a valid PROXY header.',
      labelNames: ['code'],
      registers,
    }),
    credentials: new Counter({
      name: 'doorward_credential_checks_total',
      help: 'Requests decided for a token or a password in place of a session.',
      labelNames: ['credential', 'decision'],
      registers,
    }),
    databases: new Gauge({
      name: 'doorward_database_up',
      help: '1 if changes in a Postgres database are heard again, 0 while they are not.',
      labelNames: ['part'],
      aggregator: 'min',
      registers,
    }),
    ...directorySeries(registers),
    ...upstreamSeries(registers),
    reload: new Gauge({
      name: 'doorward_reload_ok',
      help: '1 if the last reload succeeded, otherwise 0.',
      aggregator: 'min',
      registers,
    }),
  };
}

function signInSeries(registers: Registry[]) {
  return {
    attempts: new Counter({
      name: 'doorward_signin_attempts_total',
      help: 'Attempts to sign in, by method and result.',
      labelNames: ['method', 'result'],
      registers,
    }),
    sources: new Counter({
      name: 'doorward_source_signins_total',
      help: 'Sign-ins with a source, by the code of the failure; ok without one.',
      labelNames: ['source', 'code'],
      registers,
    }),
    rechecks: new Counter({
      name: 'doorward_source_rechecks_total',
      help: 'Questions to sources whether an account still stands, by result.',
      labelNames: ['source', 'result'],
      registers,
    }),
    logouts: new Counter({
      name: 'doorward_source_logouts_total',
      help: 'Requests of sources to end sessions, by result.',
      labelNames: ['source', 'result'],
      registers,
    }),
  };
}

function directorySeries(registers: Registry[]) {
  return {
    directoryServers: new Gauge({
      name: 'doorward_directory_server_up',
      help: '1 if a server of a directory is in use again, 0 while it is left out.',
      labelNames: ['directory', 'server'],
      // Of several processes, the one that cannot use a server decides.
      aggregator: 'min',
      registers,
    }),
    directories: new Counter({
      name: 'doorward_directory_changes_total',
      help: 'Servers of directories that went out of rotation or came back.',
      labelNames: ['directory', 'change'],
      registers,
    }),
  };
}

function upstreamSeries(registers: Registry[]) {
  return {
    upstreams: new Histogram({
      name: 'doorward_upstream_seconds',
      help: 'Time until the app responded.',
      labelNames: ['route', 'code'],
      buckets: SLOW,
      registers,
    }),
    retries: new Counter({
      name: 'doorward_upstream_retries_total',
      help: 'Members that could not be reached, so that a request went to another one.',
      labelNames: ['route'],
      registers,
    }),
    members: new Counter({
      name: 'doorward_upstream_changes_total',
      help: 'Members of upstreams that went out of rotation or came back.',
      labelNames: ['change'],
      registers,
    }),
  };
}

/** Always 1. */
export function buildInfo(registry: Registry): Gauge {
  return new Gauge({
    name: 'doorward_build_info',
    help: 'Always 1; the version is a label.',
    labelNames: ['version', 'node'],
    aggregator: 'first',
    registers: [registry],
  });
}

/** Not registered yet; asks for the count whenever the numbers are read. */
export function sessionsGauge(count: () => Promise<number>): Gauge {
  return new Gauge({
    name: 'doorward_sessions',
    help: 'Live sessions; NaN while the store does not respond.',
    registers: [],
    async collect() {
      try {
        this.set(await count());
      } catch {
        // Named fallback: the other numbers matter most while the store is down.
        this.set(Number.NaN);
      }
    },
  });
}

/** Members of upstreams that have several, or health checks. */
export type ReadMembers = () => readonly { readonly url: string; readonly isIn: boolean }[];

/** Most members with a number of their own. */
const MOST_MEMBERS = 1_000;

/**
 * Not registered yet; asks for the members whenever the numbers are read. Of several processes, the
 * one that cannot use a member decides.
 */
export function membersGauge(read: ReadMembers): Gauge<'member'> {
  return new Gauge({
    name: 'doorward_upstream_member_up',
    help: '1 if the member of an upstream is in rotation, otherwise 0.',
    labelNames: ['member'],
    aggregator: 'min',
    registers: [],
    collect() {
      this.reset();
      const states = new Map<string, boolean>();
      for (const { url, isIn } of read()) states.set(url, isIn && states.get(url) !== false);
      for (const [member, isIn] of states.entries().take(MOST_MEMBERS)) {
        this.set({ member }, isIn ? 1 : 0);
      }
    },
  });
}
