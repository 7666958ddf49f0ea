/** `doorward invitation …`: manages invitations. The link is printed once; it cannot be shown again. */
import { Command, Option } from 'commander';
import {
  createInvitation,
  type InvitationOffer,
  invitationLink,
  invitationState,
  takesInvitations,
} from '../../core/administration/invitation.ts';
import type { Invitation } from '../../core/people/account.ts';
import { parseDuration } from '../../core/values/duration.ts';
import type { Json } from '../../core/values/json.ts';
import {
  type CommonOptions,
  configured,
  readPairs,
  repeatable,
  runner,
  type Shell,
  using,
  withLoaded,
} from '../shell/command.ts';
import type { CommandContext, ExitCode } from '../shell/context.ts';
import { counted, declined, misused, plainText, printJson } from '../shell/output.ts';
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
const ADDRESS = /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u;
const MAX_ADDRESS = 254;

export function invitationCommand(shell: Shell): Command {
  const invitation = new Command('invitation').description('manage invitations');
  invitation.addCommand(createCommand(shell));
  invitation.addCommand(
    configured('list', `list invitations, newest first, at most ${MOST}`)
      .option('--json', 'print as JSON')
      .action(runner(shell, list)),
  );
  invitation.addCommand(
    configured('revoke', 'revoke an invitation')
      .argument('<id>', 'ID as shown by invitation list')
      .action(runner(shell, revoke)),
  );
  return invitation;
}

function createCommand(shell: Shell): Command {
  return configured('create', 'create an invitation and print its link, once')
    .requiredOption('--flow <name>', 'flow that the invitation opens; needs an invitation stage')
    .option('--expires <duration>', 'how long it is valid: 90m, 12h, 7d', '7d')
    .option('--reusable', 'valid for any number of users until it expires')
    .option('--email <address>', 'email address of the new user')
    .addOption(repeatable('--group <name>', 'group of the new user'))
    .addOption(repeatable('--attribute <key=value>', 'attribute'))
    .addOption(new Option('--note <text>', 'who it is for; shown in the list').default('', 'none'))
    .option('--json', 'print as JSON')
    .action(runner(shell, create));
}

async function create(context: CommandContext, options: CreateOptions): Promise<ExitCode> {
  const offer = readOffer(options);
  if (typeof offer === 'string') return misused(context, offer);
  return withLoaded(context, options, async (loaded) => {
    const { snapshot } = loaded;
    const flow = snapshot.flows.get(options.flow);
    if (!takesInvitations(flow)) {
      return declined(
        context,
        `${plainText(options.flow)} is not a flow with an invitation stage; see doorward flow list`,
      );
    }
    const { invitation, token } = await using(context.openAccounts(loaded), (accounts) =>
      createInvitation({ ...context, accounts }, { ...offer, flow: flow.name }),
    );
    const { id, singleUse, createdAt, expiresAt } = invitation;
    const link = invitationLink(snapshot.site.origin, flow.name, token);
    if (options.json === true) {
      printJson(context, { ...publicInvitation(invitation, createdAt), link });
      return 0;
    }
    context.terminal.out(`${link}\n`);
    // On standard error, so that a script gets the link and nothing else.
    context.terminal.err(
      `${id}: valid ${singleUse ? 'once' : 'repeatedly'} until ${timeText(expiresAt)}; the link is not shown again\n`,
    );
    return 0;
  });
}

/** What the options offer, or what is wrong with them. */
function readOffer(options: CreateOptions): Omit<InvitationOffer, 'flow'> | string {
  const lasts = parseDuration(options.expires);
  if (lasts === null) return `invalid --expires ${plainText(options.expires)}: use 12h or 7d`;
  const attributes = readPairs(options.attribute);
  if (typeof attributes === 'string') {
    return `invalid --attribute ${plainText(attributes)}: use key=value`;
  }
  const { email, group: groups, note } = options;
  if (email !== undefined && (email.length > MAX_ADDRESS || !ADDRESS.test(email))) {
    return `invalid --email ${plainText(email)}: use name@example.com`;
  }
  const data: Record<string, Json> = {
    ...(email === undefined ? {} : { email }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(options.attribute.length === 0 ? {} : { attributes }),
  };
  return { lasts, singleUse: options.reusable !== true, data, note };
}

async function list(context: CommandContext, options: ListOptions): Promise<ExitCode> {
  return withLoaded(context, options, async (loaded) => {
    const all = await using(context.openAccounts(loaded), (accounts) => accounts.invitations(MOST));
    const now = context.clock.now();
    if (options.json === true) {
      printJson(
        context,
        all.map((invitation) => publicInvitation(invitation, now)),
      );
    } else context.terminal.out(all.length === 0 ? NO_INVITATIONS : tableOf(all, now));
    return 0;
  });
}

const NO_INVITATIONS = 'no invitations; create one: doorward invitation create --flow NAME\n';

function tableOf(invitations: readonly Invitation[], now: number): string {
  const rows = invitations.map((invitation) => [
    invitation.id,
    invitation.flow,
    invitationState(invitation, now),
    counted(invitation.used, 'use'),
    timeText(invitation.expiresAt),
    invitation.note,
  ]);
  return textTable([['ID', 'FLOW', 'STATE', 'USED', 'UNTIL', 'NOTE'], ...rows]);
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

function publicInvitation(invitation: Invitation, now: number): object {
  return {
    id: invitation.id,
    flow: invitation.flow,
    state: invitationState(invitation, now),
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
