/** `doorward explain`: the decision for a request that nobody made, with the very `decide` that judges real ones. */
import type { Command } from 'commander';
import ipaddr from 'ipaddr.js';
import { decide } from '../core/decide.ts';
import type { Visitor } from '../core/decision.ts';
import { readFacts } from '../core/facts.ts';
import { isRefusal } from '../core/refusal.ts';
import {
  type CommonOptions,
  conclude,
  configured,
  declined,
  misused,
  plainText,
  printJson,
  type Shell,
  using,
  withLoaded,
} from './command.ts';
import { type Explanation, explanationJson, explanationText, judgedRules } from './explanation.ts';
import type { ExitCode, Loaded, Tools } from './tools.ts';

interface ExplainOptions extends CommonOptions {
  readonly url: string;
  readonly method: string;
  readonly user?: string;
  readonly ip: string;
  readonly methods?: string;
  readonly json?: boolean;
}

export function explainCommand(shell: Shell): Command {
  return configured(
    'explain',
    'the decision for a request, rule by rule; exit 0 when it is allowed',
  )
    .requiredOption('--url <url>', 'what is asked for, with scheme and host')
    .option('--method <method>', 'request method', 'GET')
    .option('--user <name>', 'who asks: sign-in name or address; nobody when left out')
    .option('--ip <address>', 'where from', '127.0.0.1')
    .option(
      '--methods <list>',
      'how they signed in just now, e.g. password,totp (default: password)',
    )
    .option('--json', 'print as JSON')
    .action((options: ExplainOptions) => conclude(shell, () => explain(shell.tools, options)));
}

async function explain(tools: Tools, options: ExplainOptions): Promise<ExitCode> {
  const parts = /^(https?):\/\/([^/?#]*)([^#]*)(?:#.*)?$/i.exec(options.url);
  if (parts === null) {
    return misused(tools, '--url must be whole, e.g. https://wiki.example.com/page?x=1');
  }
  if (!ipaddr.isValid(options.ip)) return misused(tools, '--ip must be an IPv4 or IPv6 address');
  if (options.methods !== undefined && options.user === undefined) {
    return misused(tools, '--methods says how somebody signed in: say who with --user');
  }
  const target = parts[3] as string;
  const navigation: Record<string, string> = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };
  const facts = readFacts({
    method: options.method.toUpperCase(),
    scheme: (parts[1] as string).toLowerCase() === 'https' ? 'https' : 'http',
    authority: parts[2] as string,
    target: target.startsWith('/') ? target : `/${target}`,
    clientIp: ipaddr.process(options.ip).toString(),
    header: (name) => navigation[name] ?? null,
  });
  return withLoaded(tools, options, async (loaded) => {
    if (isRefusal(facts)) {
      if (options.json === true)
        printJson(tools, { url: options.url, decision: 'refused', ...facts });
      else tools.terminal.out(`refused ${facts.status}  ${facts.code}: ${facts.detail}\n`);
      return 1;
    }
    const now = tools.clock.now();
    const who = await visitorFor(tools, loaded, options, facts.clientIp, now);
    if (typeof who === 'number') return who;
    const { table, site } = loaded.snapshot;
    const input = { table, site, facts, visitor: who.visitor, signals: {}, now };
    const explanation: Explanation = {
      url: options.url,
      facts,
      note: who.note,
      visitor: who.visitor,
      decision: decide(input),
      rules: judgedRules(input),
    };
    if (options.json === true) printJson(tools, explanationJson(explanation));
    else tools.terminal.out(explanationText(explanation));
    return explanation.decision.kind === 'allow' ? 0 : 1;
  });
}

/** Somebody with a session made up for the question; a disabled user has none, as in real life. */
async function visitorFor(
  tools: Tools,
  loaded: Loaded,
  options: ExplainOptions,
  ip: string,
  now: number,
): Promise<{ visitor: Visitor | null; note: string | null } | ExitCode> {
  const login = options.user;
  if (login === undefined) return { visitor: null, note: null };
  const user = await using(tools.openDirectories(loaded), (directory) =>
    directory.find(login, ['username', 'email']),
  );
  if (user === null) {
    return declined(tools, `no directory knows ${plainText(login)}; see doorward user list`);
  }
  if (user.disabled) return { visitor: null, note: `${user.name} is disabled and has no session` };
  const methods = (options.methods ?? 'password').split(',').map((m) => m.trim());
  if (methods.includes('')) return misused(tools, '--methods is a list like password,totp');
  const { idle, lifetime } = loaded.snapshot.session;
  const session = {
    v: 1 as const,
    id: 'explain',
    userId: user.id,
    proofs: [...new Set(methods)].map((method) => ({ method, at: now })),
    createdAt: now,
    seenAt: now,
    expiresAt: now + lifetime,
    idle,
    client: { ip, agent: 'doorward explain' },
  };
  return { visitor: { session, user }, note: null };
}
