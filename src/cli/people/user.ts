/** `doorward user …`: manages users of the embedded directory. */
import { Command } from 'commander';
import type { User } from '../../core/people/user.ts';
import {
  type CommonOptions,
  configured,
  readPairs,
  repeatable,
  runner,
  type Shell,
  using,
} from '../shell/command.ts';
import type { CommandContext, ExitCode } from '../shell/context.ts';
import { readNewPassword } from '../shell/new-password.ts';
import { declined, misused, plainText, printJson } from '../shell/output.ts';
import { textTable } from '../shell/table.ts';
import { type Embedded, endSessionsOf, withUser, withUsers } from './embedded.ts';
import { importCommand } from './user-import.ts';
import { inviteCommand } from './user-invite.ts';
import { linkCommand, unlinkCommand } from './user-link.ts';
import { resetCommand } from './user-reset.ts';
import { setCommand } from './user-set.ts';
import { addressText, publicUser, showCommand } from './user-show.ts';
import { unlockCommand } from './user-unlock.ts';

/** How many users are read at a time. */
const PAGE = 200;

interface AddOptions extends CommonOptions {
  readonly email?: string;
  readonly displayName?: string;
  readonly group: readonly string[];
  readonly attribute: readonly string[];
  /** False with `--no-password`. */
  readonly password: boolean;
}

interface ListOptions extends CommonOptions {
  readonly json?: boolean;
}

export function userCommand(shell: Shell): Command {
  const user = new Command('user').description('manage users of the embedded directory');
  const commands = [
    addCommand,
    inviteCommand,
    listCommand,
    showCommand,
    setCommand,
    passwordCommand,
    disableCommand,
    enableCommand,
    deleteCommand,
    resetCommand,
    unlockCommand,
    linkCommand,
    unlinkCommand,
    importCommand,
  ];
  for (const make of commands) user.addCommand(make(shell));
  return user;
}

function addCommand(shell: Shell): Command {
  return configured('add', 'add a user; the password comes from a prompt or standard input')
    .argument('<name>', 'username')
    .option('--email <address>', 'email address')
    .option('--display-name <text>', 'display name')
    .addOption(repeatable('--group <name>', 'group'))
    .addOption(repeatable('--attribute <key=value>', 'attribute'))
    .option('--no-password', 'a user that cannot sign in with a password, such as for tokens')
    .action(runner(shell, add));
}

function listCommand(shell: Shell): Command {
  return configured('list', 'list all users')
    .option('--json', 'print as JSON')
    .action(runner(shell, list));
}

function passwordCommand(shell: Shell): Command {
  return change(shell, {
    name: 'passwd',
    description: 'set a new password and end all sessions of the user',
    async apply({ users }, found) {
      const hash = await shell.context.passwords.hash(await readNewPassword(shell.context));
      await users.setPassword(found.id, hash);
      return 'has a new password';
    },
  });
}

function disableCommand(shell: Shell): Command {
  return change(shell, {
    name: 'disable',
    description: 'block a user and end their sessions',
    async apply({ users }, found) {
      await users.update(found.id, { disabled: true });
      return 'is disabled';
    },
  });
}

function deleteCommand(shell: Shell): Command {
  return change(shell, {
    name: 'delete',
    description: 'delete a user with all stored data, and end their sessions',
    async apply({ users, loaded }, { id }) {
      await users.delete(id);
      await using(shell.context.openAccounts(loaded), (accounts) => accounts.forgetUser(id));
      return 'is deleted';
    },
  });
}

function enableCommand(shell: Shell): Command {
  return configured('enable', 'let a user sign in again')
    .argument('<name>', 'username')
    .action(
      runner(shell, (context, name: string, options: CommonOptions) =>
        withUser(context, options, name, async (found, { users }) => {
          await users.update(found.id, { disabled: false });
          context.terminal.out(`${plainText(found.name)} is enabled\n`);
          return 0;
        }),
      ),
    );
}

/** A change after which no earlier session may continue. */
interface Change {
  readonly name: string;
  readonly description: string;
  /** Returns what is then true of the user, for the operator. */
  readonly apply: (embedded: Embedded, found: User) => Promise<string>;
}

function change(shell: Shell, { name, description, apply }: Change): Command {
  return configured(name, description)
    .argument('<name>', 'username')
    .action(
      runner(shell, (context, login: string, options: CommonOptions) =>
        withUser(context, options, login, async (found, embedded) => {
          const done = await apply(embedded, found);
          context.terminal.out(`${plainText(found.name)} ${done}\n`);
          await endSessionsOf(context, embedded.loaded, found.id);
          return 0;
        }),
      ),
    );
}

async function add(context: CommandContext, name: string, options: AddOptions): Promise<ExitCode> {
  const attributes = readPairs(options.attribute);
  if (typeof attributes === 'string') {
    return misused(context, `invalid --attribute ${plainText(attributes)}: use key=value`);
  }
  return withUsers(context, options, async ({ users }) => {
    if ((await users.find(name, ['username'])) !== null) {
      return declined(
        context,
        `user ${plainText(name)} already exists; see doorward user show ${plainText(name)}`,
      );
    }
    const user = {
      name,
      displayName: options.displayName ?? name,
      email: options.email ?? '',
      // The operator vouches for the address.
      emailVerified: options.email !== undefined,
      groups: options.group,
      attributes,
      disabled: false,
    };
    // Before the operator types a password for a name that is refused.
    await users.checkName?.(user, null);
    const passwordHash = options.password
      ? await context.passwords.hash(await readNewPassword(context))
      : null;
    const made = await users.create(user, passwordHash);
    context.terminal.out(`${plainText(made.name)} is added\n`);
    return 0;
  });
}

async function list(context: CommandContext, options: ListOptions): Promise<ExitCode> {
  return withUsers(context, options, async ({ users, loaded }) => {
    const all: User[] = [];
    for (let after: string | null = null; ; after = all.at(-1)?.name ?? null) {
      const page = await users.list(after, PAGE);
      all.push(...page);
      if (page.length < PAGE) break;
    }
    if (options.json === true) printJson(context, all.map(publicUser));
    else context.terminal.out(all.length === 0 ? NO_USERS : tableOf(all));
    for (const { path, level, message } of await context.adviseOnUsers(loaded)) {
      if (level === 'warning') context.terminal.err(`warning: ${path}: ${plainText(message)}\n`);
    }
    return 0;
  });
}

const NO_USERS = 'no users yet; add one: doorward user add NAME\n';

function tableOf(users: readonly User[]): string {
  const rows = users.map((user) => [
    user.name,
    user.displayName,
    addressText(user),
    user.groups.join(', '),
    user.disabled ? 'disabled' : '',
  ]);
  return textTable([['NAME', 'DISPLAY NAME', 'EMAIL', 'GROUPS', ''], ...rows]);
}
