/**
 * The joint: the only file that names every concrete adapter, and the only one where they
 * meet. What each part needs is passed in; nothing is found through globals.
 */
import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { type EmbeddedAccounts, openAccounts } from './accounts/accounts.ts';
import type { Lists } from './config/lists.ts';
import type { Settings } from './config/settings.ts';
import type { Accounts } from './core/account.ts';
import type { AdapterTools } from './core/adapters.ts';
import type { Mailer } from './core/mail.ts';
import type { Dialect } from './core/dialect.ts';
import type {
  Clock,
  Directory,
  EventSink,
  Passwords,
  Random,
  Stores,
  Tickets,
  Vault,
  WritableDirectory,
} from './core/ports.ts';
import type { Live, Snapshot } from './core/snapshot.ts';
import { direct } from './dialects/direct/dialect.ts';
import { dialects } from './dialects/index.ts';
import { chainDirectories } from './directories/chain.ts';
import { directories } from './directories/index.ts';
import { DEFAULT_RULES } from './flow/deps.ts';
import { createFlowApp } from './flow/handler.ts';
import { flowTexts } from './flow/texts.ts';
import { createAdmit } from './gate/admission.ts';
import { createAnswers } from './gate/answer.ts';
import { createCheck } from './gate/check.ts';
import { createJudge } from './gate/judge.ts';
import { createLive, type LiveSockets } from './gate/live.ts';
import { createProxy } from './gate/proxy.ts';
import { createRequestIds } from './gate/request-id.ts';
import { createTrust } from './gate/trust.ts';
import { createUpgrade } from './gate/upgrade.ts';
import { createUpstreams } from './gate/upstream.ts';
import { createVisitors } from './gate/visitor.ts';
import { createPortalDoor, type PortalHandler } from './http/portal.ts';
import { createRouter } from './http/router.ts';
import { createPublicServer } from './http/server.ts';
import { createLetters } from './letters/letters.ts';
import { mailers } from './mailers/index.ts';
import { createOutside } from './outside/outside.ts';
import { createAssets } from './pages/assets.ts';
import { createPages } from './pages/pages.ts';
import { createPasskeys } from './passkeys/passkeys.ts';
import { createPasswords } from './passwords/passwords.ts';
import { policies } from './policies/index.ts';
import { createPortalApp } from './portal/portal.ts';
import { stages } from './stages/index.ts';
import { stores } from './stores/index.ts';
import { type Assertions, createAssertions } from './tickets/assertion.ts';
import { createTickets } from './tickets/iron.ts';
import { createVault } from './tickets/vault.ts';

/** Everything a configuration may name. */
export const lists: Lists = { stages, policies, stores, directories, mailers };

export const systemClock: Clock = { now: () => Date.now() };
export const systemRandom: Random = { token: (bytes) => randomBytes(bytes).toString('base64url') };

/** What is kept behind a gateway or a command: opened together, closed together. */
export interface Backing {
  readonly vault: Vault;
  readonly tickets: Tickets;
  readonly passwords: Passwords;
  readonly assertions: Assertions;
  /** Opens the state. */
  readonly openStores: () => Promise<Stores>;
  /** Opens what is kept about people beside their directories. */
  readonly openAccounts: () => Promise<EmbeddedAccounts>;
  /** Makes the way to send mail ready, or null without one; connects to nothing yet. */
  readonly openMailer: () => Promise<Mailer | null>;
  /** Opens every configured directory, in order. */
  readonly openDirectories: () => Promise<readonly Directory[]>;
}

/** The adapters of a configuration, not yet opened. `secrets` are the effective ones, at least one. */
export function composeBacking(
  settings: Settings,
  secrets: readonly string[],
  events: EventSink,
  issuer: () => string,
): Backing {
  const { dataDir } = settings;
  const vault = createVault(secrets);
  const passwords = createPasswords();
  const tools: AdapterTools = {
    clock: systemClock,
    random: systemRandom,
    vault,
    passwords,
    events,
    dataDir,
  };
  return {
    vault,
    passwords,
    tickets: createTickets(secrets),
    assertions: createAssertions(secrets, issuer),
    openStores: () => settings.state.kind.open(settings.state.options, tools),
    openAccounts: async () => openAccounts(tools),
    async openMailer() {
      const { mail } = settings;
      return mail === null ? null : mail.kind.open(mail.options, tools);
    },
    async openDirectories() {
      const opened: Directory[] = [];
      try {
        for (const { kind, options } of settings.directories) {
          opened.push(await kind.open(options, tools));
        }
      } catch (error) {
        await Promise.all(opened.map((directory) => directory.close()));
        throw error;
      }
      return opened;
    },
  };
}

/** What a running gateway is made of. */
export interface GatewayParts {
  readonly live: Live;
  readonly settings: Settings;
  readonly backing: Backing;
  readonly stores: Stores;
  readonly accounts: Accounts;
  /** Null: no mail. The caller's to close. */
  readonly mailer: Mailer | null;
  readonly directories: readonly Directory[];
  /** The one among them that can be written, or null. */
  readonly users: WritableDirectory | null;
  readonly events: EventSink;
}

/** A gateway that does not listen yet. */
export interface ComposedGateway {
  readonly createServer: () => Server;
  readonly sockets: LiveSockets;
  /** Ends upstream connections and subscriptions; the stores are the caller's to close. */
  readonly close: () => Promise<void>;
}

/** Joins the rooms behind the public listener. */
export function composeGateway(parts: GatewayParts): ComposedGateway {
  const { live, settings, backing, stores: state, events } = parts;
  const clock = systemClock;
  const directory = chainDirectories(parts.directories);
  const { vault, tickets, assertions } = backing;
  const { sessions } = state;
  const visitors = createVisitors({ live, sessions, directory, tickets, vault, clock, events });
  const assets = createAssets(live);
  const pages = createPages(live, assets, [flowTexts, ...stages.map((stage) => stage.texts)]);
  const trust = createTrust(live);
  const requestIds = createRequestIds(systemRandom);
  const judge = createJudge({ visitors, clock });
  const answers = createAnswers({ pages: pages.refusals, assertion: assertions.sign });
  const admission = {
    live,
    trust,
    dialect: direct as Dialect,
    judge,
    answers,
    requestIds,
    clock,
    events,
  };
  const upstreams = createUpstreams();
  const sockets = createLive({ sessions, directory, clock });
  const check = createCheck({ live, dialects, trust, judge, answers, requestIds, clock, events });
  const proxy = createProxy({
    admit: createAdmit(admission, true),
    answers,
    upstreams,
    clock,
    events,
  });
  const upgrade = createUpgrade({
    admit: createAdmit(admission, false),
    answers,
    upstreams,
    live: sockets,
    clock,
    events,
  });
  const outside = createOutside();
  const templates = settings.mail?.templates ?? {};
  const letters = createLetters({ mailer: parts.mailer, templates, live, events });
  const flows = createFlowApp({
    live,
    stores: state,
    visitors,
    vault,
    tickets,
    random: systemRandom,
    clock,
    events,
    directories: directory,
    users: parts.users,
    accounts: parts.accounts,
    letters,
    stages,
    ports: {
      directories: directory,
      passwords: backing.passwords,
      sessions,
      accounts: parts.accounts,
      passkeys: createPasskeys(),
      marks: state.marks,
      random: systemRandom,
      vault,
      outside,
    },
    pages,
    ...(settings.throttle === null
      ? {}
      : { rules: { ...DEFAULT_RULES, account: settings.throttle } }),
  });
  const portal = createPortalApp({ live, visitors, clock, pages, assets });
  const jwks = JSON.stringify(assertions.jwks);
  const handler: PortalHandler = (request, env) => {
    const { path } = env.facts;
    if (path.startsWith('/flow/') || path.startsWith('/api/')) return flows.fetch(request, env);
    if (path === '/.well-known/jwks.json') return publicJson(jwks);
    return portal.fetch(request, env);
  };
  const router = createRouter({
    current: (): Snapshot => live.current,
    check: check.handle,
    portal: createPortalDoor({
      handler,
      live,
      trust,
      dialect: direct as Dialect,
      answers,
      requestIds,
      events,
    }),
    proxy: proxy.handle,
    upgrade: upgrade.handle,
  });
  return {
    createServer: () => createPublicServer(router),
    sockets,
    async close() {
      visitors.close();
      await letters.close();
      await outside.close();
      await upstreams.close();
    },
  };
}

/** Keys are public and change with a rotation of secrets alone. */
function publicJson(text: string): Response {
  return new Response(text, {
    headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' },
  });
}
