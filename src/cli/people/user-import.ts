/**
 * `doorward user import FILE`: imports the users of a users file, with their hashes, into the
 * embedded directory. Existing users are skipped; `--update` overwrites them.
 */
import type { Command } from 'commander';
import { type Imported, importUsers } from '../../core/administration/import-users.ts';
import { type CommonOptions, configured, runner, type Shell, using } from '../shell/command.ts';
import type { CommandContext, ExitCode, Loaded } from '../shell/context.ts';
import { counted, plainText } from '../shell/output.ts';
import { withUsers } from './embedded.ts';

interface ImportOptions extends CommonOptions {
  readonly update?: boolean;
}

/** Warnings that are printed. */
const SHOWN = 10;
/** Longest file whose users are all printed; for a longer one, only refused users are. */
const SHORT = 1_000;

export function importCommand(shell: Shell): Command {
  return configured('import', 'add the users of a users file, with their password hashes')
    .argument('<file>', 'users file')
    .option('--update', 'overwrite existing users and end their sessions')
    .action(runner(shell, importFile));
}

async function importFile(
  context: CommandContext,
  file: string,
  options: ImportOptions,
): Promise<ExitCode> {
  const entries = await context.readUsersFile(file);
  return withUsers(context, options, async ({ users, loaded }) => {
    const count = { added: 0, refused: 0, skipped: 0 };
    const updated: string[] = [];
    const warnings: string[] = [];
    const mayUpdate = options.update === true;
    for await (const batch of importUsers(users, entries, { mayUpdate })) {
      for (const one of batch) {
        if (one.kind === 'updated') updated.push(one.id);
        else count[one.kind] += 1;
        if (one.kind === 'added' && one.warning !== null) {
          warnings.push(`${one.name}: ${one.warning}`);
        }
        const line = `${plainText(one.name)}: ${plainText(resultText(one))}\n`;
        if (one.kind === 'refused') context.terminal.err(line);
        else if (entries.length <= SHORT) context.terminal.out(line);
      }
    }
    await endSessions(context, loaded, updated);
    printWarnings(context, warnings);
    const refused = count.refused === 0 ? '' : `, ${count.refused} refused`;
    context.terminal.out(
      `${counted(count.added, 'user')} added, ${updated.length} updated, ${count.skipped} skipped${refused}\n`,
    );
    return count.refused === 0 ? 0 : 1;
  });
}

function resultText(one: Imported): string {
  switch (one.kind) {
    case 'added':
      return one.hasPassword ? 'added' : 'added, without a password';
    case 'refused':
      return `refused: ${one.reason}`;
    case 'skipped':
      return 'already exists, skipped (--update overwrites)';
    case 'updated':
      return 'updated';
  }
}

function printWarnings(context: CommandContext, warnings: readonly string[]): void {
  for (const warning of warnings.slice(0, SHOWN)) {
    context.terminal.err(`warning: ${plainText(warning)}\n`);
  }
  const more = warnings.length - SHOWN;
  if (more > 0) context.terminal.err(`warning: ${more} more imported names like these\n`);
}

async function endSessions(
  context: CommandContext,
  loaded: Loaded,
  userIds: readonly string[],
): Promise<void> {
  if (userIds.length === 0) return;
  await using(context.openStores(loaded), async ({ sessions }) => {
    for (const id of userIds) await sessions.endAll(id);
  });
}
