/** `doorward user …`: the manage users of the embedded directory. */
import { Command } from 'commander';
import type { WritableDirectory } from '../../core/people/directory.ts';
import type { User } from '../../core/people/user.ts';
import {
  type CommonOptions,
  collect,
  conclude,
  configured,
  counted,
  declined,
  misused,
  plainText,
  printJson,
  readPairs,
  type Shell,
  using,
  withLoaded,
} from '../shell/command.ts';
import type { CommandContext, ExitCode, Loaded } from '../shell/context.ts';
import { readNewPassword } from '../shell/new-password.ts';
import { textTable } from '../shell/table.ts';
import { importCommand } from './user-import.ts';
import { resetCommand } from './user-reset.ts';
import { addressText, publicUser, showCommand } from './user-show.ts';
import { unlockCommand } from './user-unlock.ts';

/** How many users are read at a time. */
const PAGE = 200;

interface AddOptions extends CommonOptions {
  readonly email?: string;
  readonly displayName?: string;
  readonly group: readonly string[];
  readonly attribute: readonly string[];
}

interface ListOptions extends CommonOptions {
  readonly json?: boolean;
}

export function userCommand(shell: Shell): Command {
  const { context } = shell;
  const none: readonly string[] = [];
  const user = new Command('user').description('manage users of the embedded directory');
  user.addCommand(
    configured('add', 'add a user; the password comes from a prompt or standard input')
      .argument('<name>', 'username')
      .option('--email <address>', 'email address')
      .option('--display-name <text>', 'display name')
      .option('--group <name>', 'group; may be repeated', collect, none)
      .option('--attribute <key=value>', 'attribute; may be repeated', collect, none)
      .action((name: string, options: AddOptions) =>
        conclude(shell, () => add(context, name, options)),
      ),
  );
  user.addCommand(
    configured('list', 'list all users')
      .option('--json', 'print as JSON')
      .action((options: ListOptions) => conclude(shell, () => list(context, options))),
  );
  user.addCommand(showCommand(shell));
  user.addCommand(
    change(
      shell,
      'passwd',
      'set a new password and end all sessions of the user',
      async (users, found) => {
        const hash = await context.passwords.hash(await readNewPassword(context));
        await users.setPassword(found.id, hash);
        return 'has a new password';
      },
    ),
  );
  user.addCommand(
    change(shell, 'disable', 'block a user and end their sessions', async (users, found) => {
      await users.update(found.id, { disabled: true });
      return 'is disabled';
    }),
  );
  user.addCommand(
    configured('enable', 'let a user sign in again')
      .argument('<name>', 'username')
      .action((name: string, options: CommonOptions) =>
        conclude(shell, () =>
          withUser(context, options, name, async (found, users) => {
            await users.update(found.id, { disabled: false });
            context.terminal.out(`${plainText(found.name)} is enabled\n`);
            return 0;
          }),
        ),
      ),
  );
  user.addCommand(
    change(
      shell,
      'delete',
      'delete a user with all stored data, and end their sessions',
      async (users, found, loaded) => {
        await users.delete(found.id);
        await using(context.openAccounts(loaded), (accounts) => accounts.forgetUser(found.id));
        return 'is deleted';
      },
    ),
  );
  user.addCommand(resetCommand(shell));
  user.addCommand(unlockCommand(shell));
  user.addCommand(importCommand(shell, withUsers));
  return user;
}

/** A change after which no earlier session may go on. */
function change(
  shell: Shell,
  name: string,
  description: string,
  apply: (users: WritableDirectory, found: User, loaded: Loaded) => Promise<string>,
): Command {
  const { context } = shell;
  return configured(name, description)
    .argument('<name>', 'username')
    .action((login: string, options: CommonOptions) =>
      conclude(shell, () =>
        withUser(context, options, login, async (found, users, loaded) => {
          const done = await apply(users, found, loaded);
          context.terminal.out(`${plainText(found.name)} ${done}\n`);
          const ended = await using(context.openStores(loaded), (stores) =>
            stores.sessions.endAll(found.id),
          );
          context.terminal.out(`${counted(ended, 'session')} ended\n`);
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
  return withUsers(context, options, async (users) => {
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
      // The operator says that it is theirs.
      emailVerified: options.email !== undefined,
      groups: options.group,
      attributes,
      disabled: false,
    };
    // Before a password is asked for in vain.
    await users.checkName?.(user, null);
    const passwordHash = await context.passwords.hash(await readNewPassword(context));
    const made = await users.create(user, passwordHash);
    context.terminal.out(`${plainText(made.name)} is added\n`);
    return 0;
  });
}

async function list(context: CommandContext, options: ListOptions): Promise<ExitCode> {
  return withUsers(context, options, async (users, loaded) => {
    const all: User[] = [];
    for (let after: string | null = null; ; after = all.at(-1)?.name ?? null) {
      const page = await users.list(after, PAGE);
      all.push(...page);
      if (page.length < PAGE) break;
    }
    if (options.json === true) printJson(context, all.map(publicUser));
    else if (all.length === 0)
      context.terminal.out('no users yet; add one: doorward user add NAME\n');
    else {
      const rows = all.map((u) => [
        u.name,
        u.displayName,
        addressText(u),
        u.groups.join(', '),
        u.disabled ? 'disabled' : '',
      ]);
      context.terminal.out(textTable([['NAME', 'DISPLAY NAME', 'EMAIL', 'GROUPS', ''], ...rows]));
    }
    for (const { path, level, message } of await context.adviseOnUsers(loaded)) {
      if (level === 'warning') context.terminal.err(`warning: ${path}: ${plainText(message)}\n`);
    }
    return 0;
  });
}

/** Opens the embedded directory for an action. */
async function withUsers(
  context: CommandContext,
  options: CommonOptions,
  action: (users: WritableDirectory, loaded: Loaded) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withLoaded(context, options, async (loaded) => {
    const users = await context.openUsers(loaded);
    if (users === null) {
      return declined(
        context,
        `${loaded.settings.file} has no embedded directory; add { type: embedded } to directories`,
      );
    }
    return using(Promise.resolve(users), (opened) => action(opened, loaded));
  });
}

async function withUser(
  context: CommandContext,
  options: CommonOptions,
  name: string,
  action: (found: User, users: WritableDirectory, loaded: Loaded) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withUsers(context, options, async (users, loaded) => {
    const found = await users.find(name, ['username']);
    if (found !== null) return action(found, users, loaded);
    return declined(
      context,
      `the embedded directory has no user ${plainText(name)}; see doorward user list`,
    );
  });
}
