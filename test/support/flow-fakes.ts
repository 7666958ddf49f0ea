/**
 * A flow engine on in-memory ports, and a browser without sockets. Flows are written as in YAML,
 * with the real stages.
 */
import type { Flow, StageBinding } from '../../src/core/flow/flow.ts';
import type { Email } from '../../src/core/flow/mail.ts';
import { englishOf } from '../../src/core/values/message.ts';
import { type PolicySet, NO_POLICIES } from '../../src/core/policy/policy.ts';
import { isElsewhere, type Places } from '../../src/core/people/place.ts';
import type { Random, Throttle, ThrottleRule, Vault } from '../../src/core/values/system.ts';
import { isLive } from '../../src/core/people/session.ts';
import type { Snapshot } from '../../src/core/setup/snapshot.ts';
import { appCookie, portalCookie, type TicketCookie } from '../../src/core/setup/ticket-cookie.ts';
import type { AnyStage } from '../../src/core/flow/stage.ts';
import type { User } from '../../src/core/people/user.ts';
import type { ConfiguredSource } from '../../src/core/sources/source-rule.ts';
import type { Visitors } from '../../src/core/access/visitors.ts';
import type { ThrottleRules } from '../../src/flow/run/throttle-rules.ts';
import { checkUser } from '../../src/flow/effects/user-effects.ts';
import { createFlowApp, type FlowParts } from '../../src/flow/web/handler.ts';
import { createPasskeys } from '../../src/passkeys/passkeys.ts';
import { stages } from '../../src/stages/index.ts';
import { hashingFor } from '../../src/passwords/origin.ts';
import { fakeAccounts } from './fake-accounts.ts';
import { fakeLinks, fakeSources } from './fake-source.ts';
import { fakeSourceSessions } from './fake-source-sessions.ts';
import { fakePlans } from './fake-plans.ts';
import { fakeUsers } from './fake-users.ts';
import {
  fakeClock,
  fakeDirectory,
  fakeEvents,
  fakeMarks,
  fakeOutside,
  fakeScores,
  fakeSessions,
  fakeTickets,
  fakeVault,
  testUser,
} from './fakes.ts';
import { testFacts, testLive, testSnapshot } from './snapshot.ts';
import { fakeTokenApps } from './stage-context.ts';

/** A stage of a flow in a short form: as in YAML, optionally with policies. */
export interface StageWords {
  readonly type: string;
  readonly id?: string;
  readonly policies?: PolicySet;
  /** The policies for its submissions. */
  readonly validators?: PolicySet;
  readonly onInvalid?: StageBinding['onInvalid'];
  readonly [option: string]: unknown;
}

/** A linked flow. */
export function testFlow(
  name: string,
  words: readonly StageWords[],
  changes: Partial<Flow> = {},
  known: readonly AnyStage[] = stages,
): Flow {
  return {
    name,
    title: 'Sign in',
    designation: 'authentication',
    requires: 'anyone',
    policies: NO_POLICIES,
    denied: { action: 'message', text: null },
    texts: new Map(),
    digest: JSON.stringify([name, words]),
    ...changes,
    stages: words.map(
      ({ type, id = type, policies = NO_POLICIES, validators = NO_POLICIES, ...more }, i) => {
        const { onInvalid = 'retry', ...options } = more;
        const stage = known.find((candidate) => candidate.type === type);
        if (stage === undefined) throw new Error(`no stage ${type}`);
        const config: unknown = stage.config.parse(options);
        return {
          id,
          stage,
          config,
          policies,
          validators,
          onInvalid,
          at: `${name}.stages[${i}]`,
        };
      },
    ),
  };
}

/** The shipped sign-in: username, password, session. */
export const LOGIN = testFlow('login', [
  { type: 'identification' },
  { type: 'password' },
  { type: 'user_login' },
]);

export const LOGOUT = testFlow('logout', [{ type: 'user_logout' }], {
  title: 'Sign out',
  designation: 'invalidation',
});

/** Base64url tokens of the right length that count. */
export function countingRandom(): Random {
  let count = 0;
  return {
    token(bytes) {
      count += 1;
      return String(count).padStart(Math.ceil((bytes * 4) / 3), 'A');
    },
  };
}

/** Counts tries; delays according to the rule. */
export function fakeThrottle(): Throttle & { readonly counts: Map<string, number> } {
  const counts = new Map<string, number>();
  const until = new Map<string, number>();
  return {
    counts,
    take(key: string, rule: ThrottleRule, now: number) {
      const retryAt = until.get(key) ?? 0;
      if (retryAt > now) return Promise.resolve({ allowed: false, retryAt });
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      if (count >= rule.free) {
        until.set(key, now + Math.min(rule.longest, rule.wait * 2 ** (count - rule.free)));
      }
      return Promise.resolve({ allowed: true, retryAt: 0 });
    },
    release(key: string, how: 'one' | 'all') {
      until.delete(key);
      if (how === 'all') counts.delete(key);
      else counts.set(key, Math.max(0, (counts.get(key) ?? 0) - 1));
      return Promise.resolve();
    },
  };
}

/** In-memory outbox; `fault`: the error with which it refuses an email. */
function fakeOutbox() {
  const emails = {
    all: [] as Email[],
    fault: null as Error | null,
    isReady: true,
    send(email: Email): Promise<void> {
      if (emails.fault !== null) return Promise.reject(emails.fault);
      return Promise.resolve(void emails.all.push(email));
    },
  };
  return emails;
}

/** The options of a test. */
export interface EngineWords {
  readonly flows?: readonly Flow[];
  readonly users?: readonly User[];
  readonly rules?: ThrottleRules;
  readonly publicUrl?: string;
  /** Locations of addresses; unknown by default. */
  readonly places?: Places;
  /** Kinds of stages that may be inserted; the real ones by default. */
  readonly stages?: readonly AnyStage[];
  /** Configured sources; `company` by default. */
  readonly sources?: readonly ConfiguredSource[];
}

/** The engine with access to everything behind it. */
export function flowEngine(words: EngineWords = {}) {
  const flows = new Map((words.flows ?? [LOGIN, LOGOUT]).map((flow) => [flow.name, flow]));
  const base = testSnapshot(words.publicUrl === undefined ? {} : { publicUrl: words.publicUrl });
  const live = testLive({ ...base, flows });
  const vault = tolerant(fakeVault());
  const sessions = fakeSessions(vault);
  const [tickets, emails] = [fakeTickets(), fakeOutbox()];
  const directory = fakeDirectory(...(words.users ?? [testUser()]));
  const users = fakeUsers(directory);
  const clock = fakeClock();
  const sourceSessions = fakeSourceSessions(vault, clock);
  const events = fakeEvents();
  const [plans, throttle] = [fakePlans(), fakeThrottle()];
  const scores = fakeScores();
  const accounts = fakeAccounts([], clock);
  const marks = fakeMarks();
  const random = countingRandom();
  const outside = fakeOutside();
  const sources = fakeSources(...(words.sources ?? []));
  const links = fakeLinks();
  const ticketOf = async (header: string | null, { name, scope }: TicketCookie) => {
    const value = (header ?? '').split('; ').find((pair) => pair.startsWith(`${name}=`));
    const ticket = value === undefined ? null : await tickets.open(value.slice(name.length + 1));
    return ticket?.scope === scope ? ticket : null;
  };
  const visitorsBy = (cookie: (host: string) => TicketCookie): Visitors => ({
    async find({ header, clientIp, host }) {
      const ticket = await ticketOf(header('cookie'), cookie(host));
      const session = ticket && (await sessions.read(ticket));
      if (session === null || !isLive(session, clock.now())) return null;
      const { bound, userId } = session;
      if (bound !== undefined && isElsewhere(bound, clientIp, words.places)) {
        return { elsewhere: userId };
      }
      const user = await directory.read(userId);
      return user === null || user.disabled ? null : { session, user };
    },
  });
  const portal = (): TicketCookie => portalCookie(live.current);
  const deps: FlowParts = {
    live,
    stores: { sessions, sourceSessions, plans, throttle, scores },
    visitors: { ...visitorsBy(portal), ticket: (header) => ticketOf(header, portal()) },
    appVisitors: visitorsBy((host) => appCookie(live.current, host)),
    vault,
    tickets,
    random,
    clock,
    events,
    directories: directory,
    users,
    accounts,
    links,
    sources,
    outbox: emails,
    hashingFor,
    places: words.places,
    signals: () => Promise.resolve({}),
    stages: words.stages ?? stages,
    ports: {
      directories: directory,
      passwords: { hash: () => Promise.resolve('hash') },
      sessions,
      accounts,
      passkeys: createPasskeys(),
      marks,
      random,
      vault,
      outside,
      users: {
        directory: users.name,
        check: (changes, id) => checkUser({ users, directories: directory }, changes, id),
      },
      sources,
      links,
      tokens: accounts,
      apps: fakeTokenApps(),
    },
    pages: {
      flowPage: (view) => ({ type: 'text/html; charset=utf-8', text: JSON.stringify(view) }),
      noticePage: (view) => ({ type: 'text/html; charset=utf-8', text: JSON.stringify(view) }),
      say: (message) => ('literal' in message ? englishOf(message.literal) : message.key),
    },
    ...(words.rules === undefined ? {} : { rules: words.rules }),
  };
  return {
    deps,
    live,
    sessions,
    sourceSessions,
    tickets,
    directory,
    clock,
    events,
    plans,
    throttle,
    scores,
    vault,
    accounts,
    marks,
    outside,
    sources,
    links,
    emails,
    users,
  };
}

export type Engine = ReturnType<typeof flowEngine>;

/** Changes the active flows, as a reload does. */
export function swapFlows(engine: Engine, flows: readonly Flow[]): void {
  const current: Snapshot = engine.live.current;
  engine.live.current = { ...current, flows: new Map(flows.map((flow) => [flow.name, flow])) };
}

/** The response. */
export interface Seen {
  readonly status: number;
  readonly location: string;
  readonly headers: Headers;
  readonly cookies: readonly string[];
  readonly text: string;
  /** The view of a page, or the JSON of the API. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read views of any shape
  readonly view: any;
}

/**
 * One browser with its cookies, or a script. `proxy`: what a trusted proxy adds to its requests;
 * null without one.
 */
export function flowBrowser(
  engine: Engine,
  ip = '192.0.2.7',
  proxy: Readonly<Record<string, string>> | null = null,
) {
  const app = createFlowApp(engine.deps);
  const jar = new Map<string, string>();
  const browser = {
    jar,
    async send(
      path: string,
      init: { method?: string; headers?: Record<string, string>; body?: string } = {},
    ): Promise<Seen> {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers: Record<string, string> = {
        ...(cookie === '' ? {} : { cookie }),
        ...init.headers,
        ...proxy,
      };
      const { origin, host } = new URL(engine.live.current.site.origin);
      const url = new URL(path, origin);
      const method = init.method ?? 'GET';
      const facts = testFacts(
        { method, authority: host, target: url.pathname + url.search, clientIp: ip },
        headers,
        proxy !== null,
      );
      const response = await app.request(
        url.href,
        { method, headers, ...(init.body === undefined ? {} : { body: init.body }) },
        { facts, requestId: 'r1' },
      );
      const cookies = response.headers.getSetCookie();
      for (const line of cookies) {
        const [pair = ''] = line.split(';', 1);
        const mark = pair.indexOf('=');
        if (line.includes('Max-Age=0')) jar.delete(pair.slice(0, mark));
        else jar.set(pair.slice(0, mark), pair.slice(mark + 1));
      }
      const text = await response.text();
      return {
        status: response.status,
        location: response.headers.get('location') ?? '',
        headers: response.headers,
        cookies,
        text,
        view: text.startsWith('{') ? JSON.parse(text) : null,
      };
    },
    open: (path: string) => browser.send(path),
    /** Posts the form of a page, as the browser would, without following. */
    post(page: Seen, fields: Record<string, string> = {}, headers: Record<string, string> = {}) {
      return browser.send(page.view.action as string, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin: engine.live.current.site.origin,
          'sec-fetch-site': 'same-origin',
          ...headers,
        },
        body: new URLSearchParams({ ...page.view.hidden, ...fields }).toString(),
      });
    },
    /** Submits and follows redirects within the portal, until a page or another host. */
    async submit(page: Seen, fields: Record<string, string> = {}): Promise<Seen> {
      let seen = await browser.post(page, fields);
      for (let hops = 0; seen.location.startsWith('/flow/') && hops < 5; hops += 1) {
        seen = await browser.open(seen.location);
      }
      return seen;
    },
    async signIn(path = '/flow/login', login = 'ann', password = 'right'): Promise<Seen> {
      const first = await browser.open(path);
      return browser.submit(await browser.submit(first, { login }), { password });
    },
    /** The session for the browser's ticket now. */
    async session() {
      const value = jar.get(portalCookie(engine.live.current).name);
      const ticket = value === undefined ? null : await engine.tickets.open(value);
      return ticket === null ? null : engine.sessions.read(ticket);
    },
  };
  return browser;
}

/** As the port promises, an invalid value opens to null. */
function tolerant(vault: Vault): Vault {
  return {
    ...vault,
    open(purpose, secret, sealed) {
      try {
        return vault.open(purpose, secret, sealed);
      } catch {
        // Named fallback: an invalid seal opens to null.
        return null;
      }
    },
  };
}
