/** `doorward schema`: JSON Schema of the configuration or of a flow, for editors. */
import { Argument, type Command } from 'commander';
import { type CommonOptions, conclude, configured, printJson, type Shell } from './command.ts';

export function schemaCommand(shell: Shell): Command {
  const kind = new Argument('[kind]', 'which schema').choices(['config', 'flow']).default('config');
  return configured('schema', 'print the JSON Schema for editors')
    .addArgument(kind)
    .action((chosen: 'config' | 'flow', _options: CommonOptions) =>
      conclude(shell, async () => {
        printJson(shell.context, await shell.context.jsonSchema(chosen));
        return 0;
      }),
    );
}
