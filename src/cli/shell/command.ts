/** How a command is run: its configuration loaded, what it opened closed, its answer an exit code. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { asProblem } from '../../core/values/problem.ts';
import type { Chosen, ExitCode, Loaded, Tools } from './tools.ts';

const DEFAULT_FILE = 'config/doorward.yaml';

/** What every command takes. */
export interface CommonOptions {
  readonly config: string;
  readonly set: Chosen['flags'];
}

/** Commands and the exit code of the one that ran. */
export interface Shell {
  readonly tools: Tools;
  exitCode: ExitCode;
}

/** A command that takes `-c FILE` and `--set KEY=VALUE`. */
export function configured(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(
      new Option('-c, --config <file>', 'configuration file')
        .env('DOORWARD_CONFIG')
        .default(DEFAULT_FILE),
    )
    .option(
      '--set <key=value>',
      'an option for this once, e.g. session.idle=30m; may be repeated',
      withFlag,
      {},
    );
}

function withFlag(pair: string, before: Chosen['flags']): Chosen['flags'] {
  const mark = pair.indexOf('=');
  if (mark < 1) throw new InvalidArgumentError('Write it as key=value.');
  return { ...before, [pair.slice(0, mark)]: pair.slice(mark + 1) };
}

/** The configuration that options choose. */
export function chosenBy({ config, set }: CommonOptions): Chosen {
  return { file: config, flags: set };
}

/** Says in one line what was wrong and what to do; the exit code of wrong usage. */
export function misused(tools: Tools, text: string): ExitCode {
  tools.terminal.err(`doorward: ${text}\n`);
  return 2;
}

/** Says in one line why not; the exit code of a no. */
export function declined(tools: Tools, text: string): ExitCode {
  tools.terminal.err(`doorward: ${text}\n`);
  return 1;
}

/** One value as a script reads it. */
export function printJson(tools: Tools, value: unknown): void {
  tools.terminal.out(`${JSON.stringify(value, null, 2)}\n`);
}

/** Keeps the exit code of an action; a fault is told in one line and is a no. */
export async function conclude(shell: Shell, action: () => Promise<ExitCode>): Promise<void> {
  try {
    shell.exitCode = await action();
  } catch (caught) {
    // Named fallback: whatever failed, the command says so and exits 1.
    const problem = asProblem(caught);
    const cause = problem.cause instanceof Error ? `: ${problem.cause.message}` : '';
    shell.exitCode = declined(
      shell.tools,
      oneLine(`${problem.message} (${problem.code}${problem.code === 'internal' ? cause : ''})`),
    );
  }
}

/** Loads the configuration for an action, or prints its faults. */
export async function withLoaded(
  tools: Tools,
  options: CommonOptions,
  action: (loaded: Loaded) => Promise<ExitCode>,
): Promise<ExitCode> {
  const result = await tools.load(chosenBy(options));
  if (result.ok) return action(result.loaded);
  tools.terminal.err(tools.formatFaults(result.faults));
  return 1;
}

/** Opens something, uses it, closes it whatever happens. */
export async function using<T extends { close(): Promise<void> }, R>(
  opening: Promise<T>,
  action: (opened: T) => Promise<R>,
): Promise<R> {
  const opened = await opening;
  try {
    return await action(opened);
  } finally {
    await opened.close();
  }
}

/** `1 route`, `2 routes`, `3 entries`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Text of others on a terminal: no control character moves the cursor or starts a line. */
export function plainText(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Gathers an option that may be repeated. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** `key=value` pairs as a record, or the first text that is none. */
export function readPairs(pairs: readonly string[]): Readonly<Record<string, string>> | string {
  const bad = pairs.find((pair) => pair.indexOf('=') < 1);
  if (bad !== undefined) return bad;
  return Object.fromEntries(
    pairs.map((pair) => {
      const mark = pair.indexOf('=');
      return [pair.slice(0, mark), pair.slice(mark + 1)];
    }),
  );
}

function oneLine(text: string): string {
  return plainText(text.replace(/\s*\n\s*/g, ' '));
}
