/** `doorward user unlock NAME`: unlocks second factors, and ends the waits of the account. */
import type { Command } from 'commander';
import { endWaits, unlockFactors } from '../../core/administration/unlock-user.ts';
import { type CommonOptions, configured, runner, type Shell, using } from '../shell/command.ts';
import type { CommandContext, ExitCode } from '../shell/context.ts';
import { plainText } from '../shell/output.ts';
import { withPerson } from './person.ts';

export function unlockCommand(shell: Shell): Command {
  return configured(
    'unlock',
    'unlock second factors after too many failed attempts, and end the waits of the account',
  )
    .argument('<name>', 'username, email address, or ID; in any directory')
    .action(runner(shell, unlock));
}

async function unlock(
  context: CommandContext,
  login: string,
  options: CommonOptions,
): Promise<ExitCode> {
  return withPerson(context, options, login, async (person, loaded) => {
    const { vault, clock, terminal } = context;
    const found = await using(context.openAccounts(loaded), (accounts) =>
      unlockFactors(accounts, person.id, clock.now()),
    );
    await using(context.openStores(loaded), ({ throttle }) =>
      endWaits({ throttle, vault }, person, found),
    );
    const name = plainText(person.name);
    const { since, wasLocked } = found;
    const was = since === null ? '' : ` (locked since ${new Date(since).toISOString()})`;
    terminal.out(
      wasLocked
        ? `second factors of ${name} are unlocked${was}\n`
        : `second factors of ${name} were not locked; the count of failed attempts is reset\n`,
    );
    terminal.out(`waits after wrong passwords and codes for ${name} have ended\n`);
    return 0;
  });
}
