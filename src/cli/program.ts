/** The command line: lists the commands and turns their results into exit codes. */
import { Command, CommanderError } from 'commander';
import { invitationCommand } from './people/invitation.ts';
import { sessionCommand } from './people/session.ts';
import { tokenCommand } from './people/token.ts';
import { userCommand } from './people/user.ts';
import { checkCommand } from './rules/check.ts';
import { explainCommand } from './rules/explain.ts';
import { flowCommand } from './rules/flow.ts';
import { generateCommand } from './rules/generate.ts';
import type { Shell } from './shell/command.ts';
import type { CommandContext, ExitCode } from './shell/context.ts';
import { databaseCommand } from './shell/database.ts';
import { hashCommand } from './shell/hash.ts';
import { healthCommand } from './shell/health.ts';
import { schemaCommand } from './shell/schema.ts';
import { serveCommand } from './shell/serve.ts';

/** Runs a command line (without node and script) and returns its exit code. Never throws for invalid input. */
export async function run(context: CommandContext, argv: readonly string[]): Promise<ExitCode> {
  const shell: Shell = { context, exitCode: 0 };
  try {
    await programOf(shell).parseAsync([...argv], { from: 'user' });
    return shell.exitCode;
  } catch (caught) {
    if (!(caught instanceof CommanderError)) throw caught;
    // Commander also throws for help and version, with exit code 0; anything else is wrong usage.
    return caught.exitCode === 0 ? 0 : 2;
  }
}

function programOf(shell: Shell): Command {
  const program = new Command('doorward')
    .description('Forward-auth gateway: adds sign-in to apps that have none.')
    .version(shell.context.version);
  const commands = [
    serveCommand,
    checkCommand,
    explainCommand,
    userCommand,
    sessionCommand,
    invitationCommand,
    tokenCommand,
    flowCommand,
    databaseCommand,
    hashCommand,
    generateCommand,
    healthCommand,
    schemaCommand,
  ];
  for (const make of commands) program.addCommand(make(shell));
  settle(program, shell.context);
  return program;
}

/** `doorward user add`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** Commander passes settings on only to subcommands that it creates itself. */
function settle(command: Command, context: CommandContext): void {
  command.exitOverride();
  command.configureOutput({
    writeOut: (text) => context.terminal.out(text),
    writeErr: (text) => context.terminal.err(text),
    outputError: (text, write) => {
      const line = text
        .replace(/^error: /, '')
        .trim()
        .replace(/\s*\n\s*/g, ' ');
      write(`doorward: ${line.replace(/\.$/, '')}; see ${pathOf(command)} --help\n`);
    },
  });
  for (const child of command.commands) settle(child, context);
}
