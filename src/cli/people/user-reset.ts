/**
 * `doorward user reset NAME`: removes authenticators, known devices, and consents of a user, and ends
 * their sessions.
 */
import type { Command } from 'commander';
import { type ResetPart, resetUser } from '../../core/administration/reset-user.ts';
import { type CommonOptions, configured, runner, type Shell, using } from '../shell/command.ts';
import type { CommandContext, ExitCode } from '../shell/context.ts';
import { misused, plainText } from '../shell/output.ts';
import { endSessionsOf } from './embedded.ts';
import { withPerson } from './person.ts';

interface Part {
  readonly option: string;
  /** Commander's key of the option. */
  readonly key: ResetPart;
  readonly title: string;
}

const PARTS: readonly Part[] = [
  { option: 'totp', key: 'totp', title: 'authenticator apps' },
  { option: 'passkeys', key: 'passkeys', title: 'passkeys' },
  { option: 'recovery-codes', key: 'recoveryCodes', title: 'recovery codes' },
  { option: 'email-codes', key: 'emailCodes', title: 'email codes' },
  { option: 'devices', key: 'devices', title: 'known devices' },
  { option: 'consents', key: 'consents', title: 'consents' },
];

interface ResetOptions extends CommonOptions, Readonly<Partial<Record<ResetPart, boolean>>> {
  readonly all?: boolean;
}

export function resetCommand(shell: Shell): Command {
  const command = configured(
    'reset',
    'remove authenticators, devices, and consents of a user, and end their sessions',
  );
  command.argument('<name>', 'username, email address, or ID; in any directory');
  for (const { option, title } of PARTS) command.option(`--${option}`, title);
  return command.option('--all', 'all of these').action(runner(shell, reset));
}

async function reset(
  context: CommandContext,
  name: string,
  options: ResetOptions,
): Promise<ExitCode> {
  const chosen = PARTS.filter(({ key }) => options.all === true || options[key] === true);
  if (chosen.length === 0) {
    const known = PARTS.map(({ option }) => `--${option}`).join(', ');
    return misused(context, `user reset needs one or more of ${known}, or --all`);
  }
  return withPerson(context, options, name, async (person, loaded) => {
    const keys = chosen.map(({ key }) => key);
    await using(context.openAccounts(loaded), (accounts) => resetUser(accounts, person.id, keys));
    const titles = chosen.map(({ title }) => title).join(', ');
    context.terminal.out(`removed from ${plainText(person.name)}: ${titles}\n`);
    await endSessionsOf(context, loaded, person.id);
    return 0;
  });
}
