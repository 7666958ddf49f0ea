/**
 * Counts and times of checks, kept in plain numbers: a warm check pays for two map lookups.
 * Labels are bounded; no user, host or path is ever one.
 */

/** The result of a check. */
type Outcome = 'allow' | 'authenticate' | 'deny' | 'error';
const OUTCOMES: readonly Outcome[] = ['allow', 'authenticate', 'deny', 'error'];

/** Upper bounds in seconds. */
const BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2];

/** Most pairs of route and reason; what comes later is counted under `other`. */
const MOST_SERIES = 20_000;

export interface CheckCounts {
  count(route: string | null, outcome: Outcome, reason: string, ms: number): void;
  /** A dry run would have refused, for this reason. */
  countDryRun(route: string | null, reason: string): void;
  read(): CheckNumbers;
}

/** Counts as plain data, to be sent from one process to another. */
export interface CheckNumbers {
  /** By label text: counts in the order of the outcomes. */
  readonly series: Readonly<Record<string, readonly number[]>>;
  /** The same of what dry runs would have refused: one count each. */
  readonly dryRuns: Readonly<Record<string, readonly number[]>>;
  readonly buckets: readonly number[];
  /** Seconds altogether. */
  readonly sum: number;
}

interface Counter {
  readonly labels: string;
  readonly counts: Float64Array;
}

/** Counters by route and reason, of so many counts each. */
interface Series {
  readonly of: (route: string | null, reason: string) => Float64Array;
  readonly read: () => CheckNumbers['series'];
}

function seriesOf(length: number): Series {
  const routes = new Map<string | null, Map<string, Counter>>();
  let pairs = 0;
  const counterOf = (route: string | null, reason: string): Counter => {
    const known = routes.get(route)?.get(reason);
    if (known !== undefined) return known;
    if (pairs >= MOST_SERIES && route !== 'other') return counterOf('other', 'other');
    let reasons = routes.get(route);
    if (reasons === undefined) routes.set(route, (reasons = new Map()));
    pairs += 1;
    const labels = `route="${labelText(route ?? '')}",reason="${labelText(reason)}"`;
    const made = { labels, counts: new Float64Array(length) };
    reasons.set(reason, made);
    return made;
  };
  return {
    of: (route, reason) => counterOf(route, reason).counts,
    read() {
      const all = [...routes.values()].flatMap((reasons) => [...reasons.values()]);
      return Object.fromEntries(all.map(({ labels, counts }) => [labels, [...counts]]));
    },
  };
}

/** Counts from zero. */
export function checkCounts(): CheckCounts {
  const checks = seriesOf(OUTCOMES.length);
  const dryRuns = seriesOf(1);
  const buckets = new Float64Array(BOUNDS.length + 1);
  let sum = 0;

  return {
    count(route, outcome, reason, ms) {
      const counts = checks.of(route, reason);
      const at = OUTCOMES.indexOf(outcome);
      counts[at] = (counts[at] ?? 0) + 1;
      const seconds = ms / 1000;
      let bucket = 0;
      for (const bound of BOUNDS) {
        if (seconds <= bound) break;
        bucket += 1;
      }
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      sum += seconds;
    },
    countDryRun(route, reason) {
      const counts = dryRuns.of(route, reason);
      counts[0] = (counts[0] ?? 0) + 1;
    },
    read: () => ({
      series: checks.read(),
      dryRuns: dryRuns.read(),
      buckets: [...buckets],
      sum,
    }),
  };
}

/** Counts of several processes as one. */
export function addChecks(all: readonly CheckNumbers[]): CheckNumbers {
  return {
    series: addSeries(all.map((one) => one.series)),
    dryRuns: addSeries(all.map((one) => one.dryRuns)),
    buckets: all.reduce<readonly number[]>((sum, one) => added(sum, one.buckets), []),
    sum: all.reduce((sum, one) => sum + one.sum, 0),
  };
}

function addSeries(all: readonly CheckNumbers['series'][]): CheckNumbers['series'] {
  const series: Record<string, readonly number[]> = {};
  for (const one of all) {
    for (const [labels, counts] of Object.entries(one)) {
      series[labels] = added(series[labels] ?? [], counts);
    }
  }
  return series;
}

function added(a: readonly number[], b: readonly number[]): readonly number[] {
  return b.map((value, i) => value + (a[i] ?? 0));
}

/** Prometheus text, ending with a line end. */
export function renderChecks({ series, dryRuns, buckets, sum }: CheckNumbers): string {
  const lines = [
    '# HELP doorward_checks_total Requests decided.',
    '# TYPE doorward_checks_total counter',
  ];
  for (const [labels, counts] of Object.entries(series)) {
    for (const [i, outcome] of OUTCOMES.entries()) {
      if (counts[i] === 0) continue;
      lines.push(`doorward_checks_total{${labels},decision="${outcome}"} ${counts[i]}`);
    }
  }
  lines.push(
    '# HELP doorward_would_deny_total Requests that dry runs would have denied.',
    '# TYPE doorward_would_deny_total counter',
    ...Object.entries(dryRuns).map(
      ([labels, [count]]) => `doorward_would_deny_total{${labels}} ${count}`,
    ),
  );
  lines.push(
    '# HELP doorward_check_seconds Time spent deciding.',
    '# TYPE doorward_check_seconds histogram',
  );
  let below = 0;
  for (const [i, count] of buckets.entries()) {
    below += count;
    lines.push(`doorward_check_seconds_bucket{le="${BOUNDS[i] ?? '+Inf'}"} ${below}`);
  }
  lines.push(`doorward_check_seconds_sum ${sum}`, `doorward_check_seconds_count ${below}`);
  return `${lines.join('\n')}\n`;
}

/** A label value (Prometheus text format 0.0.4). */
function labelText(text: string): string {
  return text
    .slice(0, 128)
    .replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`))
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');
}
