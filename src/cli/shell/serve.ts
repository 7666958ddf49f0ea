/** `doorward serve`: runs the gateway until a signal ends it. */
import type { Command } from 'commander';
import { chosenBy, type CommonOptions, conclude, configured, type Shell } from './command.ts';

export function serveCommand(shell: Shell): Command {
  return configured('serve', 'run the gateway').action((options: CommonOptions) =>
    conclude(shell, () => shell.tools.serve(chosenBy(options))),
  );
}
