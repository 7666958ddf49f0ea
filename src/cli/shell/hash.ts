/** `doorward hash`: a password in, its hash for a users file out. */
import type { Command } from 'commander';
import { type CommonOptions, conclude, configured, type Shell } from './command.ts';
import { readNewPassword } from './new-password.ts';

export function hashCommand(shell: Shell): Command {
  const { tools } = shell;
  return configured('hash', 'hash a password for a users file').action((_options: CommonOptions) =>
    conclude(shell, async () => {
      tools.terminal.out(`${await tools.passwords.hash(await readNewPassword(tools))}\n`);
      return 0;
    }),
  );
}
