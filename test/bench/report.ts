/** The table of a bench run, as Markdown. Ratios say how much of the yardstick's speed we have. */
import { cpus } from 'node:os';
import type { Measured } from './measure.ts';

/** Below this share of a processor something else than the server was the limit. */
const BUSY = 0.85;

/** What was measured and what could not be. */
export interface Report {
  /** A row; a number that is not there makes it "not measured". */
  compare(
    what: string,
    yardstick: string,
    ours: Measured | undefined,
    theirs: Measured | undefined,
  ): void;
  /** A line below the table. */
  note(text: string): void;
  render(): string;
}

/** An empty report. */
export function createReport(): Report {
  const rows: string[][] = [];
  const notes: string[] = [];
  return {
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
      const lines = [HEAD, HEAD.map((_, i) => (i < 2 ? '---' : '--:')), ...rows];
      return [
        `Node ${process.version}, ${cpus().length} processors (${model}).`,
        '',
        ...lines.map((cells) => `| ${cells.join(' | ')} |`),
        '',
        'µs: processor time of the server an answer. /s: answers a second, the server on one processor.',
        'Medians of interleaved rounds; ratios are how much of the yardstick’s speed we have, more is better.',
        '°: the server was not busy all the time, so the load or the machine was the limit; read the µs.',
        ...notes,
        '',
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

function time({ cpu }: Measured): string {
  return cpu < 1000 ? cpu.toFixed(1) : cpu.toFixed(0);
}

function rate(measured: Measured): string {
  const digits = measured.rate < 1000 ? 1 : 0;
  return `${measured.rate.toFixed(digits)}${measured.busy < BUSY ? '°' : ''}`;
}
