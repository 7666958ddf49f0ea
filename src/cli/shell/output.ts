/** What commands print: results, reasons and mistakes, each with its exit code. */
import { asProblem } from '../../core/values/problem.ts';
import type { CommandContext, ExitCode } from './context.ts';

/** Prints what is wrong and what to do on one line; returns the exit code of wrong usage. */
export function misused(context: CommandContext, text: string): ExitCode {
  context.terminal.err(`doorward: ${text}\n`);
  return 2;
}

/** Prints the reason on one line; returns the exit code of a negative result. */
export function declined(context: CommandContext, text: string): ExitCode {
  context.terminal.err(`doorward: ${text}\n`);
  return 1;
}

/** Prints a value for scripts. */
export function printJson(context: CommandContext, value: unknown): void {
  context.terminal.out(`${JSON.stringify(value, null, 2)}\n`);
}

/** Prints an error on one line; returns the exit code of a negative result. */
export function failed(context: CommandContext, caught: unknown): ExitCode {
  const { code, message, cause } = asProblem(caught);
  const detail = code === 'internal' && cause instanceof Error ? `: ${cause.message}` : '';
  return declined(context, oneLine(`${message} (${code}${detail})`));
}

/** `1 route`, `2 routes`, `3 entries`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Foreign text for a terminal: control characters, which could move the cursor, are escaped. */
export function plainText(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function oneLine(text: string): string {
  return plainText(text.replace(/\s*\n\s*/g, ' '));
}
