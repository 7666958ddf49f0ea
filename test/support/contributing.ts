/** The steps of CONTRIBUTING.md for adding a plug-in, as its fenced blocks state them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One step, in the order of the text. */
export type Step =
  /** A line of a shell block. */
  | { readonly kind: 'run'; readonly command: string }
  /** Lines for the list of plug-ins in a file. */
  | { readonly kind: 'insert'; readonly path: string; readonly lines: readonly string[] };

const FENCE = /^```(sh|ts) ?(\S*)\n([^]*?)^```$/gm;

/** The steps below a heading, such as `Add a stage`. Throws if it has none. */
export function stepsBelow(heading: string): readonly Step[] {
  const text = readFileSync(join(import.meta.dirname, '../../CONTRIBUTING.md'), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const steps = [...section.matchAll(FENCE)].flatMap(([, kind, path = '', body = '']): Step[] => {
    const lines = body.split('\n').filter((line) => line !== '');
    if (kind === 'ts') return [{ kind: 'insert', path, lines }];
    return lines.map((line) => ({ kind: 'run', command: line.replace(/\s+#.*$/, '') }));
  });
  if (steps.length === 0) throw new Error(`CONTRIBUTING.md has no steps below "${heading}"`);
  return steps;
}

/** A list of plug-ins with the import and the entry of another one. */
export function withPlugin(list: string, lines: readonly string[]): string {
  const imports = lines.filter((line) => line.startsWith('import '));
  const entries = lines.filter((line) => !line.startsWith('import '));
  const lastImport = list.lastIndexOf('\nimport ') + 1;
  const afterImports = list.indexOf(';\n', lastImport) + 2;
  const end = list.lastIndexOf('];');
  const before = list.slice(afterImports, end).trimEnd().replace(/,?$/, ',');
  return [
    list.slice(0, afterImports),
    ...imports.map((line) => `${line}\n`),
    before,
    ...entries.map((line) => `\n${line}`),
    `\n${list.slice(end)}`,
  ].join('');
}
