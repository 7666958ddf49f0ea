/** Finds the user that a command line means: a user of any directory, or the ID of a deleted one. */
import type { User } from '../../core/people/user.ts';
import { type CommonOptions, declined, plainText, using, withLoaded } from '../shell/command.ts';
import type { CommandContext, ExitCode, Loaded } from '../shell/context.ts';

/** A user; `user` is null if the account is deleted. */
export interface Person {
  readonly id: string;
  /** As shown to the operator. */
  readonly name: string;
  readonly user: User | null;
}

/** Finds a user by username, email address, or ID for an action. */
export async function withPerson(
  context: CommandContext,
  options: CommonOptions,
  login: string,
  action: (person: Person, loaded: Loaded) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withLoaded(context, options, async (loaded) => {
    const user = await using(
      context.openDirectories(loaded),
      async (all) => (await all.find(login, ['username', 'email'])) ?? (await all.read(login)),
    );
    if (user !== null) return action({ id: user.id, name: user.name, user }, loaded);
    // The data of a deleted user can still be found by ID.
    if (login.includes('/')) return action({ id: login, name: login, user: null }, loaded);
    return declined(context, `no directory has a user ${plainText(login)}; see doorward user list`);
  });
}
