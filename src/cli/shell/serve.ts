/** `doorward serve`: runs the gateway until a signal ends it. */
import type { Command } from 'commander';
import { type CommonOptions, chosenBy, conclude, configured, type Shell } from './command.ts';

export function serveCommand(shell: Shell): Command {
  return configured('serve', 'run the gateway').action((options: CommonOptions) =>
    conclude(shell, () => shell.context.serve(chosenBy(options))),
  );
}
