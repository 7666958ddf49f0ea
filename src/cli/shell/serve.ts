/** `doorward serve`: runs the gateway until a signal ends it. */
import type { Command } from 'commander';
import { type CommonOptions, chosenBy, configured, runner, type Shell } from './command.ts';

export function serveCommand(shell: Shell): Command {
  return configured('serve', 'run the gateway').action(
    runner(shell, (context, options: CommonOptions) => context.serve(chosenBy(options))),
  );
}
