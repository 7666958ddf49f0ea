/**
 * `doorward user import FILE…`: imports the users of another product, with their hashes and second
 * factors, into the embedded directory. Existing users are skipped; `--update` overwrites them.
 */
import type { Command } from 'commander';
import { type Imported, importUsers } from '../../core/administration/import-users.ts';
import { LEFT_BEHIND, type LeftBehind } from '../../core/administration/imported-factor.ts';
import type { Ignored, UsersExport } from '../../core/administration/importer.ts';
import { type CommonOptions, configured, runner, type Shell, using } from '../shell/command.ts';
import type { CommandContext, ExitCode, Loaded } from '../shell/context.ts';
import { counted, plainText } from '../shell/output.ts';
import { withUsers } from './embedded.ts';

interface ImportOptions extends CommonOptions {
  readonly update?: boolean;
  readonly dryRun?: boolean;
  readonly trustEmail?: boolean;
}

/** Warnings and names that are printed. */
const SHOWN = 10;
/** Longest export whose users are all printed; for a longer one, only refused users are. */
const SHORT = 1_000;

const IGNORED: Readonly<Record<Ignored['why'], string>> = {
  'service-account': 'service accounts, for which you can make tokens',
  'no-user': 'second factors of users who are not in the users file',
};

const UNUSED =
  'warning: no flow asks for second factors at sign-in; add the stage authenticator to the login flow\n';

export function importCommand(shell: Shell): Command {
  return configured('import', 'add users of Authelia, authentik or Keycloak, with their passwords')
    .argument('<files...>', 'a users file, or what the product exports')
    .option('--dry-run', 'print what would be done, and write nothing')
    .option('--trust-email', 'count all addresses as verified')
    .option('--update', 'overwrite existing users and end their sessions')
    .action(runner(shell, importFiles));
}

async function importFiles(
  context: CommandContext,
  paths: readonly string[],
  options: ImportOptions,
): Promise<ExitCode> {
  return withUsers(context, options, async ({ users, loaded }) => {
    const portalHost = loaded.snapshot.site.host;
    const trustsEmail = options.trustEmail === true;
    const found = await context.readExport(paths, { portalHost, trustsEmail });
    const isTrial = options.dryRun === true;
    const all = { mayUpdate: options.update === true, isTrial };
    return using(context.openAccounts(loaded), async (accounts) => {
      const { random, clock } = context;
      const results: Imported[] = [];
      const parts = { users, accounts, random, clock };
      for await (const batch of importUsers(parts, found.entries, all)) {
        for (const one of batch) printResult(context, one, found.entries.length);
        results.push(...batch);
      }
      const updated = results.filter((one) => one.kind === 'updated');
      if (!isTrial) {
        const ids = updated.map(({ id }) => id);
        await endSessions(context, loaded, ids);
      }
      printWarnings(context, results);
      printLeft(context, results, found);
      if (hasFactors(results) && !asksForFactors(loaded)) context.terminal.err(UNUSED);
      return printSummary(context, results, { isTrial });
    });
  });
}

/** A user who had a second factor expects to be asked for it. */
function hasFactors(results: readonly Imported[]): boolean {
  return results.some((one) => 'entry' in one && (one.entry.factors ?? []).length > 0);
}

function asksForFactors({ snapshot }: Loaded): boolean {
  return [...snapshot.flows.values()].some(
    ({ designation, stages }) =>
      designation === 'authentication' &&
      stages.some(({ stage: { type } }) => type === 'authenticator'),
  );
}

function printResult(context: CommandContext, one: Imported, entries: number): void {
  const line = `${plainText(one.name)}: ${plainText(resultText(one))}\n`;
  if (one.kind === 'refused') context.terminal.err(line);
  else if (entries <= SHORT) context.terminal.out(line);
}

function resultText(one: Imported): string {
  switch (one.kind) {
    case 'added':
      return one.entry.passwordHash === null ? 'added, without a password' : 'added';
    case 'refused':
      return `refused: ${one.reason}`;
    case 'skipped':
      return 'already exists, skipped (--update overwrites)';
    case 'updated':
      return 'updated';
  }
}

function printWarnings(context: CommandContext, results: readonly Imported[]): void {
  const warnings = results.flatMap((one) =>
    one.kind === 'added' && one.warning !== null ? [`${one.name}: ${one.warning}`] : [],
  );
  for (const warning of warnings.slice(0, SHOWN)) {
    context.terminal.err(`warning: ${plainText(warning)}\n`);
  }
  const more = warnings.length - SHOWN;
  if (more > 0) context.terminal.err(`warning: ${more} more imported names like these\n`);
}

/** Prints what was not imported, with the names of those who had it. */
function printLeft(
  context: CommandContext,
  results: readonly Imported[],
  { ignored }: UsersExport,
): void {
  const names = new Map<string, string[]>();
  const add = (what: string, name: string): void => {
    const known = names.get(what);
    if (known === undefined) names.set(what, [name]);
    else known.push(name);
  };
  for (const { name, why } of ignored) add(IGNORED[why], name);
  for (const one of results) {
    if (one.kind !== 'added' && one.kind !== 'updated') continue;
    const left = new Set<LeftBehind>(one.entry.left);
    for (const what of left) add(LEFT_BEHIND[what], one.name);
  }
  for (const [what, all] of names) {
    const shown = all.slice(0, SHOWN).map(plainText).join(', ');
    const more = all.length > SHOWN ? ` and ${all.length - SHOWN} more` : '';
    context.terminal.err(`not imported: ${what}: ${shown}${more}\n`);
  }
}

function printSummary(
  context: CommandContext,
  results: readonly Imported[],
  { isTrial }: { readonly isTrial: boolean },
): ExitCode {
  const by = Map.groupBy(results, ({ kind }) => kind);
  const count = (kind: Imported['kind']): number => by.get(kind)?.length ?? 0;
  const factors = results.flatMap((one) => ('entry' in one ? (one.entry.factors ?? []) : []));
  const apps = factors.filter(({ kind }) => kind === 'totp').length;
  const passkeys = factors.length - apps;
  const parts = [
    `${counted(count('added'), 'user')} added`,
    `${count('updated')} updated`,
    `${count('skipped')} skipped`,
    ...(count('refused') === 0 ? [] : [`${count('refused')} refused`]),
    ...(apps === 0 ? [] : [counted(apps, 'authenticator app')]),
    ...(passkeys === 0 ? [] : [counted(passkeys, 'passkey')]),
  ];
  context.terminal.out(`${isTrial ? 'dry run, nothing written: ' : ''}${parts.join(', ')}\n`);
  return count('refused') === 0 ? 0 : 1;
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
