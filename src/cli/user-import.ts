/**
 * `doorward user import FILE`: people of a users file, with their hashes, into the embedded
 * directory. Somebody who is there already is left alone, so that a second run changes
 * nothing and never brings back an old password; `--update` says otherwise.
 */
import type { Command } from 'commander';
import type { WritableDirectory } from '../core/ports.ts';
import {
  type CommonOptions,
  conclude,
  configured,
  counted,
  plainText,
  type Shell,
  using,
} from './command.ts';
import type { ExitCode, Loaded, Tools, UsersFileEntry } from './tools.ts';

interface ImportOptions extends CommonOptions {
  readonly update?: boolean;
}

/** Opens the embedded directory for an action; handed in by `user`. */
type WithUsers = (
  tools: Tools,
  options: CommonOptions,
  action: (users: WritableDirectory, loaded: Loaded) => Promise<ExitCode>,
) => Promise<ExitCode>;

export function importCommand(shell: Shell, withUsers: WithUsers): Command {
  const { tools } = shell;
  return configured('import', 'add the people of a users file, with their password hashes')
    .argument('<file>', 'users file')
    .option('--update', 'overwrite people who are there already, and end their sessions')
    .action((file: string, options: ImportOptions) =>
      conclude(shell, async () => {
        const entries = await tools.readUsersFile(file);
        return withUsers(tools, options, async (users, loaded) => {
          const updated: string[] = [];
          let added = 0;
          for (const entry of entries) {
            const done = await put(users, entry, options.update === true);
            tools.terminal.out(`${plainText(entry.user.name)}: ${done.said}\n`);
            if (done.updatedId !== null) updated.push(done.updatedId);
            if (done.added) added += 1;
          }
          await endSessions(tools, loaded, updated);
          const left = entries.length - added - updated.length;
          tools.terminal.out(
            `${counted(added, 'person', 'people')} added, ${updated.length} updated, ${left} left alone\n`,
          );
          return 0;
        });
      }),
    );
}

interface Done {
  readonly said: string;
  readonly added: boolean;
  readonly updatedId: string | null;
}

async function put(
  users: WritableDirectory,
  entry: UsersFileEntry,
  mayUpdate: boolean,
): Promise<Done> {
  const found = await users.find(entry.user.name, ['username']);
  // Brought along, and not set today: how old it is only the file can tell.
  const { passwordSetAt: setAt = null } = entry.user;
  if (found === null) {
    await users.create(entry.user, entry.passwordHash, setAt);
    const said = entry.passwordHash === null ? 'added, without a password' : 'added';
    return { said, added: true, updatedId: null };
  }
  if (!mayUpdate) {
    return {
      said: 'there already, left alone (--update overwrites)',
      added: false,
      updatedId: null,
    };
  }
  await users.update(found.id, entry.user);
  if (entry.passwordHash !== null) await users.setPassword(found.id, entry.passwordHash, setAt);
  return { said: 'updated', added: false, updatedId: found.id };
}

async function endSessions(
  tools: Tools,
  loaded: Loaded,
  userIds: readonly string[],
): Promise<void> {
  if (userIds.length === 0) return;
  await using(tools.openStores(loaded), async (stores) => {
    for (const id of userIds) await stores.sessions.endAll(id);
  });
}
