/** The table of a bench run, as Markdown. Ratios compare our speed with the baseline's. */
import { cpus } from 'node:os';
import type { Measured } from './measure.ts';

/** Below this share of a processor, something other than the server was the limit. */
const BUSY = 0.85;

/** What was measured and what could not be. */
export interface Report {
  /** A row; a missing number makes it "not measured". */
  compare(
    what: string,
    yardstick: string,
    ours: Measured | undefined,
    theirs: Measured | undefined,
  ): void;
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
  const notes: string[] = [];
  return {
    decisions(measured) {
      const [first] = measured;
      for (const { what, ns } of measured) {
        decided.push([what, String(ns), (ns / (first?.ns ?? ns)).toFixed(2)]);
      }
    },
    compare(what, yardstick, ours, theirs) {
      rows.push([
        what,
        yardstick,
        ours === undefined ? '–' : time(ours),
        theirs === undefined ? '–' : time(theirs),
        ours === undefined || theirs === undefined
          ? 'not measured'
          : (theirs.cpu / ours.cpu).toFixed(2),
        ours === undefined ? '–' : rate(ours),
        theirs === undefined ? '–' : rate(theirs),
        ours === undefined || theirs === undefined
          ? 'not measured'
          : (ours.rate / theirs.rate).toFixed(2),
      ]);
    },
    note: (text) => void notes.push(text),
    render() {
      const model = cpus()[0]?.model.trim() ?? 'unknown';
      return [
        `Node ${process.version}, ${cpus().length} processors (${model}).`,
        '',
        ...tableOf(HEAD, rows),
        'µs: processor time of the server an answer. /s: answers a second, the server on one processor.',
        'Medians of interleaved rounds; ratios are how much of the yardstick’s speed we have, more is better.',
        '°: the server was not busy all the time, so the load or the machine was the limit; read the µs.',
        ...notes,
        '',
        ...(decided.length === 0 ? [] : tableOf(DECISIONS, decided)),
      ].join('\n');
    },
  };
}

const HEAD = [
  'what',
  'yardstick',
  'ours µs',
  'theirs µs',
  'ratio',
  'ours /s',
  'theirs /s',
  'ratio',
];

const DECISIONS = ['one decision, without a socket', 'ns', 'ratio to the first'];

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const words = head.findIndex((name) => /\bns\b|µs/.test(name));
  const rule = head.map((_, i) => (i < words ? '---' : '--:'));
  return [...[head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`), ''];
}

function time({ cpu }: Measured): string {
  return cpu < 1000 ? cpu.toFixed(1) : cpu.toFixed(0);
}

function rate(measured: Measured): string {
  const digits = measured.rate < 1000 ? 1 : 0;
  return `${measured.rate.toFixed(digits)}${measured.busy < BUSY ? '°' : ''}`;
}
