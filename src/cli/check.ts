/** `doorward check`: loads everything a start would load and tells every fault at once. */
import type { Command } from 'commander';
import {
  chosenBy,
  type CommonOptions,
  conclude,
  configured,
  counted,
  printJson,
  type Shell,
} from './command.ts';
import type { ExitCode, Loaded, Tools } from './tools.ts';

interface CheckOptions extends CommonOptions {
  readonly json?: boolean;
}

export function checkCommand(shell: Shell): Command {
  return configured('check', 'load everything and print every fault')
    .option('--json', 'print the faults as JSON')
    .action((options: CheckOptions) => conclude(shell, () => check(shell.tools, options)));
}

async function check(tools: Tools, options: CheckOptions): Promise<ExitCode> {
  const result = await tools.load(chosenBy(options));
  if (options.json === true) {
    const faults = result.ok ? [] : result.faults;
    printJson(tools, { ok: result.ok, faults });
  } else if (result.ok) {
    tools.terminal.out(`${options.config} is fine: ${summary(result.loaded)}\n`);
  } else {
    tools.terminal.err(tools.formatFaults(result.faults));
  }
  return result.ok ? 0 : 1;
}

function summary({ snapshot }: Loaded): string {
  const { routes } = snapshot.table;
  const rules = routes.reduce((sum, route) => sum + route.rules.length, 0);
  return [
    counted(routes.length, 'route'),
    counted(rules, 'rule'),
    counted(snapshot.flows.size, 'flow'),
  ].join(', ');
}
