/**
 * The commonest form of a users file, read without the YAML library, which takes ten times as long:
 * one key and one plain or quoted value on a line. Whatever is written otherwise is left to the library.
 */
import type { Json } from '../../core/values/json.ts';

/** A user's name and what the file says about it. */
export type SimpleEntry = readonly [name: string, value: Readonly<Record<string, Json>>];

/** Words that YAML reads as something else than text, in some spelling. */
const KEYWORD = /^(?:true|false|null)$/i;
/** Begins with a letter, so that it is no number, date or mark; no character that means anything in YAML. */
const PLAIN = /^[A-Za-z][\w.@+/-]*(?: [\w.@+/()-]+)*$/;
const QUOTED = /^(?:"([^"\\\p{C}]*)"|'([^'\p{C}]*)')$/u;
const INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
const FLOW = /^(?:\[(.*)\]|\{ (.*) \})$/;
const IGNORED = /^ *(?:#[^\p{C}]*)?$/u;
const LINE = /^( +)([A-Za-z][\w.-]*):(?: (\S.*))?$/;

/** The entries of lines below `users:`, or null where any line is of another form. Linear. */
export function readSimpleEntries(lines: readonly string[]): readonly SimpleEntry[] | null {
  const entries: [string, Map<string, Json>][] = [];
  let outer: string | null = null;
  let inner: string | null = null;
  for (const line of lines) {
    if (IGNORED.test(line)) continue;
    const [, indent = '', key = '', written] = LINE.exec(line) ?? [];
    outer ??= indent;
    if (indent === '' || KEYWORD.test(key)) return null;
    if (indent === outer) {
      if (written !== undefined) return null;
      entries.push([key, new Map()]);
      inner = null;
      continue;
    }
    inner ??= indent;
    const values = entries.at(-1)?.[1];
    const value = written === undefined ? undefined : valueOf(written);
    if (indent !== inner || indent.length <= outer.length) return null;
    if (value === undefined || values === undefined || values.has(key)) return null;
    values.set(key, value);
  }
  if (entries.some(([, values]) => values.size === 0)) return null;
  return entries.map(([name, values]) => [name, Object.fromEntries(values)]);
}

function valueOf(written: string): Json | undefined {
  const flow = FLOW.exec(written);
  if (flow === null) return scalarOf(written);
  const [, list, map] = flow;
  if (list !== undefined) return list === '' ? [] : listOf(list.split(', '));
  const values = new Map<string, Json>();
  for (const pair of (map ?? '').split(', ')) {
    const [key = '', word = '', ...rest] = pair.split(': ');
    const value = PLAIN.test(word) || INTEGER.test(word) ? scalarOf(word) : undefined;
    if (!/^[a-z][a-z0-9_]*$/.test(key) || KEYWORD.test(key)) return undefined;
    if (rest.length > 0 || value === undefined || values.has(key)) return undefined;
    values.set(key, value);
  }
  return Object.fromEntries(values);
}

function listOf(words: readonly string[]): Json | undefined {
  return words.every((word) => PLAIN.test(word) && !KEYWORD.test(word)) ? [...words] : undefined;
}

function scalarOf(written: string): Json | undefined {
  if (written === 'true' || written === 'false') return written === 'true';
  if (INTEGER.test(written)) return Number(written);
  if (PLAIN.test(written)) return KEYWORD.test(written) ? undefined : written;
  const quoted = QUOTED.exec(written);
  return quoted === null ? undefined : (quoted[1] ?? quoted[2]);
}
