/**
 * Numbers for Prometheus. Hot ones are counted by hand (checks.ts), the rest by prom-client
 * with children bound once. Labels come from the configuration or from lists of ours.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { EventSink } from '../../core/access/event.ts';
import { checkCounts, renderChecks } from './checks.ts';
import type { Numbers } from './together.ts';

export interface MetricsOptions {
  readonly version: string;
  /** How many sessions there are; asked when the numbers are read. Left out: not told here. */
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
}

const FAST = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 2];
const SLOW = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Metrics from zero, in a registry of their own. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.process !== false) collectDefaultMetrics({ register: registry });
  const checks = checkCounts();
  const flows = new Counter({
    name: 'doorward_flows_total',
    help: 'Runs of flows by how they went on.',
    labelNames: ['flow', 'outcome'],
    registers,
  });
  const dryRuns = new Counter({
    name: 'doorward_flow_would_deny_total',
    help: 'Noes of dry runs in flows: what would have been refused or left out.',
    labelNames: ['flow', 'reason'],
    registers,
  });
  const attempts = new Counter({
    name: 'doorward_signin_attempts_total',
    help: 'Attempts to prove an identity.',
    labelNames: ['method', 'result'],
    registers,
  });
  const changes = new Counter({
    name: 'doorward_account_changes_total',
    help: 'Changes to accounts that flows have written.',
    labelNames: ['change'],
    registers,
  });
  const stores = new Histogram({
    name: 'doorward_store_seconds',
    help: 'Time a store operation took.',
    labelNames: ['op'],
    buckets: FAST,
    registers,
  });
  const upstreams = new Histogram({
    name: 'doorward_upstream_seconds',
    help: 'Time until the app had answered.',
    labelNames: ['route', 'code'],
    buckets: SLOW,
    registers,
  });
  const reload = new Gauge({
    name: 'doorward_reload_ok',
    help: '1 when the last reload took over, 0 when it was refused.',
    aggregator: 'min',
    registers,
  });
  reload.set(1);
  new Gauge({
    name: 'doorward_build_info',
    help: 'Always 1; the version is a label.',
    labelNames: ['version', 'node'],
    aggregator: 'first',
    registers,
  }).set({ version: options.version, node: process.version }, 1);
  if (options.sessions !== undefined) registry.registerMetric(sessionsGauge(options.sessions));

  const observed = children((op) => stores.labels(op));
  const answered = new Map<string, ReturnType<typeof children<Timer>>>();
  return {
    emit(event) {
      switch (event.type) {
        case 'decision':
          checks.count(event.route, event.decision, event.reasons[0] ?? 'none', event.ms);
          for (const { code } of event.dryRun) checks.countDryRun(event.route, code);
          break;
        case 'flow':
          flows.inc({ flow: event.flow, outcome: event.outcome });
          break;
        case 'dry-run':
          for (const { code } of event.why) dryRuns.inc({ flow: event.flow, reason: code });
          break;
        case 'sign-in':
          attempts.inc({ method: event.method, result: event.result });
          break;
        case 'account':
          changes.inc({ change: event.change });
          break;
        case 'upstream': {
          const { route } = event;
          let codes = answered.get(route);
          if (codes === undefined) {
            codes = children((code) => upstreams.labels(route, code));
            answered.set(route, codes);
          }
          codes(event.fault === '' ? statusCode(event.status) : event.fault).observe(
            event.ms / 1000,
          );
          break;
        }
        case 'reload':
          reload.set(event.ok ? 1 : 0);
          break;
        default:
      }
    },
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

interface Timer {
  observe(seconds: number): void;
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

function sessionsGauge(count: () => Promise<number>): Gauge {
  return new Gauge({
    name: 'doorward_sessions',
    help: 'Live sessions in the store; NaN when it does not answer.',
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
