/** Tables for terminals: aligned columns, control characters escaped. */
import { plainText } from './output.ts';

/** The rows as lines of text; the first row is the heading. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(plainText));
  const widths = (clean[0] ?? []).map((_, i) => Math.max(...clean.map((r) => (r[i] ?? '').length)));
  const lines = clean.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return lines.map((line) => `${line}\n`).join('');
}
