/** `doorward user invite ADDRESS`: invites the owner of an email address to create an account. */
import type { Command } from 'commander';
import {
  createInvitation,
  invitationLink,
  takesInvitations,
} from '../../core/administration/invitation.ts';
import type { Flow } from '../../core/flow/flow.ts';
import { isAddress } from '../../core/flow/mail.ts';
import { parseDuration } from '../../core/values/duration.ts';
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
import type { CommandContext, ExitCode, Loaded } from '../shell/context.ts';
import { declined, misused, plainText } from '../shell/output.ts';

interface InviteOptions extends CommonOptions {
  readonly flow?: string;
  readonly expires: string;
  readonly group: readonly string[];
  readonly attribute: readonly string[];
  readonly mail?: boolean;
  readonly language: string;
}

/** The shipped flows for invitations, the better one first; it exists only if mail is configured. */
const FLOWS = ['join', 'enrollment'];
const LANGUAGE = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}$/;

export function inviteCommand(shell: Shell): Command {
  return configured('invite', 'invite the owner of an email address to create an account')
    .argument('<address>', 'email address of the new user')
    .option('--flow <name>', 'flow that the invitation opens (default: join, or enrollment)')
    .option('--expires <duration>', 'how long it is valid: 90m, 12h, 7d', '7d')
    .addOption(repeatable('--group <name>', 'group of the new user'))
    .addOption(repeatable('--attribute <key=value>', 'attribute'))
    .option('--mail', 'send the link to the address in place of printing it')
    .option('--language <tag>', 'language of that email', 'en')
    .action(runner(shell, invite));
}

async function invite(
  context: CommandContext,
  address: string,
  options: InviteOptions,
): Promise<ExitCode> {
  const lasts = parseDuration(options.expires);
  if (lasts === null) {
    return misused(context, `invalid --expires ${plainText(options.expires)}: use 12h or 7d`);
  }
  if (!isAddress(address)) {
    return misused(context, `invalid address ${plainText(address)}: use name@example.com`);
  }
  const attributes = readPairs(options.attribute);
  if (typeof attributes === 'string') {
    return misused(context, `invalid --attribute ${plainText(attributes)}: use key=value`);
  }
  if (!LANGUAGE.test(options.language)) {
    return misused(context, `invalid --language ${plainText(options.language)}: use en or de`);
  }
  const data = {
    email: address,
    ...(options.group.length === 0 ? {} : { groups: options.group }),
    ...(options.attribute.length === 0 ? {} : { attributes }),
  };
  return withLoaded(context, options, async (loaded) => {
    const flow = flowFor(loaded, options.flow);
    if (flow === null) return declined(context, noFlow(options.flow));
    const known = await using(context.openDirectories(loaded), (all) =>
      all.find(address, ['username', 'email']),
    );
    if (known !== null) {
      return declined(context, `${plainText(address)} belongs to ${plainText(known.name)}`);
    }
    const offer = { flow: flow.name, singleUse: true, data, note: address, lasts };
    return options.mail === true
      ? mailed(context, loaded, { offer, language: options.language })
      : printed(context, loaded, offer);
  });
}

type Offer = Parameters<typeof createInvitation>[1];

async function printed(context: CommandContext, loaded: Loaded, offer: Offer): Promise<ExitCode> {
  const { link, id, until } = await using(context.openAccounts(loaded), (accounts) =>
    linkOf(context, loaded, { accounts, offer }),
  );
  context.terminal.out(`${link}\n`);
  // On standard error, so that a script gets the link and nothing else.
  context.terminal.err(`${id}: valid once until ${until}; the link is not shown again\n`);
  return 0;
}

/** An invitation whose email could not be sent is revoked: the link would be known to no one. */
async function mailed(
  context: CommandContext,
  loaded: Loaded,
  { offer, language }: { readonly offer: Offer; readonly language: string },
): Promise<ExitCode> {
  const opened = await context.openMail(loaded);
  if (opened === null) {
    return declined(context, `${loaded.settings.file} has no mail; leave out --mail`);
  }
  return using(Promise.resolve(opened), (mail) =>
    using(context.openAccounts(loaded), async (accounts): Promise<ExitCode> => {
      const { link, id, until } = await linkOf(context, loaded, { accounts, offer });
      const to = offer.note;
      const values = { link, until, site: loaded.snapshot.brand.name };
      try {
        await mail.send({ to, template: 'invitation', values, language });
      } catch (cause) {
        await accounts.revokeInvitation(id);
        throw cause;
      }
      context.terminal.out(`${id}: sent to ${plainText(to)}, valid once until ${until}\n`);
      return 0;
    }),
  );
}

async function linkOf(
  context: CommandContext,
  { snapshot }: Loaded,
  {
    accounts,
    offer,
  }: {
    readonly accounts: Parameters<typeof createInvitation>[0]['accounts'];
    readonly offer: Offer;
  },
): Promise<{ readonly link: string; readonly id: string; readonly until: string }> {
  const { invitation, token } = await createInvitation({ ...context, accounts }, offer);
  return {
    link: invitationLink(snapshot.site.origin, offer.flow, token),
    id: invitation.id,
    until: `${new Date(invitation.expiresAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  };
}

/** The flow, or the shipped one that works here; null if there is none that takes invitations. */
function flowFor({ snapshot: { flows } }: Loaded, name: string | undefined): Flow | null {
  const found = (name === undefined ? FLOWS : [name])
    .map((one) => flows.get(one))
    .find(takesInvitations);
  return found ?? null;
}

function noFlow(name: string | undefined): string {
  return name === undefined
    ? 'no flow join or enrollment; name one with an invitation stage: --flow NAME'
    : `${plainText(name)} is not a flow with an invitation stage; see doorward flow list`;
}
