/**
 * `doorward user reset NAME`: removes authenticators, known devices, and consents of a user, and ends
 * their sessions. It reads no stored data, so it also works for data that no secret can open anymore.
 */
import type { Command } from 'commander';
import type { Accounts, AuthenticatorKind } from '../../core/people/account.ts';
import {
  type CommonOptions,
  conclude,
  configured,
  counted,
  misused,
  plainText,
  type Shell,
  using,
} from '../shell/command.ts';
import type { CommandContext, ExitCode } from '../shell/context.ts';
import { withPerson } from './person.ts';

type Take = (accounts: Accounts, userId: string) => Promise<unknown>;

/** With any kind of factor the count of wrong ones goes as well: it was about what is removed. */
const all =
  (kind: AuthenticatorKind): Take =>
  async (accounts, userId) => {
    await accounts.replaceAuthenticators(userId, kind, []);
    await accounts.resetFactorTries(userId);
  };

/** What can be taken: option, its key, what it is called, and how. */
const PARTS: readonly (readonly [option: string, key: string, called: string, take: Take])[] = [
  ['totp', 'totp', 'authenticator apps', all('totp')],
  ['passkeys', 'passkeys', 'passkeys', all('webauthn')],
  ['recovery-codes', 'recoveryCodes', 'recovery codes', all('recovery_code')],
  ['email-codes', 'emailCodes', 'email codes', all('email_code')],
  ['devices', 'devices', 'known devices', (accounts, id) => accounts.forgetDevices(id)],
  ['consents', 'consents', 'consents', (accounts, id) => accounts.removeConsents(id)],
];

type ResetOptions = CommonOptions & Readonly<Record<string, unknown>>;

export function resetCommand(shell: Shell): Command {
  const command = configured(
    'reset',
    'remove authenticators, devices, and consents of a user, and end their sessions',
  );
  command.argument('<name>', 'username, email address, or ID; in any directory');
  for (const [option, , called] of PARTS) command.option(`--${option}`, called);
  return command
    .option('--all', 'all of these')
    .action((name: string, options: ResetOptions) =>
      conclude(shell, () => reset(shell.context, name, options)),
    );
}

async function reset(
  context: CommandContext,
  name: string,
  options: ResetOptions,
): Promise<ExitCode> {
  const chosen = PARTS.filter(([, key]) => options['all'] === true || options[key] === true);
  if (chosen.length === 0) {
    const known = PARTS.map(([option]) => `--${option}`).join(', ');
    return misused(context, `user reset needs one or more of ${known}, or --all`);
  }
  return withPerson(context, options, name, async (person, loaded) => {
    await using(context.openAccounts(loaded), async (accounts) => {
      for (const [, , , take] of chosen) await take(accounts, person.id);
    });
    const what = chosen.map(([, , called]) => called).join(', ');
    context.terminal.out(`removed from ${plainText(person.name)}: ${what}\n`);
    const ended = await using(context.openStores(loaded), (stores) =>
      stores.sessions.endAll(person.id),
    );
    context.terminal.out(`${counted(ended, 'session')} ended\n`);
    return 0;
  });
}
