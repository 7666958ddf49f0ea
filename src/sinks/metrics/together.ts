/**
 * Numbers of several processes as one: counters and histograms are added, gauges as each of them
 * says. What a process counted outlives it, or a graph would take its end for a jump.
 */
import {
  type Aggregator,
  AggregatorRegistry,
  type MetricObjectWithValues,
  type MetricValue,
} from 'prom-client';
import { addChecks, type CheckNumbers, renderChecks } from './checks.ts';

/** What one process, or several, have counted; plain data. */
export interface Numbers {
  readonly checks: CheckNumbers;
  readonly others: readonly MetricObjectWithValues<MetricValue<string>>[];
}

/** Prometheus text of all of them. */
export async function renderTogether(all: readonly Numbers[]): Promise<string> {
  return `${renderChecks(addChecks(all.map((one) => one.checks)))}${await registryOf(all).metrics()}`;
}

/** One for all; gauges of processes that have ended are to be left out by `lasting`. */
export async function together(all: readonly Numbers[]): Promise<Numbers> {
  const checks = addChecks(all.map((one) => one.checks));
  return { checks, others: await registryOf(all).getMetricsAsJSON() };
}

/** What stays of a process that has ended: all that only grows. */
export function lasting({ checks, others }: Numbers): Numbers {
  // Names as in prom-client's JSON; its types say numbers.
  const grows = new Set<unknown>(['counter', 'histogram']);
  return { checks, others: others.filter((metric) => grows.has(metric.type)) };
}

function registryOf(all: readonly Numbers[]) {
  return AggregatorRegistry.aggregate(all.map(({ others }) => others.map(firstForOmitted)));
}

/** When the first of them started is when the gateway did; prom-client would leave it out. */
function firstForOmitted<T extends { readonly aggregator: Aggregator }>(metric: T): T {
  return metric.aggregator === 'omit' ? { ...metric, aggregator: 'first' } : metric;
}
