/** `doorward user …`: the people of the embedded directory. */
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
import { readNewPassword } from '../shell/new-password.ts';
import { textTable } from '../shell/table.ts';
import type { ExitCode, Loaded, Tools } from '../shell/tools.ts';
import { importCommand } from './user-import.ts';
import { resetCommand } from './user-reset.ts';
import { unlockCommand } from './user-unlock.ts';
import { addressText, publicUser, showCommand } from './user-show.ts';

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
  const { tools } = shell;
  const none: readonly string[] = [];
  const user = new Command('user').description('people of the embedded directory');
  user.addCommand(
    configured('add', 'add somebody; the password comes from a prompt or standard input')
      .argument('<name>', 'sign-in name')
      .option('--email <address>', 'address')
      .option('--display-name <text>', 'name as shown')
      .option('--group <name>', 'group; may be repeated', collect, none)
      .option('--attribute <key=value>', 'attribute; may be repeated', collect, none)
      .action((name: string, options: AddOptions) =>
        conclude(shell, () => add(tools, name, options)),
      ),
  );
  user.addCommand(
    configured('list', 'list everybody')
      .option('--json', 'print as JSON')
      .action((options: ListOptions) => conclude(shell, () => list(tools, options))),
  );
  user.addCommand(showCommand(shell));
  user.addCommand(
    change(shell, 'passwd', 'set a new password and end the sessions', async (users, found) => {
      const hash = await tools.passwords.hash(await readNewPassword(tools));
      await users.setPassword(found.id, hash);
      return 'has a new password';
    }),
  );
  user.addCommand(
    change(shell, 'disable', 'lock somebody out and end their sessions', async (users, found) => {
      await users.update(found.id, { disabled: true });
      return 'is disabled';
    }),
  );
  user.addCommand(
    configured('enable', 'let somebody in again')
      .argument('<name>', 'sign-in name')
      .action((name: string, options: CommonOptions) =>
        conclude(shell, () =>
          withUser(tools, options, name, async (found, users) => {
            await users.update(found.id, { disabled: false });
            tools.terminal.out(`${plainText(found.name)} is enabled\n`);
            return 0;
          }),
        ),
      ),
  );
  user.addCommand(
    change(
      shell,
      'delete',
      'delete somebody, with all that is kept about them, and end their sessions',
      async (users, found, loaded) => {
        await users.delete(found.id);
        await using(tools.openAccounts(loaded), (accounts) => accounts.forgetUser(found.id));
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
  const { tools } = shell;
  return configured(name, description)
    .argument('<name>', 'sign-in name')
    .action((login: string, options: CommonOptions) =>
      conclude(shell, () =>
        withUser(tools, options, login, async (found, users, loaded) => {
          const done = await apply(users, found, loaded);
          tools.terminal.out(`${plainText(found.name)} ${done}\n`);
          const ended = await using(tools.openStores(loaded), (stores) =>
            stores.sessions.endAll(found.id),
          );
          tools.terminal.out(`${counted(ended, 'session')} ended\n`);
          return 0;
        }),
      ),
    );
}

async function add(tools: Tools, name: string, options: AddOptions): Promise<ExitCode> {
  const attributes = readPairs(options.attribute);
  if (typeof attributes === 'string') {
    return misused(tools, `--attribute ${plainText(attributes)}: write it as key=value`);
  }
  return withUsers(tools, options, async (users) => {
    if ((await users.find(name, ['username'])) !== null) {
      return declined(
        tools,
        `there is a user ${plainText(name)} already; see doorward user show ${plainText(name)}`,
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
    const passwordHash = await tools.passwords.hash(await readNewPassword(tools));
    const made = await users.create(user, passwordHash);
    tools.terminal.out(`${plainText(made.name)} is added\n`);
    return 0;
  });
}

async function list(tools: Tools, options: ListOptions): Promise<ExitCode> {
  return withUsers(tools, options, async (users, loaded) => {
    const all: User[] = [];
    for (let after: string | null = null; ; after = all.at(-1)?.name ?? null) {
      const page = await users.list(after, PAGE);
      all.push(...page);
      if (page.length < PAGE) break;
    }
    if (options.json === true) printJson(tools, all.map(publicUser));
    else if (all.length === 0)
      tools.terminal.out('nobody yet; add somebody: doorward user add NAME\n');
    else {
      const rows = all.map((u) => [
        u.name,
        u.displayName,
        addressText(u),
        u.groups.join(', '),
        u.disabled ? 'disabled' : '',
      ]);
      tools.terminal.out(textTable([['NAME', 'DISPLAY NAME', 'EMAIL', 'GROUPS', ''], ...rows]));
    }
    for (const { path, level, message } of await tools.adviseOnUsers(loaded)) {
      if (level === 'warning') tools.terminal.err(`warning: ${path}: ${plainText(message)}\n`);
    }
    return 0;
  });
}

/** Opens the embedded directory for an action. */
async function withUsers(
  tools: Tools,
  options: CommonOptions,
  action: (users: WritableDirectory, loaded: Loaded) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withLoaded(tools, options, async (loaded) => {
    const users = await tools.openUsers(loaded);
    if (users === null) {
      return declined(
        tools,
        `${loaded.settings.file} names no embedded directory; add { type: embedded } to directories`,
      );
    }
    return using(Promise.resolve(users), (opened) => action(opened, loaded));
  });
}

async function withUser(
  tools: Tools,
  options: CommonOptions,
  name: string,
  action: (found: User, users: WritableDirectory, loaded: Loaded) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withUsers(tools, options, async (users, loaded) => {
    const found = await users.find(name, ['username']);
    if (found !== null) return action(found, users, loaded);
    return declined(
      tools,
      `nobody in the embedded directory is called ${plainText(name)}; see doorward user list`,
    );
  });
}
