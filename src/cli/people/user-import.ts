/**
 * `doorward user import FILE`: imports the users of a users file, with their hashes, into the
 * embedded directory. It skips existing users, so a second run changes nothing and never restores an
 * old password; `--update` overwrites them.
 */
import type { Command } from 'commander';
import type { NewUser, WritableDirectory } from '../../core/people/directory.ts';
import type { User } from '../../core/people/user.ts';
import { Problem } from '../../core/values/problem.ts';
import {
  type CommonOptions,
  conclude,
  configured,
  counted,
  plainText,
  type Shell,
  using,
} from '../shell/command.ts';
import type { CommandContext, ExitCode, Loaded, UsersFileEntry } from '../shell/context.ts';

interface ImportOptions extends CommonOptions {
  readonly update?: boolean;
}

/** Opens the embedded directory for an action; handed in by `user`. */
type WithUsers = (
  context: CommandContext,
  options: CommonOptions,
  action: (users: WritableDirectory, loaded: Loaded) => Promise<ExitCode>,
) => Promise<ExitCode>;

/** Entries that are written at a time. */
const BATCH = 1_000;
/** Warnings that are written out. */
const SHOWN = 10;
/** Longest file whose users are each told; of a longer one those that are refused are. */
const SHORT = 1_000;

export function importCommand(shell: Shell, withUsers: WithUsers): Command {
  const { context } = shell;
  return configured('import', 'add the users of a users file, with their password hashes')
    .argument('<file>', 'users file')
    .option('--update', 'overwrite existing users and end their sessions')
    .action((file: string, options: ImportOptions) =>
      conclude(shell, async () => {
        const entries = await context.readUsersFile(file);
        return withUsers(context, options, async (users, loaded) => {
          const isQuiet = entries.length > SHORT;
          const count = { added: 0, refused: 0, skipped: 0 };
          const updated: string[] = [];
          const unusual: string[] = [];
          for (let at = 0; at < entries.length; at += BATCH) {
            const batch = entries.slice(at, at + BATCH);
            for (const done of await putAll(users, batch, options.update === true)) {
              if (done.kind === 'updated') updated.push(done.id);
              else count[done.kind] += 1;
              if (done.kind === 'added' && done.warning !== null) unusual.push(done.warning);
              const line = `${plainText(done.name)}: ${plainText(done.said)}\n`;
              if (done.kind === 'refused') context.terminal.err(line);
              else if (!isQuiet) context.terminal.out(line);
            }
          }
          await endSessions(context, loaded, updated);
          warnOfNames(context, unusual);
          const refused = count.refused === 0 ? '' : `, ${count.refused} refused`;
          context.terminal.out(
            `${counted(count.added, 'user')} added, ${updated.length} updated, ${count.skipped} skipped${refused}\n`,
          );
          return count.refused === 0 ? 0 : 1;
        });
      }),
    );
}

type Done =
  | { readonly kind: 'refused' | 'skipped'; readonly name: string; readonly said: string }
  | {
      readonly kind: 'added';
      readonly name: string;
      readonly said: string;
      /** Why a new user could not have this name, or null. */
      readonly warning: string | null;
    }
  | { readonly kind: 'updated'; readonly name: string; readonly said: string; readonly id: string };

/** Entries in their order. Those that are new are made together. */
async function putAll(
  users: WritableDirectory,
  entries: readonly UsersFileEntry[],
  mayUpdate: boolean,
): Promise<readonly Done[]> {
  const done: (Done | null)[] = [];
  const missing: NewUser[] = [];
  for (const { user, passwordHash } of entries) {
    const found = await users.find(user.name, ['username']);
    // How old a password is only the file can tell.
    const setAt = user.passwordSetAt ?? null;
    if (found === null) missing.push({ user, passwordHash, setAt });
    done.push(
      found === null
        ? null
        : await orRefused(user.name, () => put(users, found.id, { user, passwordHash }, mayUpdate)),
    );
  }
  const made = (await withWarnings(users, missing, await createAll(users, missing))).values();
  return done.map((one) => one ?? (made.next().value as Done));
}

function asDone({ user: { name }, passwordHash }: NewUser, made: User | Problem): Done {
  if (made instanceof Problem) return { kind: 'refused', name, said: `refused: ${made.message}` };
  const said = passwordHash === null ? 'added, without a password' : 'added';
  return { kind: 'added', name, said, warning: null };
}

/** Imported users keep their names. A name that a new user could not have causes a warning. */
async function withWarnings(
  users: WritableDirectory,
  missing: readonly NewUser[],
  made: readonly Done[],
): Promise<readonly Done[]> {
  return Promise.all(
    made.map(async (done, index) => {
      if (done.kind !== 'added') return done;
      try {
        await users.checkName?.((missing[index] as NewUser).user, null);
        return done;
      } catch (caught) {
        if (!(caught instanceof Problem) || !caught.code.startsWith('user/')) throw caught;
        return { ...done, warning: `${done.name}: ${caught.message}` };
      }
    }),
  );
}

function warnOfNames(context: CommandContext, warnings: readonly string[]): void {
  for (const warning of warnings.slice(0, SHOWN)) {
    context.terminal.err(`warning: ${plainText(warning)}\n`);
  }
  const more = warnings.length - SHOWN;
  if (more > 0) context.terminal.err(`warning: ${more} more imported names like these\n`);
}

async function createAll(
  users: WritableDirectory,
  missing: readonly NewUser[],
): Promise<readonly Done[]> {
  const together = await users.createAll?.(missing);
  if (together !== undefined) {
    return missing.map((entry, index) => asDone(entry, together[index] as User | Problem));
  }
  const done: Done[] = [];
  for (const entry of missing) {
    const { user, passwordHash, setAt } = entry;
    const make = async () => asDone(entry, await users.create(user, passwordHash, setAt));
    done.push(await orRefused(user.name, make));
  }
  return done;
}

/** An entry that is refused keeps no other from being imported. */
async function orRefused(name: string, action: () => Promise<Done>): Promise<Done> {
  try {
    return await action();
  } catch (caught) {
    if (!(caught instanceof Problem) || !caught.code.startsWith('user/')) throw caught;
    return { kind: 'refused', name, said: `refused: ${caught.message}` };
  }
}

async function put(
  users: WritableDirectory,
  id: string,
  { user, passwordHash }: UsersFileEntry,
  mayUpdate: boolean,
): Promise<Done> {
  const { name } = user;
  if (!mayUpdate) {
    return { kind: 'skipped', name, said: 'already exists, skipped (--update overwrites)' };
  }
  await users.update(id, user);
  if (passwordHash !== null) await users.setPassword(id, passwordHash, user.passwordSetAt ?? null);
  return { kind: 'updated', name, said: 'updated', id };
}

async function endSessions(
  context: CommandContext,
  loaded: Loaded,
  userIds: readonly string[],
): Promise<void> {
  if (userIds.length === 0) return;
  await using(context.openStores(loaded), async (stores) => {
    for (const id of userIds) await stores.sessions.endAll(id);
  });
}
