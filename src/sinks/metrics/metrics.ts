/**
 * Numbers for Prometheus. Hot ones are counted by hand (checks.ts), the rest by prom-client
 * with children bound once. Labels come from the configuration or from lists of ours.
 */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { EventSink } from '../../core/access/event.ts';
import { checkCounts, renderChecks } from './checks.ts';
import {
  buildInfo,
  createSeries,
  membersGauge,
  type ReadMembers,
  sessionsGauge,
} from './series.ts';
import type { Numbers } from './together.ts';

export interface MetricsOptions {
  readonly version: string;
  /** Counts the live sessions when the metrics are read. If omitted, the number is not reported. */
  readonly sessions?: () => Promise<number>;
  /** Numbers of the process and of Node; left out in tests. */
  readonly process?: boolean;
}

/** A sink that can be read. */
export interface Metrics extends EventSink {
  /** Prometheus text. */
  render(): Promise<string>;
  /** The same as plain data, to be added to those of other processes. */
  read(): Promise<Numbers>;
  readonly contentType: string;
  /** Notes how long a store operation took, in seconds. */
  readonly observeStore: (operation: string, seconds: number) => void;
  /** Asks for the members of upstreams whenever the numbers are read. */
  readonly watchMembers: (read: ReadMembers) => void;
}

/** Metrics from zero, in a registry of their own. */
// oxlint-disable-next-line max-lines-per-function -- one line or two for each kind of event
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  if (options.process !== false) collectDefaultMetrics({ register: registry });
  const checks = checkCounts();
  const {
    flows,
    dryRuns,
    attempts,
    sources,
    rechecks,
    logouts,
    changes,
    connections,
    stores,
    upstreams,
    retries,
    members,
    directories,
    directoryServers,
    databases,
    credentials,
    reload,
  } = createSeries(registry);
  reload.set(1);
  buildInfo(registry).set({ version: options.version, node: process.version }, 1);
  if (options.sessions !== undefined) registry.registerMetric(sessionsGauge(options.sessions));

  const observed = children((op) => stores.labels(op));
  const answered = children((route) => children((code) => upstreams.labels(route, code)));
  const shown = children((credential) => children((one) => credentials.labels(credential, one)));
  return {
    emit(event) {
      switch (event.type) {
        case 'decision':
          checks.count(event.route, event.decision, event.reasons[0] ?? 'none', event.ms);
          for (const { code } of event.dryRun) checks.countDryRun(event.route, code);
          if (event.tokenId !== undefined) shown('token')(event.decision).inc();
          else if (event.credential !== undefined) shown(event.credential)(event.decision).inc();
          break;
        case 'flow':
          flows.inc({ flow: event.flow, outcome: event.outcome });
          break;
        case 'dry-run':
          for (const { code } of event.why) dryRuns.inc({ flow: event.flow, reason: code });
          break;
        case 'sign-in':
          attempts.inc({ method: event.method, result: event.result });
          if (event.source !== undefined && event.method === 'source') {
            sources.inc({ source: event.source, code: event.code ?? 'ok' });
          }
          break;
        case 'source': {
          const series = event.about === 'recheck' ? rechecks : logouts;
          series.inc({ source: event.source, result: event.result });
          break;
        }
        case 'account':
          changes.inc({ change: event.change });
          break;
        case 'upstream': {
          const code = event.fault === '' ? statusCode(event.status) : event.fault;
          answered(event.route)(code).observe(event.ms / 1000);
          if (event.retries !== undefined) retries.inc({ route: event.route }, event.retries);
          break;
        }
        case 'member':
          if (event.database !== undefined) {
            databases.set({ part: event.database }, event.change === 'returned' ? 1 : 0);
          } else if (event.directory === undefined) members.inc({ change: event.change });
          else {
            const { directory, member: server, change } = event;
            directories.inc({ directory, change });
            directoryServers.set({ directory, server }, change === 'returned' ? 1 : 0);
          }
          break;
        case 'connection':
          connections.inc({ code: event.code });
          break;
        case 'reload':
          reload.set(event.ok ? 1 : 0);
          break;
        default:
      }
    },
    watchMembers: (read) => registry.registerMetric(membersGauge(read)),
    observeStore: (operation, seconds) => observed(operation).observe(seconds),
    async render() {
      return `${renderChecks(checks.read())}${await registry.metrics()}`;
    },
    async read() {
      return { checks: checks.read(), others: await registry.getMetricsAsJSON() };
    },
    contentType: registry.contentType,
  };
}

/** Remembers what was made for a label value. */
function children<T>(make: (label: string) => T): (label: string) => T {
  const known = new Map<string, T>();
  return (label) => {
    let child = known.get(label);
    if (child === undefined) known.set(label, (child = make(label)));
    return child;
  };
}

/** An app answers with what it likes; labels stay within what HTTP knows. */
function statusCode(status: number): string {
  return Number.isInteger(status) && status >= 100 && status <= 599 ? String(status) : 'other';
}
