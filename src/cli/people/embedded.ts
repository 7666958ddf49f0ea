/** Opens the embedded directory for commands that change users. */
import type { WritableDirectory } from '../../core/people/directory.ts';
import type { User } from '../../core/people/user.ts';
import { type CommonOptions, using, withLoaded } from '../shell/command.ts';
import type { CommandContext, ExitCode, Loaded } from '../shell/context.ts';
import { counted, declined, plainText } from '../shell/output.ts';

/** The embedded directory, open. */
export interface Embedded {
  readonly users: WritableDirectory;
  readonly loaded: Loaded;
}

/** Opens the embedded directory for an action. */
export async function withUsers(
  context: CommandContext,
  options: CommonOptions,
  action: (embedded: Embedded) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withLoaded(context, options, async (loaded) => {
    const opened = await context.openUsers(loaded);
    if (opened === null) {
      return declined(
        context,
        `${loaded.settings.file} has no embedded directory; add { type: embedded } to directories`,
      );
    }
    return using(Promise.resolve(opened), (users) => action({ users, loaded }));
  });
}

/** Opens the embedded directory for an action on the user with this name. */
export async function withUser(
  context: CommandContext,
  options: CommonOptions,
  name: string,
  action: (found: User, embedded: Embedded) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withUsers(context, options, async (embedded) => {
    const found = await embedded.users.find(name, ['username']);
    if (found !== null) return action(found, embedded);
    return declined(
      context,
      `the embedded directory has no user ${plainText(name)}; see doorward user list`,
    );
  });
}

/** Ends all sessions of a user, and prints how many. */
export async function endSessionsOf(
  context: CommandContext,
  loaded: Loaded,
  userId: string,
): Promise<void> {
  const ended = await using(context.openStores(loaded), ({ sessions }) => sessions.endAll(userId));
  context.terminal.out(`${counted(ended, 'session')} ended\n`);
}
