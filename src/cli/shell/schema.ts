/** `doorward schema`: JSON Schema of the configuration or of a flow, for editors. */
import { Argument, type Command } from 'commander';
import { configured, runner, type Shell } from './command.ts';
import { printJson } from './output.ts';

export function schemaCommand(shell: Shell): Command {
  const kind = new Argument('[kind]', 'which schema').choices(['config', 'flow']).default('config');
  return configured('schema', 'print the JSON Schema for editors')
    .addArgument(kind)
    .action(
      runner(shell, async (context, chosen: 'config' | 'flow') => {
        printJson(context, await context.jsonSchema(chosen));
        return 0;
      }),
    );
}
