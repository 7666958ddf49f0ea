/** Runs a command: loads its configuration, closes what it opened, returns an exit code. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Chosen, CommandContext, ExitCode, Loaded } from './context.ts';
import { failed } from './output.ts';

const DEFAULT_FILE = 'config/doorward.yaml';

/** Options of every command. */
export interface CommonOptions {
  readonly config: string;
  readonly set: Chosen['flags'];
}

/** The context of all commands, and the exit code of the one that ran. */
export interface Shell {
  readonly context: CommandContext;
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
    .addOption(
      new Option('--set <key=value>', 'override an option, e.g. session.idle=30m; may be repeated')
        .argParser(withFlag)
        .default({}, 'none'),
    );
}

function withFlag(pair: string, before: Chosen['flags']): Chosen['flags'] {
  const mark = pair.indexOf('=');
  if (mark < 1) throw new InvalidArgumentError('Use key=value.');
  return { ...before, [pair.slice(0, mark)]: pair.slice(mark + 1) };
}

/** The configuration that the options select. */
export function chosenBy({ config, set }: CommonOptions): Chosen {
  return { file: config, flags: set };
}

/**
 * The function that commander calls for an action. Stores the exit code; an error becomes one line
 * and exit code 1.
 */
export function runner<A extends readonly unknown[]>(
  shell: Shell,
  action: (context: CommandContext, ...args: A) => Promise<ExitCode>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    try {
      shell.exitCode = await action(shell.context, ...args);
    } catch (caught) {
      // Named fallback: any error becomes one line and exit code 1.
      shell.exitCode = failed(shell.context, caught);
    }
  };
}

/** Loads the configuration for an action, or prints its faults. */
export async function withLoaded(
  context: CommandContext,
  options: CommonOptions,
  action: (loaded: Loaded) => Promise<ExitCode>,
): Promise<ExitCode> {
  const result = await context.load(chosenBy(options));
  if (result.ok) return action(result.loaded);
  context.terminal.err(context.formatFaults(result.faults));
  return 1;
}

/** Opens a resource, uses it, and always closes it. */
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

/** An option that may be repeated; its values are a list. `missing` says what an empty list means. */
export function repeatable(flags: string, description: string, missing = 'none'): Option {
  return new Option(flags, `${description}; may be repeated`)
    .argParser<readonly string[]>((value, before) => [...before, value])
    .default([], missing);
}

/** `key=value` pairs as a record, or the first text that is not a pair. */
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
