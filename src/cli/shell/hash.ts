/** `doorward hash`: a password in, its hash for a users file out. */
import type { Command } from 'commander';
import { type CommonOptions, conclude, configured, type Shell } from './command.ts';
import { readNewPassword } from './new-password.ts';

export function hashCommand(shell: Shell): Command {
  const { context } = shell;
  return configured('hash', 'hash a password for a users file').action((_options: CommonOptions) =>
    conclude(shell, async () => {
      context.terminal.out(`${await context.passwords.hash(await readNewPassword(context))}\n`);
      return 0;
    }),
  );
}
