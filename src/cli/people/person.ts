/** Who is meant on a command line: somebody of any directory, or an id whose owner is gone. */
import type { User } from '../../core/people/user.ts';
import { type CommonOptions, declined, plainText, using, withLoaded } from '../shell/command.ts';
import type { CommandContext, ExitCode, Loaded } from '../shell/context.ts';

/** One person; `user` is null when only the id is left. */
export interface Person {
  readonly id: string;
  /** As it is told. */
  readonly name: string;
  readonly user: User | null;
}

/** Finds a person by sign-in name, address or id for an action. */
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
    // What is kept about a deleted person is still found by the id.
    if (login.includes('/')) return action({ id: login, name: login, user: null }, loaded);
    return declined(context, `no directory has a user ${plainText(login)}; see doorward user list`);
  });
}
