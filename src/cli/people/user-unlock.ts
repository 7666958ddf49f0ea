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
import { type Person, withPerson } from './person.ts';
import type { ExitCode, Loaded, Tools } from '../shell/tools.ts';

export function unlockCommand(shell: Shell): Command {
  return configured(
    'unlock',
    'switch second factors on again after too many wrong ones, and end the waits of the account',
  )
    .argument('<name>', 'sign-in name, address or id; of any directory')
    .action((name: string, options: CommonOptions) =>
      conclude(shell, () =>
        withPerson(shell.tools, options, name, (person, loaded) =>
          unlock(shell.tools, person, loaded),
        ),
      ),
    );
}

async function unlock(tools: Tools, person: Person, loaded: Loaded): Promise<ExitCode> {
  const { id, user } = person;
  const found = await using(tools.openAccounts(loaded), async (accounts) => ({
    since: await accounts.factorLock(id),
    devices: (await accounts.devices(id, tools.clock.now())).map(({ device }) => device),
    addresses: (await accounts.signIns(id)).map(({ ip }) => ip),
    // Last, so that what reads badly leaves the lock as it is.
    wasLocked: await accounts.resetFactorTries(id),
  }));
  await using(tools.openStores(loaded), async ({ throttle }) => {
    const counters = countersOfUser(tools.vault, { ...found, id, user });
    for (const counter of counters) await throttle.release(counter, 'all');
  });
  const name = plainText(person.name);
  const { since, wasLocked } = found;
  const was = since === null ? '' : ` (locked since ${new Date(since).toISOString()})`;
  tools.terminal.out(
    wasLocked
      ? `second factors of ${name} are switched on again${was}\n`
      : `second factors of ${name} were not locked; the count of wrong ones starts again\n`,
  );
  tools.terminal.out(`waits after wrong passwords and codes for ${name} have ended\n`);
  return 0;
}
