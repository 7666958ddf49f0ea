/** `doorward database …`: what the database holds, and moving all of it to another place. */
import { Command } from 'commander';
import { asProblem } from '../../core/values/problem.ts';
import { type CommonOptions, configured, runner, type Shell, withLoaded } from './command.ts';
import type { CommandContext, DatabaseEnd, DatabasePart, ExitCode } from './context.ts';
import { counted, misused, plainText, printJson } from './output.ts';
import { textTable } from './table.ts';

interface VersionOptions extends CommonOptions {
  readonly json?: boolean;
}

interface CopyOptions extends CommonOptions {
  readonly from?: string;
  readonly fromPassword?: string;
  readonly to?: string;
  readonly toPassword?: string;
  readonly json?: boolean;
}

const PLACE = 'embedded or postgres://user@host:5432/name; without it, the configured one';
const PASSWORD = "its password, as a reference: '${file:/run/secrets/db}' or '${env:NAME}'";

export function databaseCommand(shell: Shell): Command {
  const database = new Command('database').description('look at the database, or copy it');
  database.addCommand(
    configured('version', 'show the version of its tables, and what a start would do')
      .option('--json', 'print as JSON')
      .action(runner(shell, version)),
  );
  database.addCommand(
    configured('copy', 'copy everything to an empty place, while all gateways are stopped')
      .option('--from <place>', `where it is: ${PLACE}`)
      .option('--from-password <reference>', PASSWORD)
      .option('--to <place>', `where it goes: ${PLACE}`)
      .option('--to-password <reference>', PASSWORD)
      .option('--json', 'print as JSON')
      .action(runner(shell, copy)),
  );
  return database;
}

/** `none`: no tables. A start makes or upgrades the tables, changes nothing, or refuses what is newer. */
type State = 'none' | 'older' | 'current' | 'newer';

async function version(context: CommandContext, options: VersionOptions): Promise<ExitCode> {
  return withLoaded(context, options, async (loaded) => {
    const { name, parts } = await context.databaseVersion(loaded);
    const states = parts.map((part) => stateOf(part));
    if (options.json === true) {
      printJson(context, {
        release: context.version,
        database: name,
        parts: parts.map(({ part, holds, knows, writtenBy, copy: kept }, i) => ({
          part,
          state: states[i],
          holds,
          knows,
          written_by: writtenBy,
          copy: kept,
        })),
      });
    } else {
      const rows = parts.map((part) => [
        part.part,
        String(part.holds),
        String(part.knows),
        part.writtenBy ?? '-',
        meaningOf(part),
      ]);
      const heading = ['PART', 'HOLDS', 'KNOWN', 'WRITTEN BY', 'A START'];
      context.terminal.out(`${plainText(name)}\n${textTable([heading, ...rows])}`);
    }
    return states.includes('newer') ? 1 : 0;
  });
}

function stateOf({ holds, knows }: DatabasePart): State {
  if (holds > knows) return 'newer';
  if (holds === knows) return 'current';
  return holds === 0 ? 'none' : 'older';
}

function meaningOf(part: DatabasePart): string {
  const { knows, copy: kept } = part;
  switch (stateOf(part)) {
    case 'none':
      return 'makes the tables';
    case 'current':
      return 'changes nothing';
    case 'newer':
      return 'is refused: run the release that wrote it, or a newer one';
    case 'older':
      return kept === null
        ? `upgrades the tables to ${knows}: back up first`
        : `upgrades the tables to ${knows}, and keeps a copy in ${kept}`;
  }
}

async function copy(context: CommandContext, options: CopyOptions): Promise<ExitCode> {
  const from = endOf('--from', options.from, options.fromPassword);
  const to = endOf('--to', options.to, options.toPassword);
  for (const end of [from, to]) if (typeof end === 'string') return misused(context, end);
  if (typeof from === 'string' || typeof to === 'string') return 2;
  if (from === null && to === null) {
    return misused(context, 'expected --from or --to: the other end is the configured database');
  }
  return withLoaded(context, options, async (loaded) => {
    try {
      const copied = await context.copyDatabase(loaded, { from, to });
      if (options.json === true) printJson(context, copied);
      else context.terminal.out(copiedText(copied));
      return 0;
    } catch (caught) {
      const { code, message } = asProblem(caught);
      if (code === 'database/place') return misused(context, plainText(message));
      throw caught;
    }
  });
}

const REFERENCES = /\$\{[^{}]*\}/g;
/** Also where the rest is no URL, such as one whose host was a reference. */
const WITH_PASSWORD = /^[^/?#:]*:\/\/[^/?#:]*:[^/?#]+@/;

/** An end as it was typed, or why not: every user of the machine can read the arguments of a process. */
function endOf(
  option: DatabaseEnd['option'],
  place: string | undefined,
  password: string | undefined,
): DatabaseEnd | string | null {
  const remedy = `leave it out, and give ${option}-password '\${file:PATH}' or '\${env:NAME}'`;
  if (password !== undefined && password.replace(REFERENCES, '') !== '') {
    return `${option}-password must not contain the password itself: ${remedy}`;
  }
  if (place === undefined) {
    return password === undefined ? null : `${option}-password needs ${option}`;
  }
  return !WITH_PASSWORD.test(place.replace(REFERENCES, ''))
    ? { option, place, password: password ?? null }
    : `the URL of ${option} must not contain a password: ${remedy}`;
}

function copiedText({ from, to, tables }: Awaited<ReturnType<CommandContext['copyDatabase']>>) {
  const rows = tables.map(({ part, table, rows: number, digest }) => [
    part,
    table,
    String(number),
    digest.slice(0, 16),
  ]);
  const all = tables.reduce((sum, one) => sum + one.rows, 0);
  return `${textTable([['PART', 'TABLE', 'ROWS', 'DIGEST'], ...rows])}copied ${counted(all, 'row')} of ${counted(tables.length, 'table')} from ${plainText(from)} to ${plainText(to)}, and compared all of them\n`;
}
