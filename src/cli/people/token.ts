/** `doorward token …`: manages the tokens of users. The text is printed once; it cannot be shown again. */
import { Command } from 'commander';
import { usernamesOf } from '../../core/administration/sessions.ts';
import { createToken, type TokenOffer, tokenState } from '../../core/administration/token.ts';
import type { Token } from '../../core/people/token.ts';
import { parseDuration } from '../../core/values/duration.ts';
import {
  type CommonOptions,
  configured,
  repeatable,
  runner,
  type Shell,
  using,
  withLoaded,
} from '../shell/command.ts';
import type { CommandContext, ExitCode } from '../shell/context.ts';
import { declined, misused, plainText, printJson } from '../shell/output.ts';
import { textTable } from '../shell/table.ts';
import { unknownUser, withPerson } from './person.ts';

interface CreateOptions extends CommonOptions {
  readonly name: string;
  readonly route: readonly string[];
  readonly method: readonly string[];
  readonly network: readonly string[];
  readonly expires: string;
  readonly json?: boolean;
}

interface ListOptions extends CommonOptions {
  readonly json?: boolean;
}

/** Most tokens that are listed. */
const MOST = 1000;

export function tokenCommand(shell: Shell): Command {
  const token = new Command('token').description('manage tokens, which programs present');
  token.addCommand(createCommand(shell));
  token.addCommand(
    configured('list', `list tokens, newest first, at most ${MOST}`)
      .argument('[user]', 'of one user: username, email address, or ID')
      .option('--json', 'print as JSON')
      .action(runner(shell, list)),
  );
  token.addCommand(
    configured('revoke', 'revoke a token; its next request is refused')
      .argument('<id>', 'ID as shown by token list')
      .action(runner(shell, revoke)),
  );
  return token;
}

function createCommand(shell: Shell): Command {
  return configured('create', 'create a token that acts for a user, and print it, once')
    .argument('<user>', 'username, email address, or ID')
    .requiredOption('--name <text>', 'what it is for; shown in the list')
    .addOption(repeatable('--route <id>', 'route that it may open', 'all that accept tokens'))
    .addOption(repeatable('--method <name>', 'method that it may use', 'all'))
    .addOption(repeatable('--network <cidr>', 'network that it may be used from', 'all'))
    .option('--expires <duration>', 'how long it is valid: 12h, 90d, or never', '90d')
    .option('--json', 'print as JSON')
    .action(runner(shell, create));
}

async function create(
  context: CommandContext,
  login: string,
  options: CreateOptions,
): Promise<ExitCode> {
  const { name, route: routes, method: methods, network: networks, expires } = options;
  const lasts = expires === 'never' ? null : parseDuration(expires);
  if (lasts === null && expires !== 'never') {
    return misused(context, `invalid --expires ${plainText(expires)}: use 12h, 90d, or never`);
  }
  return withPerson(context, options, login, async ({ user }, loaded) => {
    if (user === null) return unknownUser(context, login);
    const offer: TokenOffer = { userId: user.id, name, routes, methods, networks, lasts };
    const known = new Set(loaded.snapshot.table.routes.map(({ id }) => id));
    const { token, text } = await using(context.openAccounts(loaded), (accounts) =>
      createToken({ ...context, accounts, routes: known }, offer),
    );
    if (options.json === true) {
      printJson(context, { ...publicToken(token, token.createdAt), token: text });
      return 0;
    }
    context.terminal.out(`${text}\n`);
    const end =
      token.expiresAt === null ? 'until it is revoked' : `until ${timeText(token.expiresAt)}`;
    // On standard error, so that a script gets the token and nothing else.
    context.terminal.err(
      `${token.id}: acts for ${plainText(user.name)}, valid ${end}; the token is not shown again\n`,
    );
    return 0;
  });
}

async function list(
  context: CommandContext,
  login: string | undefined,
  options: ListOptions,
): Promise<ExitCode> {
  if (login !== undefined) {
    return withPerson(context, options, login, ({ id }) => listOf(context, id, options));
  }
  return listOf(context, null, options);
}

/** The tokens of a user; of all users for null. */
async function listOf(
  context: CommandContext,
  userId: string | null,
  options: ListOptions,
): Promise<ExitCode> {
  return withLoaded(context, options, async (loaded) => {
    const found = await using(context.openAccounts(loaded), (accounts) =>
      accounts.tokens(userId, MOST + 1),
    );
    const tokens = found.slice(0, MOST);
    if (found.length > MOST) {
      context.terminal.err(
        `doorward: showing the first ${MOST} tokens only; to list one user: doorward token list NAME\n`,
      );
    }
    const now = context.clock.now();
    if (options.json === true) {
      printJson(
        context,
        tokens.map((token) => publicToken(token, now)),
      );
    } else if (tokens.length === 0) context.terminal.out(NO_TOKENS);
    else {
      const names = await using(context.openDirectories(loaded), (directory) =>
        usernamesOf(directory, tokens),
      );
      context.terminal.out(tableOf(tokens, names, now));
    }
    return 0;
  });
}

const NO_TOKENS = 'no tokens; create one: doorward token create USER --name TEXT\n';

function tableOf(
  tokens: readonly Token[],
  names: ReadonlyMap<string, string>,
  now: number,
): string {
  const rows = tokens.map((token) => [
    token.id,
    names.get(token.userId) ?? token.userId,
    token.name,
    tokenState(token, now),
    token.expiresAt === null ? 'never' : timeText(token.expiresAt),
    token.lastUsedAt === null ? 'never' : timeText(token.lastUsedAt),
    limitsText(token),
  ]);
  return textTable([['ID', 'USER', 'NAME', 'STATE', 'EXPIRES', 'LAST USED', 'LIMITS'], ...rows]);
}

function limitsText({ routes, methods, networks }: Token): string {
  return [...routes, ...methods, ...networks].join(' ');
}

async function revoke(
  context: CommandContext,
  id: string,
  options: CommonOptions,
): Promise<ExitCode> {
  return withLoaded(context, options, async (loaded) => {
    const wasThere = await using(context.openAccounts(loaded), (accounts) =>
      accounts.revokeToken(id),
    );
    if (!wasThere) {
      return declined(context, `no token has the ID ${plainText(id)}; see doorward token list`);
    }
    context.terminal.out('1 token revoked\n');
    return 0;
  });
}

function publicToken(token: Token, now: number): object {
  return {
    id: token.id,
    user_id: token.userId,
    name: token.name,
    state: tokenState(token, now),
    routes: token.routes,
    methods: token.methods,
    networks: token.networks,
    created_at: timeText(token.createdAt),
    expires_at: token.expiresAt === null ? null : timeText(token.expiresAt),
    last_used_at: token.lastUsedAt === null ? null : timeText(token.lastUsedAt),
  };
}

function timeText(time: number): string {
  return new Date(time).toISOString();
}
