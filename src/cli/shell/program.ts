/** The command line: which commands there are, and how their answers become exit codes. */
import { Command, CommanderError } from 'commander';
import { checkCommand } from '../rules/check.ts';
import type { Shell } from './command.ts';
import { explainCommand } from '../rules/explain.ts';
import { flowCommand } from '../rules/flow.ts';
import { generateCommand } from '../rules/generate.ts';
import { hashCommand } from './hash.ts';
import { healthCommand } from './health.ts';
import { invitationCommand } from '../people/invitation.ts';
import { schemaCommand } from './schema.ts';
import { serveCommand } from './serve.ts';
import { sessionCommand } from '../people/session.ts';
import type { ExitCode, Tools } from './tools.ts';
import { userCommand } from '../people/user.ts';

/** Runs one command line (without node and script) to its exit code. Never throws for what a user typed. */
export async function run(tools: Tools, argv: readonly string[]): Promise<ExitCode> {
  const shell: Shell = { tools, exitCode: 0 };
  try {
    await programOf(shell).parseAsync([...argv], { from: 'user' });
    return shell.exitCode;
  } catch (caught) {
    if (!(caught instanceof CommanderError)) throw caught;
    // Help and version are answers; everything else commander objects to is wrong usage.
    return caught.exitCode === 0 ? 0 : 2;
  }
}

function programOf(shell: Shell): Command {
  const program = new Command('doorward')
    .description('A forward-auth gateway: puts a login in front of apps that have none.')
    .version(shell.tools.version);
  const commands = [
    serveCommand,
    checkCommand,
    explainCommand,
    userCommand,
    sessionCommand,
    invitationCommand,
    flowCommand,
    hashCommand,
    generateCommand,
    healthCommand,
    schemaCommand,
  ];
  for (const make of commands) program.addCommand(make(shell));
  settle(program, shell.tools);
  return program;
}

/** `doorward user add`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** Commander hands settings down only to commands made through it; ours are made on their own. */
function settle(command: Command, tools: Tools): void {
  command.exitOverride();
  command.configureOutput({
    writeOut: (text) => tools.terminal.out(text),
    writeErr: (text) => tools.terminal.err(text),
    outputError: (text, write) => {
      const said = text
        .replace(/^error: /, '')
        .trim()
        .replace(/\s*\n\s*/g, ' ');
      write(`doorward: ${said.replace(/\.$/, '')}; see ${pathOf(command)} --help\n`);
    },
  });
  for (const child of command.commands) settle(child, tools);
}
