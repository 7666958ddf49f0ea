/** `doorward user link` and `user unlink`: which accounts at sources belong to a user. */
import type { Command } from 'commander';
import { type CommonOptions, configured, runner, type Shell, using } from '../shell/command.ts';
import type { CommandContext, ExitCode } from '../shell/context.ts';
import { declined, misused, plainText } from '../shell/output.ts';
import { endSessionsOf } from './embedded.ts';
import { withPerson } from './person.ts';

interface LinkOptions extends CommonOptions {
  readonly issuer?: string;
}

export function linkCommand(shell: Shell): Command {
  return configured('link', 'let a user sign in with an account at a source')
    .argument('<name>', 'username, email address, or ID; in any directory')
    .argument('<source>', 'name of the source')
    .argument('<subject>', 'permanent ID of the account there (sub)')
    .option('--issuer <url>', 'issuer of the account, if the source has several')
    .action(runner(shell, link));
}

export function unlinkCommand(shell: Shell): Command {
  return configured('unlink', 'remove an account at a source from a user, and end their sessions')
    .argument('<name>', 'username, email address, or ID; in any directory')
    .argument('<source>', 'name of the source')
    .argument('<subject>', 'permanent ID of the account there (sub)')
    .action(runner(shell, unlink));
}

/** Name of the user, of the source, and the account. */
type Given<O> = readonly [name: string, source: string, subject: string, options: O];

async function link(
  context: CommandContext,
  ...[name, source, subject, options]: Given<LinkOptions>
): Promise<ExitCode> {
  return withPerson(context, options, name, async ({ id, user, name: shown }, loaded) => {
    if (user === null)
      return declined(context, `no directory has a user ${plainText(id)} any more`);
    const names = [...loaded.snapshot.sources.keys()];
    if (!names.includes(source)) {
      return declined(
        context,
        `no such source ${plainText(source)}, expected ${names.join(', ') || 'one in the configuration'}`,
      );
    }
    const issuer = options.issuer ?? context.issuerOf(loaded, source);
    if (issuer === null)
      return misused(context, `${source} has several issuers; name one with --issuer`);
    const createdAt = context.clock.now();
    await using(context.openAccounts(loaded), (accounts) =>
      accounts.linkSource({ issuer, subject, userId: id, source, createdAt, lastUsedAt: null }),
    );
    context.terminal.out(
      `${plainText(shown)} can sign in with ${plainText(subject)} at ${source}\n`,
    );
    return 0;
  });
}

async function unlink(
  context: CommandContext,
  ...[name, source, subject, options]: Given<CommonOptions>
): Promise<ExitCode> {
  return withPerson(context, options, name, async ({ id, name: shown }, loaded) => {
    const removed = await using(context.openAccounts(loaded), async (accounts) => {
      const all = await accounts.sourceLinks(id);
      const meant = all.filter((one) => one.source === source && one.subject === subject);
      for (const one of meant) await accounts.unlinkSource(id, one);
      return meant.length;
    });
    if (removed === 0) {
      return declined(context, `${plainText(shown)} has no such account; see doorward user show`);
    }
    context.terminal.out(
      `${plainText(shown)} can no longer sign in with ${plainText(subject)} at ${plainText(source)}\n`,
    );
    await endSessionsOf(context, loaded, id);
    return 0;
  });
}
