/**
 * `doorward invitation …`: manages invitations. The link is printed once; it cannot be shown again,
 * because only a one-way name of its token is stored.
 */
import { Command } from 'commander';
import type { Invitation } from '../../core/people/account.ts';
import { parseDuration } from '../../core/values/duration.ts';
import type { Json } from '../../core/values/json.ts';
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
import type { CommandContext, ExitCode } from '../shell/context.ts';
import { textTable } from '../shell/table.ts';

interface CreateOptions extends CommonOptions {
  readonly flow: string;
  readonly expires: string;
  readonly reusable?: boolean;
  readonly email?: string;
  readonly group: readonly string[];
  readonly attribute: readonly string[];
  readonly note: string;
  readonly json?: boolean;
}

interface ListOptions extends CommonOptions {
  readonly json?: boolean;
}

/** Most invitations that are listed. */
const MOST = 1000;
/** Random bytes of a token and of an id. */
const TOKEN_BYTES = 24;
const ID_BYTES = 16;
const ADDRESS = /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u;
const MAX_ADDRESS = 254;

export function invitationCommand(shell: Shell): Command {
  const { context } = shell;
  const none: readonly string[] = [];
  const invitation = new Command('invitation').description('manage invitations');
  invitation.addCommand(
    configured('create', 'create an invitation and print its link, once')
      .requiredOption('--flow <name>', 'flow that the invitation opens; needs an invitation stage')
      .option('--expires <duration>', 'how long it is valid: 90m, 12h, 7d', '7d')
      .option('--reusable', 'valid for any number of users until it expires')
      .option('--email <address>', 'email address of the new user')
      .option('--group <name>', 'group of the new user; may be repeated', collect, none)
      .option('--attribute <key=value>', 'attribute; may be repeated', collect, none)
      .option('--note <text>', 'who it is for; shown in the list', '')
      .option('--json', 'print as JSON')
      .action((options: CreateOptions) => conclude(shell, () => create(context, options))),
  );
  invitation.addCommand(
    configured('list', `list invitations, newest first, at most ${MOST}`)
      .option('--json', 'print as JSON')
      .action((options: ListOptions) => conclude(shell, () => list(context, options))),
  );
  invitation.addCommand(
    configured('revoke', 'revoke an invitation')
      .argument('<id>', 'ID as shown by invitation list')
      .action((id: string, options: CommonOptions) =>
        conclude(shell, () => revoke(context, id, options)),
      ),
  );
  return invitation;
}

async function create(context: CommandContext, options: CreateOptions): Promise<ExitCode> {
  const lasts = parseDuration(options.expires);
  if (lasts === null) {
    return misused(context, `invalid --expires ${plainText(options.expires)}: use 12h or 7d`);
  }
  const attributes = readPairs(options.attribute);
  if (typeof attributes === 'string') {
    return misused(context, `invalid --attribute ${plainText(attributes)}: use key=value`);
  }
  const { email } = options;
  if (email !== undefined && (email.length > MAX_ADDRESS || !ADDRESS.test(email))) {
    return misused(context, `invalid --email ${plainText(email)}: use name@example.com`);
  }
  const data: Record<string, Json> = {
    ...(email === undefined ? {} : { email }),
    ...(options.group.length === 0 ? {} : { groups: options.group }),
    ...(options.attribute.length === 0 ? {} : { attributes }),
  };
  return withLoaded(context, options, async (loaded) => {
    const { snapshot } = loaded;
    const flow = snapshot.flows.get(options.flow);
    if (!flow?.stages.some(({ stage }) => stage.type === 'invitation')) {
      return declined(
        context,
        `${plainText(options.flow)} is not a flow with an invitation stage; see doorward flow list`,
      );
    }
    const token = context.random.token(TOKEN_BYTES);
    const now = context.clock.now();
    const made: Invitation = {
      // A letter first: an id that begins with a dash would read as an option.
      id: `i${context.random.token(ID_BYTES)}`,
      tokenName: context.vault.name('invitation', token),
      flow: flow.name,
      singleUse: options.reusable !== true,
      data,
      note: options.note,
      createdAt: now,
      expiresAt: now + lasts,
      used: 0,
    };
    await using(context.openAccounts(loaded), (accounts) => accounts.createInvitation(made));
    const link = `${snapshot.site.origin}/flow/${flow.name}?invitation=${token}`;
    if (options.json === true) {
      printJson(context, { ...publicInvitation(made, now), link });
      return 0;
    }
    context.terminal.out(`${link}\n`);
    // Beside the link, so that a script gets the link and nothing else.
    context.terminal.err(
      `${made.id}: valid ${made.singleUse ? 'once' : 'repeatedly'} until ${timeText(made.expiresAt)}; the link is not shown again\n`,
    );
    return 0;
  });
}

async function list(context: CommandContext, options: ListOptions): Promise<ExitCode> {
  return withLoaded(context, options, async (loaded) => {
    const all = await using(context.openAccounts(loaded), (accounts) => accounts.invitations(MOST));
    const now = context.clock.now();
    if (options.json === true)
      printJson(
        context,
        all.map((i) => publicInvitation(i, now)),
      );
    else if (all.length === 0) {
      context.terminal.out('no invitations; create one: doorward invitation create --flow NAME\n');
    } else {
      const rows = all.map((i) => [
        i.id,
        i.flow,
        stateOf(i, now),
        counted(i.used, 'use'),
        timeText(i.expiresAt),
        i.note,
      ]);
      context.terminal.out(textTable([['ID', 'FLOW', 'STATE', 'USED', 'UNTIL', 'NOTE'], ...rows]));
    }
    return 0;
  });
}

async function revoke(
  context: CommandContext,
  id: string,
  options: CommonOptions,
): Promise<ExitCode> {
  return withLoaded(context, options, async (loaded) => {
    const wasThere = await using(context.openAccounts(loaded), (accounts) =>
      accounts.revokeInvitation(id),
    );
    if (!wasThere) {
      return declined(
        context,
        `no invitation has the ID ${plainText(id)}; see doorward invitation list`,
      );
    }
    context.terminal.out('1 invitation revoked\n');
    return 0;
  });
}

function stateOf(invitation: Invitation, now: number): 'open' | 'used' | 'expired' {
  if (invitation.singleUse && invitation.used > 0) return 'used';
  return invitation.expiresAt <= now ? 'expired' : 'open';
}

function publicInvitation(invitation: Invitation, now: number): object {
  return {
    id: invitation.id,
    flow: invitation.flow,
    state: stateOf(invitation, now),
    single_use: invitation.singleUse,
    used: invitation.used,
    created_at: timeText(invitation.createdAt),
    expires_at: timeText(invitation.expiresAt),
    note: invitation.note,
    data: invitation.data,
  };
}

function timeText(time: number): string {
  return new Date(time).toISOString();
}
