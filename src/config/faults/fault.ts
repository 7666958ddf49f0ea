/**
 * One thing that is wrong with the configuration, with its location and remedy. A value, never
 * thrown. Must never contain a secret: source lines are redacted.
 */

/** Keys and indices from the root of a file to a value. */
export type FaultPath = readonly (string | number)[];

/** One fault. */
export interface Fault {
  /** The file as the operator named it; for an override `environment DOORWARD_…` or `--set …`. */
  readonly file: string;
  /** From 1; 0 when there is no line, as in the environment. */
  readonly line: number;
  readonly col: number;
  /** `routes[0].policies[1].any`; `''` for the whole file. */
  readonly path: string;
  /** What is wrong and what is expected. */
  readonly message: string;
  /** What the operator probably meant, or null. */
  readonly suggestion: string | null;
  /** The source line, redacted, or null. */
  readonly source: string | null;
}

/** Most faults that are shown; the others are counted. */
export const MAX_FAULTS = 100;

/** Longest path that is shown, in characters. */
const MAX_PATH = 120;

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** A path as text: `routes[0].paths[1].path`, unusual keys quoted. Joined in one step, because rules
 * keep the text and concatenations would keep their parts. */
export function formatPath(path: FaultPath): string {
  const text = path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      if (!PLAIN_KEY.test(part)) return `[${JSON.stringify(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
  return text.length > MAX_PATH ? `${text.slice(0, MAX_PATH)}…` : text;
}

/** All faults as text: one line each, with the source line and a caret below it. */
export function formatFaults(faults: readonly Fault[]): string {
  const shown = faults.slice(0, MAX_FAULTS).map(formatFault);
  const hidden = faults.length - shown.length;
  if (hidden > 0) shown.push(`… and ${hidden} more`);
  return `${shown.join('\n')}\n`;
}

/** All faults as JSON, for scripts and editors. */
export function faultsToJson(faults: readonly Fault[]): string {
  return JSON.stringify({ faults }, null, 2);
}

function formatFault(fault: Fault): string {
  const place = fault.line > 0 ? `${fault.file}:${fault.line}:${fault.col}` : fault.file;
  const path = fault.path === '' ? '' : ` ${fault.path}`;
  const remedy = fault.suggestion === null ? '' : `; did you mean ${fault.suggestion}?`;
  const head = `${place}${path}: ${fault.message}${remedy}`;
  if (fault.source === null || fault.line === 0) return head;
  const gutter = `${String(fault.line).padStart(5)} | `;
  const { text, col } = window(fault.source, fault.col);
  return `${head}\n${gutter}${text}\n${' '.repeat(gutter.length + col - 1)}^`;
}

const WIDTH = 110;

/** The part of a long line around the column. */
function window(source: string, col: number): { text: string; col: number } {
  const line = source.replaceAll('\t', ' ');
  const start = col > WIDTH - 10 ? col - 40 : 0;
  const lead = start > 0 ? '…' : '';
  const tail = line.length > start + WIDTH ? '…' : '';
  return { text: lead + line.slice(start, start + WIDTH) + tail, col: col - start + lead.length };
}

/** Hides what may be a password or key in a source line. The length stays, so that the caret fits. */
export function redactLine(line: string): string {
  return line
    .replace(/(:\/\/)([^\s/@"']+)(?=@)/g, (_, lead: string, secret: string) => lead + dots(secret))
    .replace(
      /(\b\w*(?:secret|password|token|key)s?["']?\s*:\s*)([^\s#].*)$/i,
      (whole, lead: string, value: string) =>
        /^["'[\s]*\$\{(?:file|env):[^}]*\}["'\]\s]*$/.test(value) ? whole : lead + dots(value),
    );
}

function dots(text: string): string {
  return '·'.repeat(text.length);
}
