/** `doorward hash`: a password in, its hash for a users file out. */
import type { Command } from 'commander';
import { configured, runner, type Shell } from './command.ts';
import { readNewPassword } from './new-password.ts';

export function hashCommand(shell: Shell): Command {
  return configured('hash', 'hash a password for a users file').action(
    runner(shell, async (context) => {
      context.terminal.out(`${await context.passwords.hash(await readNewPassword(context))}\n`);
      return 0;
    }),
  );
}
