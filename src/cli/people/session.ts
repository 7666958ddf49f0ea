/** `doorward session …`: lists and ends sessions. */
import { Command } from 'commander';
import { findPerson } from '../../core/administration/person.ts';
import { listSessions, usernamesOf } from '../../core/administration/sessions.ts';
import type { SessionSummary } from '../../core/people/session.ts';
import {
  type CommonOptions,
  configured,
  runner,
  type Shell,
  using,
  withLoaded,
} from '../shell/command.ts';
import type { CommandContext, ExitCode, Loaded } from '../shell/context.ts';
import { counted, declined, misused, plainText, printJson } from '../shell/output.ts';
import { textTable } from '../shell/table.ts';
import { unknownUser, withPerson } from './person.ts';

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
  const session = new Command('session').description('list and end sessions');
  session.addCommand(
    configured('list', `list live sessions, newest first, at most ${MOST}`)
      .option('--user <name>', 'of one user: username, email address, or ID')
      .option('--json', 'print as JSON')
      .action(runner(shell, list)),
  );
  session.addCommand(
    configured('revoke', 'end sessions; their next request is denied')
      .option('--user <name>', 'all of one user')
      .option('--id <id>', 'one, by its ID as shown by session list')
      .option('--all', 'all sessions of all users')
      .option('--json', 'print how many as JSON')
      .action(runner(shell, revoke)),
  );
  return session;
}

async function list(context: CommandContext, options: ListOptions): Promise<ExitCode> {
  const { user: login } = options;
  return withLoaded(context, options, (loaded) =>
    using(context.openDirectories(loaded), async (directory) => {
      const person = login === undefined ? null : await findPerson(directory, login);
      if (login !== undefined && person === null) return unknownUser(context, login);
      const { sessions, isMore } = await using(context.openStores(loaded), (stores) =>
        listSessions(stores.sessions, person?.id ?? null, MOST),
      );
      if (isMore) {
        context.terminal.err(
          `doorward: showing the first ${MOST} sessions only; to list one user: doorward session list --user NAME\n`,
        );
      }
      // A last entry without an ID tells scripts that the list is cut; a complete list is unchanged.
      const more = isMore ? [{ more: true, limit: MOST }] : [];
      if (options.json === true) printJson(context, [...sessions.map(publicSession), ...more]);
      else if (sessions.length === 0) context.terminal.out('no live sessions\n');
      else {
        const names = await usernamesOf(directory, sessions);
        context.terminal.out(tableOf(sessions, names, context.clock.now()));
      }
      return 0;
    }),
  );
}

async function revoke(context: CommandContext, options: RevokeOptions): Promise<ExitCode> {
  const { user, id, all } = options;
  if ([user, id, all].filter((option) => option !== undefined).length !== 1) {
    return misused(context, 'session revoke needs exactly one of --user NAME, --id ID, and --all');
  }
  if (user !== undefined) {
    return withPerson(context, options, user, (person, loaded) =>
      endAll(context, loaded, { userId: person.id, options }),
    );
  }
  return withLoaded(context, options, (loaded) =>
    id === undefined
      ? endAll(context, loaded, { userId: null, options })
      : endOne(context, loaded, { id, options }),
  );
}

/** All sessions of a user; of all users for null. */
async function endAll(
  context: CommandContext,
  loaded: Loaded,
  { userId, options }: { readonly userId: string | null; readonly options: RevokeOptions },
): Promise<ExitCode> {
  const ended = await using(context.openStores(loaded), ({ sessions }) => sessions.endAll(userId));
  return printEnded(context, options, ended);
}

async function endOne(
  context: CommandContext,
  loaded: Loaded,
  { id, options }: { readonly id: string; readonly options: RevokeOptions },
): Promise<ExitCode> {
  const wasThere = await using(context.openStores(loaded), ({ sessions }) => sessions.end(id));
  if (wasThere) return printEnded(context, options, 1);
  return declined(
    context,
    `no live session has the ID ${plainText(id)}; see doorward session list`,
  );
}

function printEnded(context: CommandContext, { json }: RevokeOptions, ended: number): ExitCode {
  if (json === true) printJson(context, { ended });
  else context.terminal.out(`${counted(ended, 'session')} ended\n`);
  return 0;
}

function tableOf(
  sessions: readonly SessionSummary[],
  names: ReadonlyMap<string, string>,
  now: number,
): string {
  const rows = sessions.map(({ id, userId, createdAt, seenAt, client }) => [
    id,
    names.get(userId) ?? userId,
    new Date(createdAt).toISOString(),
    `${Math.max(0, Math.round((now - seenAt) / 60_000))} min ago`,
    client.ip,
    client.agent.slice(0, 60),
  ]);
  return textTable([['ID', 'USER', 'SINCE', 'SEEN', 'ADDRESS', 'AGENT'], ...rows]);
}

function publicSession(session: SessionSummary): object {
  return {
    id: session.id,
    user_id: session.userId,
    created_at: new Date(session.createdAt).toISOString(),
    seen_at: new Date(session.seenAt).toISOString(),
    expires_at: new Date(session.expiresAt).toISOString(),
    client: { ip: session.client.ip, agent: session.client.agent },
  };
}
