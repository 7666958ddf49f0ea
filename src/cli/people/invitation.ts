/**
 * `doorward invitation …`: leave to enrol. The link is printed once, when it is made; afterwards
 * nobody can tell it, because only a one-way name of its token is kept.
 */
import { Command } from 'commander';
import type { Invitation } from '../../core/people/account.ts';
import { parseDuration } from '../../core/values/duration.ts';
import type { Json } from '../../core/values/json.ts';
import {
  collect,
  type CommonOptions,
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
import { textTable } from '../shell/table.ts';
import type { ExitCode, Tools } from '../shell/tools.ts';

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
  const { tools } = shell;
  const none: readonly string[] = [];
  const invitation = new Command('invitation').description('leave to enrol');
  invitation.addCommand(
    configured('create', 'make an invitation and print its link, once')
      .requiredOption('--flow <name>', 'flow it is good for; one with an invitation stage')
      .option('--expires <duration>', 'how long it is good: 90m, 12h, 7d', '7d')
      .option('--reusable', 'good for any number of people until it expires')
      .option('--email <address>', 'address the new user gets')
      .option('--group <name>', 'group the new user gets; may be repeated', collect, none)
      .option('--attribute <key=value>', 'attribute; may be repeated', collect, none)
      .option('--note <text>', 'for whom it is; shown in the list', '')
      .option('--json', 'print as JSON')
      .action((options: CreateOptions) => conclude(shell, () => create(tools, options))),
  );
  invitation.addCommand(
    configured('list', `list invitations, newest first, at most ${MOST}`)
      .option('--json', 'print as JSON')
      .action((options: ListOptions) => conclude(shell, () => list(tools, options))),
  );
  invitation.addCommand(
    configured('revoke', 'make an invitation good for nothing')
      .argument('<id>', 'the id that invitation list shows')
      .action((id: string, options: CommonOptions) =>
        conclude(shell, () => revoke(tools, id, options)),
      ),
  );
  return invitation;
}

async function create(tools: Tools, options: CreateOptions): Promise<ExitCode> {
  const lasts = parseDuration(options.expires);
  if (lasts === null) {
    return misused(tools, `--expires ${plainText(options.expires)}: write it as 12h or 7d`);
  }
  const attributes = readPairs(options.attribute);
  if (typeof attributes === 'string') {
    return misused(tools, `--attribute ${plainText(attributes)}: write it as key=value`);
  }
  const { email } = options;
  if (email !== undefined && (email.length > MAX_ADDRESS || !ADDRESS.test(email))) {
    return misused(tools, `--email ${plainText(email)}: write it as somebody@example.com`);
  }
  const data: Record<string, Json> = {
    ...(email === undefined ? {} : { email }),
    ...(options.group.length === 0 ? {} : { groups: options.group }),
    ...(options.attribute.length === 0 ? {} : { attributes }),
  };
  return withLoaded(tools, options, async (loaded) => {
    const { snapshot } = loaded;
    const flow = snapshot.flows.get(options.flow);
    if (!flow?.stages.some(({ stage }) => stage.type === 'invitation')) {
      return declined(
        tools,
        `${plainText(options.flow)} is no flow with an invitation stage; see doorward flow list`,
      );
    }
    const token = tools.random.token(TOKEN_BYTES);
    const now = tools.clock.now();
    const made: Invitation = {
      // A letter first: an id that begins with a dash would read as an option.
      id: `i${tools.random.token(ID_BYTES)}`,
      tokenName: tools.vault.name('invitation', token),
      flow: flow.name,
      singleUse: options.reusable !== true,
      data,
      note: options.note,
      createdAt: now,
      expiresAt: now + lasts,
      used: 0,
    };
    await using(tools.openAccounts(loaded), (accounts) => accounts.createInvitation(made));
    const link = `${snapshot.site.origin}/flow/${flow.name}?invitation=${token}`;
    if (options.json === true) {
      printJson(tools, { ...publicInvitation(made, now), link });
      return 0;
    }
    tools.terminal.out(`${link}\n`);
    // Beside the link, so that a script gets the link and nothing else.
    tools.terminal.err(
      `${made.id}: good ${made.singleUse ? 'once' : 'for many'} until ${timeText(made.expiresAt)}; the link is not shown again\n`,
    );
    return 0;
  });
}

async function list(tools: Tools, options: ListOptions): Promise<ExitCode> {
  return withLoaded(tools, options, async (loaded) => {
    const all = await using(tools.openAccounts(loaded), (accounts) => accounts.invitations(MOST));
    const now = tools.clock.now();
    if (options.json === true)
      printJson(
        tools,
        all.map((i) => publicInvitation(i, now)),
      );
    else if (all.length === 0) {
      tools.terminal.out('no invitations; make one: doorward invitation create --flow NAME\n');
    } else {
      const rows = all.map((i) => [
        i.id,
        i.flow,
        stateOf(i, now),
        counted(i.used, 'use'),
        timeText(i.expiresAt),
        i.note,
      ]);
      tools.terminal.out(textTable([['ID', 'FLOW', 'STATE', 'USED', 'UNTIL', 'NOTE'], ...rows]));
    }
    return 0;
  });
}

async function revoke(tools: Tools, id: string, options: CommonOptions): Promise<ExitCode> {
  return withLoaded(tools, options, async (loaded) => {
    const wasThere = await using(tools.openAccounts(loaded), (accounts) =>
      accounts.revokeInvitation(id),
    );
    if (!wasThere) {
      return declined(
        tools,
        `no invitation has the id ${plainText(id)}; see doorward invitation list`,
      );
    }
    tools.terminal.out('1 invitation revoked\n');
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
