/** `doorward explain`: the decision for a described request, by the same `decide` that decides real ones. */
import type { Command } from 'commander';
import { type DecideInput, decide, neededFor, queryOf } from '../../core/access/decide.ts';
import type { Visitor } from '../../core/access/decision.ts';
import type { Signals } from '../../core/policy/policy.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { parseAddress } from '../../core/request/address.ts';
import { isRefusal } from '../../core/request/refusal.ts';
import type { Given } from '../../core/setup/expectation.ts';
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
import type { CommandContext, ExitCode, Loaded } from '../shell/context.ts';
import { declined, misused, plainText, printJson } from '../shell/output.ts';
import { type Explanation, explanationJson, explanationText } from './explanation.ts';
import {
  bearerOf,
  factsOf,
  givenSignals,
  isCredentialFault,
  jwtBearerOf,
  type Query,
  visitorOf,
} from './question.ts';
import { checkCertificate } from '../../certificates/check.ts';
import { judgeCertificate } from '../../core/credential/certificate.ts';
import { isJwtLike, readJwt } from '../../core/proof/jwt.ts';
import { certificateGrant } from '../../core/routes/grant.ts';

interface ExplainOptions extends CommonOptions {
  readonly url: string;
  readonly method: string;
  readonly user?: string;
  readonly ip: string;
  readonly methods?: string;
  readonly token?: string;
  readonly jwt?: string;
  readonly certificate?: string;
  readonly time?: string;
  readonly header: readonly string[];
  readonly signal: readonly string[];
  readonly json?: boolean;
}

export function explainCommand(shell: Shell): Command {
  return configured(
    'explain',
    'explain the decision for a request, rule by rule; exit 0 if it is allowed',
  )
    .requiredOption('--url <url>', 'requested URL, with scheme and host')
    .option('--method <method>', 'request method', 'GET')
    .option('--user <name>', 'username or email address (default: an anonymous visitor)')
    .option('--ip <address>', 'client address', '127.0.0.1')
    .option(
      '--methods <list>',
      'methods of the sign-in and their age, e.g. password=2h,totp (default: password, just now)',
    )
    .option('--token <id>', 'token that the request shows, by its ID as shown by token list')
    .option(
      '--jwt <file>',
      'file with the JSON Web Token that the request shows, or - for standard input; its signature counts as right',
    )
    .option(
      '--certificate <file>',
      'file with the client certificate that the request shows, as PEM; it is checked as in a real request',
    )
    .option('--time <instant>', 'time of the request, e.g. 2027-01-31T18:00:00Z (default: now)')
    .addOption(
      repeatable('--header <name=value>', 'a request header', 'those of a browser opening a page'),
    )
    .addOption(
      repeatable(
        '--signal <name=json>',
        'value of a signal instead of the real one, e.g. \'geo={"country":"DE"}\'',
      ),
    )
    .option('--json', 'print as JSON')
    .action(runner(shell, explain));
}

async function explain(context: CommandContext, options: ExplainOptions): Promise<ExitCode> {
  const read = readOptions(context, options);
  if (typeof read === 'string') return misused(context, read);
  const { query, methods, now, signals } = read;
  const facts = factsOf(query);
  if (facts === null) {
    return misused(
      context,
      'invalid --url: use a full URL such as https://wiki.example.com/page?x=1',
    );
  }
  return withLoaded(context, options, async (loaded) => {
    if (isRefusal(facts)) {
      if (options.json === true)
        printJson(context, { url: options.url, decision: 'refused', ...facts });
      else context.terminal.out(`refused ${facts.status}  ${facts.code}: ${facts.detail}\n`);
      return 1;
    }
    const given = { login: options.user, methods, ip: facts.clientIp };
    const { token: id } = options;
    const who =
      id === undefined
        ? ((await whoseFile(context, loaded, options, now)) ??
          (await whoAsks(context, loaded, given, now)))
        : await whoShows(context, loaded, id, facts);
    if (typeof who === 'object' && 'misused' in who) return misused(context, who.misused);
    if (who === 'unknown' && id !== undefined) {
      return declined(
        context,
        `no token of a user has the ID ${plainText(id)}; see doorward token list`,
      );
    }
    if (who === 'unknown') {
      const name = plainText(options.user ?? '');
      return declined(context, `no directory has a user ${name}; see doorward user list`);
    }
    const { table, site } = loaded.snapshot;
    const input = { table, site, facts, visitor: who.visitor, signals: {}, now };
    const gathered = await gather(context, loaded, input, signals);
    const explanation: Explanation = {
      url: options.url,
      facts,
      now,
      note: who.note,
      visitor: who.visitor,
      decision: decide({ ...input, ...absenceOf(who), signals: gathered }),
    };
    if (options.json === true) printJson(context, explanationJson(explanation));
    else context.terminal.out(explanationText(explanation));
    return explanation.decision.kind === 'allow' ? 0 : 1;
  });
}

interface Read {
  readonly query: Query;
  readonly methods: Given['methods'];
  readonly now: number;
  readonly signals: Readonly<Record<string, Json>>;
}

/** What the options mean, or what is wrong with them. */
function readOptions(context: CommandContext, options: ExplainOptions): Read | string {
  const { url, method, ip } = options;
  if (options.methods !== undefined && options.user === undefined) {
    return '--methods needs --user';
  }
  if (options.token !== undefined && options.user !== undefined) {
    return '--token stands for its user; leave out --user';
  }
  if (options.jwt !== undefined && (options.token ?? options.user) !== undefined) {
    return '--jwt says whose it is; leave out --user and --token';
  }
  if (
    options.certificate !== undefined &&
    (options.jwt ?? options.token ?? options.user) !== undefined
  ) {
    return '--certificate says whose it is; leave out --user, --token and --jwt';
  }
  if (parseAddress(ip) === null) return 'invalid --ip: use an IPv4 or IPv6 address';
  const methods = readMethods(options.methods ?? 'password');
  if (methods === null) return 'invalid --methods: use a list such as password=2h,totp';
  const now = options.time === undefined ? context.clock.now() : readTime(options.time);
  if (Number.isNaN(now)) return 'invalid --time: use an instant such as 2027-01-31T18:00:00Z';
  const headers = readPairs(options.header);
  if (typeof headers === 'string') return 'invalid --header: use name=value';
  const signals = readSignals(options.signal);
  if (signals === null) return 'invalid --signal: use name=JSON, e.g. geo={"country":"DE"}';
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const query: Query = { url, method, ip, headers: Object.fromEntries(lower) };
  return { query, methods, now, signals };
}

function readMethods(text: string): Given['methods'] | null {
  const methods: Given['methods'][number][] = [];
  for (const part of text.split(',')) {
    const [method = '', ago] = part.trim().split('=', 2);
    const age = ago === undefined ? 0 : parseDuration(ago);
    if (method === '' || age === null) return null;
    if (!methods.some((one) => one.method === method)) methods.push({ method, age });
  }
  return methods;
}

const INSTANT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/;

function readTime(text: string): number {
  return INSTANT.test(text) ? Date.parse(text) : Number.NaN;
}

function readSignals(pairs: readonly string[]): Readonly<Record<string, Json>> | null {
  const texts = readPairs(pairs);
  if (typeof texts === 'string') return null;
  try {
    const values = Object.entries(texts).map(([name, text]) => [name, JSON.parse(text) as Json]);
    return Object.fromEntries(values) as Readonly<Record<string, Json>>;
  } catch {
    // Named fallback: what is no JSON is wrong usage.
    return null;
  }
}

/** The user with a session as described; a disabled user has none, as with real requests. */
async function whoAsks(
  context: CommandContext,
  loaded: Loaded,
  given: Pick<Given, 'methods' | 'ip'> & { readonly login: string | undefined },
  now: number,
): Promise<Who | 'unknown'> {
  const { login } = given;
  if (login === undefined) return { visitor: null, note: null };
  const user = await using(context.openDirectories(loaded), (directory) =>
    directory.find(login, ['username', 'email']),
  );
  if (user === null) return 'unknown';
  const visitor = visitorOf(user, given, now, loaded.snapshot.session);
  return typeof visitor === 'string' ? { visitor: null, note: visitor } : { visitor, note: null };
}

/** Who sends a request, and something to know about it. */
interface Who {
  readonly visitor: Visitor | null;
  readonly note: string | null;
}

/** The user of a token with its limits. */
async function whoShows(
  context: CommandContext,
  loaded: Loaded,
  id: string,
  facts: RequestFacts,
): Promise<Who | 'unknown'> {
  const token = await using(context.openAccounts(loaded), (accounts) => accounts.token(id));
  if (token === null) return 'unknown';
  const user = await using(context.openDirectories(loaded), (all) => all.read(token.userId));
  if (user === null) return 'unknown';
  const visitor = bearerOf(user, token, { table: loaded.snapshot.table, facts });
  return typeof visitor === 'string' ? { visitor: null, note: visitor } : { visitor, note: null };
}

/** The text in a file or on standard input; null if it cannot be read. */
async function readToken(context: CommandContext, from: string): Promise<string | null> {
  const text = from === '-' ? await context.terminal.firstLine() : await context.readText(from);
  return text?.trim() ?? null;
}

/** The user of a credential in a file, or why it cannot be read; null without a file. */
async function whoseFile(
  context: CommandContext,
  loaded: Loaded,
  { jwt, certificate }: ExplainOptions,
  now: number,
): Promise<Who | { readonly misused: string } | null> {
  const file = jwt ?? certificate;
  if (file === undefined) return null;
  const isToken = jwt !== undefined;
  const text = isToken ? await readToken(context, file) : await context.readText(file);
  if (text === null) {
    const option = isToken ? '--jwt' : '--certificate';
    return { misused: `invalid ${option}: ${plainText(file)} cannot be read` };
  }
  return isToken ? whoBears(context, loaded, text, now) : whoHolds(context, loaded, text, now);
}

/** The user of a JSON Web Token with the limits of its issuer. */
async function whoBears(
  context: CommandContext,
  loaded: Loaded,
  text: string,
  now: number,
): Promise<Who> {
  const jwt = isJwtLike(text) ? readJwt(text) : null;
  if (jwt === null) return { visitor: null, note: 'jwt/malformed' };
  const { issuers } = loaded.snapshot;
  const visitor = await using(context.openDirectories(loaded), (directory) =>
    jwtBearerOf(jwt, { issuers, directory, now }),
  );
  return typeof visitor === 'string' ? { visitor: null, note: visitor } : { visitor, note: null };
}

/** The user of a client certificate with the limits of its entry. */
async function whoHolds(
  context: CommandContext,
  loaded: Loaded,
  text: string,
  now: number,
): Promise<Who> {
  const { certificates: rules } = loaded.snapshot;
  const judged = await using(context.openDirectories(loaded), (directory) =>
    judgeCertificate(text, { rules, check: checkCertificate, directory, now }),
  );
  if (typeof judged === 'string') return { visitor: null, note: judged };
  const { rule, certificate, user } = judged;
  const grant = certificateGrant(rule, certificate);
  return { visitor: { session: null, grant, user }, note: null };
}

/** Why a JSON Web Token or certificate does not count, for the decision. */
function absenceOf({ note }: Who): Pick<DecideInput, 'absence'> {
  return isCredentialFault(note) ? { absence: note } : {};
}

/** What the rules need from outside and was not given. Opens nothing where nothing is needed. */
async function gather(
  context: CommandContext,
  loaded: Loaded,
  input: DecideInput,
  given: Readonly<Record<string, Json>>,
): Promise<Signals> {
  const { table, facts, visitor } = input;
  const found = table.find(facts);
  if ('refused' in found) return {};
  const names = neededFor(found, visitor);
  const known = givenSignals(names, given);
  const missing = names.filter((name) => !Object.hasOwn(known, name));
  if (missing.length === 0) return known;
  const query = queryOf(input, found);
  const gathered = await using(context.openSignals(loaded), ({ source }) => source(missing, query));
  return { ...gathered, ...known };
}
