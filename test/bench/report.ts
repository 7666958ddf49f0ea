/** The table of a bench run, as Markdown. Ratios compare our speed with the baseline's. */
import { cpus } from 'node:os';
import type { Measured, Rounds } from './measure.ts';

/** Below this share of a processor, something other than the server was the limit. */
const BUSY = 0.85;

/** What was measured and what could not be. */
export interface Report {
  /** A row; missing rounds make it "not measured". */
  compare(
    what: string,
    yardstick: string,
    ours: Rounds | undefined,
    theirs: Rounds | undefined,
  ): void;
  /** A line of a second table: what was timed by itself. */
  single(what: string, value: string): void;
  /** The cost of one decision without a socket; ratios relate to the first row. */
  decisions(rows: readonly { readonly what: string; readonly ns: number }[]): void;
  /** A line below the table. */
  note(text: string): void;
  render(): string;
}

/** An empty report. */
export function createReport(): Report {
  const rows: string[][] = [];
  const decided: string[][] = [];
  const singles: string[][] = [];
  const notes: string[] = [];
  return {
    decisions(measured) {
      const [first] = measured;
      for (const { what, ns } of measured) {
        decided.push([what, String(ns), (ns / (first?.ns ?? ns)).toFixed(2)]);
      }
    },
    compare(what, yardstick, ours = [], theirs = []) {
      const [own, other] = [medianOf(ours), medianOf(theirs)];
      rows.push([
        what,
        yardstick,
        own === null ? '–' : time(own),
        other === null ? '–' : time(other),
        ratio(ours, theirs, (a, b) => a.cpu / b.cpu),
        own === null ? '–' : rate(own),
        other === null ? '–' : rate(other),
        ratio(ours, theirs, (a, b) => a.p99 / b.p99),
      ]);
    },
    single: (what, value) => void singles.push([what, value]),
    note: (text) => void notes.push(text),
    render() {
      const model = cpus()[0]?.model.trim() ?? 'unknown';
      return [
        `Node ${process.version}, ${cpus().length} processors (${model}).`,
        '',
        ...tableOf(HEAD, rows),
        'µs: processor time of the server an answer. /s: answers a second, the server on one processor.',
        'Interleaved rounds; medians. cost: our µs in theirs, a ratio for each round, and in brackets the',
        'quartiles; less is better. p99: the same of the time within which 99 of 100 answers came.',
        '°: the server was not busy all the time, so the load or the machine was the limit; read the µs.',
        ...notes,
        '',
        ...(singles.length === 0 ? [] : tableOf(['by itself', 'value'], singles)),
        ...(decided.length === 0 ? [] : tableOf(DECISIONS, decided)),
      ].join('\n');
    },
  };
}

const HEAD = ['what', 'yardstick', 'ours µs', 'theirs µs', 'cost', 'ours /s', 'theirs /s', 'p99'];

const DECISIONS = ['one decision, without a socket', 'ns', 'ratio to the first'];

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const words = head.findIndex((name) => /\bns\b|µs/.test(name));
  const rule = head.map((_, i) => (i < words ? '---' : '--:'));
  return [...[head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`), ''];
}

/** The middle value of each number; null without rounds. */
function medianOf(rounds: Rounds): Measured | null {
  const runs = rounds.filter((run) => run !== null);
  if (runs.length === 0) return null;
  const middle = (of: (run: Measured) => number): number => quantile(runs.map(of), 0.5);
  return {
    cpu: middle(({ cpu }) => cpu),
    rate: middle((run) => run.rate),
    busy: middle(({ busy }) => busy),
    p99: middle(({ p99 }) => p99),
  };
}

/** The median of the ratios of all rounds, with quartiles. */
function ratio(
  ours: Rounds,
  theirs: Rounds,
  of: (ours: Measured, theirs: Measured) => number,
): string {
  const ratios = ours.flatMap((own, round) => {
    const other = theirs[round] ?? null;
    return own === null || other === null ? [] : [of(own, other)];
  });
  if (ratios.length === 0) return 'not measured';
  const [low, middle, high] = [0.25, 0.5, 0.75].map((at) => quantile(ratios, at).toFixed(2));
  return `${middle} (${low} to ${high})`;
}

function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * at)] ?? 0;
}

function time({ cpu }: Measured): string {
  return cpu < 1000 ? cpu.toFixed(1) : cpu.toFixed(0);
}

function rate(measured: Measured): string {
  const digits = measured.rate < 1000 ? 1 : 0;
  return `${measured.rate.toFixed(digits)}${measured.busy < BUSY ? '°' : ''}`;
}
