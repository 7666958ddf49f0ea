/** Finds the user that a command line means, in any directory. */
import { findPerson, type Person } from '../../core/administration/person.ts';
import { type CommonOptions, using, withLoaded } from '../shell/command.ts';
import type { CommandContext, ExitCode, Loaded } from '../shell/context.ts';
import { declined, plainText } from '../shell/output.ts';

/** Finds a user by username, email address, or ID for an action. */
export async function withPerson(
  context: CommandContext,
  options: CommonOptions,
  login: string,
  action: (person: Person, loaded: Loaded) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withLoaded(context, options, async (loaded) => {
    const person = await using(context.openDirectories(loaded), (all) => findPerson(all, login));
    return person === null ? unknownUser(context, login) : action(person, loaded);
  });
}

/** No directory has this user. */
export function unknownUser(context: CommandContext, login: string): ExitCode {
  return declined(context, `no directory has a user ${plainText(login)}; see doorward user list`);
}
