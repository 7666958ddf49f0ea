/**
 * `doorward user unlock NAME`: switches second factors on again after too many wrong ones in a row, and
 * ends the waits of this account. It changes no password and no factor and ends no session.
 */
import type { Command } from 'commander';
import { countersOfUser } from '../../core/proof/proof-counters.ts';
import {
  type CommonOptions,
  conclude,
  configured,
  plainText,
  type Shell,
  using,
} from '../shell/command.ts';
import type { CommandContext, ExitCode, Loaded } from '../shell/context.ts';
import { type Person, withPerson } from './person.ts';

export function unlockCommand(shell: Shell): Command {
  return configured(
    'unlock',
    'unlock second factors after too many failed attempts, and end the waits of the account',
  )
    .argument('<name>', 'username, email address, or ID; in any directory')
    .action((name: string, options: CommonOptions) =>
      conclude(shell, () =>
        withPerson(shell.context, options, name, (person, loaded) =>
          unlock(shell.context, person, loaded),
        ),
      ),
    );
}

async function unlock(context: CommandContext, person: Person, loaded: Loaded): Promise<ExitCode> {
  const { id, user } = person;
  const found = await using(context.openAccounts(loaded), async (accounts) => ({
    since: await accounts.factorLock(id),
    devices: (await accounts.devices(id, context.clock.now())).map(({ device }) => device),
    addresses: (await accounts.signIns(id)).map(({ ip }) => ip),
    // Last, so that what reads badly leaves the lock as it is.
    wasLocked: await accounts.resetFactorTries(id),
  }));
  await using(context.openStores(loaded), async ({ throttle }) => {
    const counters = countersOfUser(context.vault, { ...found, id, user });
    for (const counter of counters) await throttle.release(counter, 'all');
  });
  const name = plainText(person.name);
  const { since, wasLocked } = found;
  const was = since === null ? '' : ` (locked since ${new Date(since).toISOString()})`;
  context.terminal.out(
    wasLocked
      ? `second factors of ${name} are unlocked${was}\n`
      : `second factors of ${name} were not locked; the count of failed attempts is reset\n`,
  );
  context.terminal.out(`waits after wrong passwords and codes for ${name} have ended\n`);
  return 0;
}
