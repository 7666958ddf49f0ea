/** `doorward session …`: who is signed in, and ending it. */
import { Command } from 'commander';
import type { Directory } from '../../core/people/directory.ts';
import type { SessionSummary } from '../../core/people/session.ts';
import {
  type CommonOptions,
  conclude,
  configured,
  counted,
  declined,
  misused,
  plainText,
  printJson,
  type Shell,
  using,
  withLoaded,
} from '../shell/command.ts';
import type { CommandContext, ExitCode, Loaded } from '../shell/context.ts';
import { textTable } from '../shell/table.ts';

interface ListOptions extends CommonOptions {
  readonly user?: string;
  readonly json?: boolean;
}

interface RevokeOptions extends CommonOptions {
  readonly user?: string;
  readonly id?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** Most sessions that are listed. */
const MOST = 1000;

export function sessionCommand(shell: Shell): Command {
  const { context } = shell;
  const session = new Command('session').description('list and end sessions');
  session.addCommand(
    configured('list', `list live sessions, newest first, at most ${MOST}`)
      .option('--user <name>', 'of one user: username, email address, or ID')
      .option('--json', 'print as JSON')
      .action((options: ListOptions) => conclude(shell, () => list(context, options))),
  );
  session.addCommand(
    configured('revoke', 'end sessions; their next request is denied')
      .option('--user <name>', 'all of one user')
      .option('--id <id>', 'one, by its ID as shown by session list')
      .option('--all', 'all sessions of all users')
      .option('--json', 'print how many as JSON')
      .action((options: RevokeOptions) => conclude(shell, () => revoke(context, options))),
  );
  return session;
}

async function list(context: CommandContext, options: ListOptions): Promise<ExitCode> {
  return withLoaded(context, options, (loaded) =>
    using(context.openDirectories(loaded), async (directory) => {
      const userId = options.user === undefined ? null : await idOf(directory, options.user);
      if (userId === undefined) return unknownUser(context, options.user ?? '');
      const found = await using(context.openStores(loaded), (stores) =>
        stores.sessions.list(userId, MOST + 1),
      );
      const entries = found.slice(0, MOST);
      const isMore = found.length > MOST;
      if (isMore) {
        context.terminal.err(
          `doorward: showing the first ${MOST} sessions only; to list one user: doorward session list --user NAME\n`,
        );
      }
      // A last entry without id, so that a script sees it and a complete list stays as it is.
      const more = isMore ? [{ more: true, limit: MOST }] : [];
      if (options.json === true) printJson(context, [...entries.map(publicEntry), ...more]);
      else if (entries.length === 0) context.terminal.out('no live sessions\n');
      else context.terminal.out(await tableOf(directory, entries, context.clock.now()));
      return 0;
    }),
  );
}

async function revoke(context: CommandContext, options: RevokeOptions): Promise<ExitCode> {
  const chosen = [options.user, options.id, options.all].filter((o) => o !== undefined).length;
  if (chosen !== 1) {
    return misused(context, 'session revoke needs exactly one of --user NAME, --id ID, and --all');
  }
  return withLoaded(context, options, async (loaded) => {
    if (options.id !== undefined) return revokeOne(context, loaded, options.id, options);
    const userId =
      options.user === undefined
        ? null
        : await using(context.openDirectories(loaded), (d) => idOf(d, options.user as string));
    if (userId === undefined) return unknownUser(context, options.user ?? '');
    const ended = await using(context.openStores(loaded), (stores) =>
      stores.sessions.endAll(userId),
    );
    return told(context, options, ended);
  });
}

function told(context: CommandContext, { json }: RevokeOptions, ended: number): ExitCode {
  if (json === true) printJson(context, { ended });
  else context.terminal.out(`${counted(ended, 'session')} ended\n`);
  return 0;
}

async function revokeOne(
  context: CommandContext,
  loaded: Loaded,
  id: string,
  options: RevokeOptions,
): Promise<ExitCode> {
  const wasThere = await using(context.openStores(loaded), (stores) => stores.sessions.end(id));
  if (!wasThere) {
    return declined(
      context,
      `no live session has the ID ${plainText(id)}; see doorward session list`,
    );
  }
  return told(context, options, 1);
}

/** The ID of a user, or undefined if unknown. The ID of a deleted user still finds their sessions. */
async function idOf(directory: Directory, login: string): Promise<string | undefined> {
  const found = await directory.find(login, ['username', 'email']);
  if (found !== null) return found.id;
  return login.includes('/') ? login : undefined;
}

function unknownUser(context: CommandContext, login: string): ExitCode {
  return declined(context, `no directory has a user ${plainText(login)}; see doorward user list`);
}

async function tableOf(
  directory: Directory,
  entries: readonly SessionSummary[],
  now: number,
): Promise<string> {
  const names = new Map<string, string>();
  for (const { userId } of entries) {
    if (!names.has(userId)) names.set(userId, (await directory.read(userId))?.name ?? userId);
  }
  const rows = entries.map((entry) => [
    entry.id,
    names.get(entry.userId) ?? entry.userId,
    new Date(entry.createdAt).toISOString(),
    `${Math.max(0, Math.round((now - entry.seenAt) / 60_000))} min ago`,
    entry.client.ip,
    entry.client.agent.slice(0, 60),
  ]);
  return textTable([['ID', 'USER', 'SINCE', 'SEEN', 'ADDRESS', 'AGENT'], ...rows]);
}

function publicEntry(entry: SessionSummary): object {
  return {
    id: entry.id,
    user_id: entry.userId,
    created_at: new Date(entry.createdAt).toISOString(),
    seen_at: new Date(entry.seenAt).toISOString(),
    expires_at: new Date(entry.expiresAt).toISOString(),
    client: { ip: entry.client.ip, agent: entry.client.agent },
  };
}
