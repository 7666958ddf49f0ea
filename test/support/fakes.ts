/**
 * In-memory ports for unit tests (snapshots and facts: snapshot.ts). They fulfill the contracts in
 * core; none uses a socket, a file or the real clock.
 */
import type { Event } from '../../src/core/access/event.ts';
import type { Json } from '../../src/core/values/json.ts';
import type { ChangeListener, SessionStore } from '../../src/core/people/session-store.ts';
import type { Clock, Marks, Random, Vault } from '../../src/core/values/system.ts';
import type { Directory } from '../../src/core/people/directory.ts';
import type { EventSink } from '../../src/core/access/event.ts';
import type { Handover, HandoverStore } from '../../src/core/people/handover.ts';
import type { Scores } from '../../src/core/people/score.ts';
import type { Tickets } from '../../src/core/people/session.ts';
import { addTo, type Score, currentScore } from '../../src/core/people/score.ts';
import type { Session, Ticket } from '../../src/core/people/session.ts';
import type { User } from '../../src/core/people/user.ts';

/** Epoch milliseconds at which fake time begins: 2026-11-23T12:00:00Z. */
export const START = Date.UTC(2026, 10, 23, 12);

/** A clock that moves on request. */
export function fakeClock(start = START): Clock & { advance(ms: number): void } {
  let now = start;
  return {
    now: () => now,
    advance(ms) {
      now += ms;
    },
  };
}

/** Tokens that count: `t1`, `t2`, … */
export function fakeRandom(): Random {
  let count = 0;
  return { token: () => `t${(count += 1)}` };
}

/** Records every event. */
export function fakeEvents(): EventSink & { readonly all: Event[] } {
  const all: Event[] = [];
  return { all, emit: (event) => void all.push(event) };
}

/** Readable names, and seals and signatures that only it accepts. Provides no secrecy. */
export function fakeVault(): Vault {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  return {
    seal: (purpose, secret, plain) => encoder.encode(JSON.stringify([purpose, secret, plain])),
    open(purpose, secret, sealed) {
      const [p, s, plain] = JSON.parse(decoder.decode(sealed)) as string[];
      return p === purpose && s === secret ? (plain ?? null) : null;
    },
    name: (purpose, value) => `${purpose}:${value}`,
    memoryName: (purpose, value) => `memory:${purpose}:${value}`,
    sign: (purpose, value) => `signed:${purpose}:${value}`,
    verify: (purpose, value, signature) => signature === `signed:${purpose}:${value}`,
  };
}

/** In-memory marks; each is taken once, even after its expiry. */
export function fakeMarks(): Marks & { readonly taken: Map<string, number> } {
  const taken = new Map<string, number>();
  return {
    taken,
    take(key, until) {
      if (taken.has(key)) return Promise.resolve(false);
      taken.set(key, until);
      return Promise.resolve(true);
    },
  };
}

/** In-memory handovers by code; each is taken once, whatever its end. */
export function fakeHandovers(): HandoverStore & { readonly all: Map<string, Handover> } {
  const all = new Map<string, Handover>();
  return {
    all,
    put(code, handover) {
      all.set(code, handover);
      return Promise.resolve();
    },
    take(code) {
      const found = all.get(code) ?? null;
      all.delete(code);
      return Promise.resolve(found);
    },
  };
}

/** In-memory scores that follow the model. */
export function fakeScores(): Scores & { readonly all: Map<string, Score> } {
  const all = new Map<string, Score>();
  return {
    all,
    add(key, by, now) {
      const score = addTo(all.get(key) ?? null, by, now);
      all.set(key, score);
      return Promise.resolve(score.value);
    },
    read: (keys, now) =>
      Promise.resolve(keys.map((key) => currentScore(all.get(key) ?? null, now).value)),
  };
}

/** A fake external verifier with one reply for all requests; records the requests. */
export function fakeOutside(answer: Json = { success: true }) {
  const requests: { url: string; form: Readonly<Record<string, string>> }[] = [];
  return {
    requests,
    /** The reply from now on; an Error makes it fail. */
    answer: answer as Json | Error,
    post(url: string, form: Readonly<Record<string, string>>): Promise<Json> {
      requests.push({ url, form });
      if (this.answer instanceof Error) return Promise.reject(this.answer);
      return Promise.resolve(this.answer);
    },
  };
}

/**
 * Cookie values `sealed.<id>.<secret>`, which are valid below example.com, or with `@<scope>` at the end;
 * anything else is invalid. Counts the opened ones.
 */
export function fakeTickets(): Tickets & { opened: number } {
  const tickets = {
    opened: 0,
    seal: ({ id, secret }: Ticket, scope: string) =>
      Promise.resolve(`sealed.${id}.${secret}${scope === BELOW ? '' : `@${scope}`}`),
    open(value: string) {
      tickets.opened += 1;
      const [sealed = '', scope = BELOW] = value.split('@');
      const [kind, id, secret, more] = sealed.split('.');
      const isOurs = kind === 'sealed' && id && secret && more === undefined;
      return Promise.resolve(isOurs ? { id, secret, scope } : null);
    },
  };
  return tickets;
}

const BELOW = 'domain:example.com';

interface Stored {
  readonly secret: string;
  session: Session;
}

/** An in-memory session store, with switches for the behavior of real stores. */
export interface FakeSessions extends SessionStore {
  /** Whether cached sessions may be used. */
  coherent: boolean;
  /** When set, every call rejects with it. */
  fault: Error | null;
  /** When set, reads wait for it after reading. */
  delay: Promise<void> | null;
  /** Calls in order: `read id`, `touch id`, `end id`, … */
  readonly calls: string[];
  /** Notifies the watchers. */
  announce(id: string | null): void;
}

/** `vault` names sessions as the real stores do. */
export function fakeSessions(vault: Vault = fakeVault()): FakeSessions {
  const kept = new Map<string, Stored>();
  const listeners = new Set<ChangeListener>();
  const idOf = (ticket: Ticket): string => vault.name('session', ticket.id);
  const did = (call: string): void => {
    store.calls.push(call);
    if (store.fault !== null) throw store.fault;
  };
  const drop = (id: string): boolean => {
    const was = kept.delete(id);
    if (was) store.announce(id);
    return was;
  };
  const store: FakeSessions = {
    coherent: true,
    fault: null,
    delay: null,
    calls: [],
    announce(id) {
      for (const listener of listeners) listener(id);
    },
    async start(ticket, session) {
      did(`start ${session.id}`);
      kept.set(idOf(ticket), { secret: ticket.secret, session });
    },
    async read(ticket) {
      did(`read ${idOf(ticket)}`);
      const found = kept.get(idOf(ticket));
      const session = found?.secret === ticket.secret ? found.session : null;
      if (store.delay !== null) await store.delay;
      return session;
    },
    async rotate(old, ticket, session) {
      did(`rotate ${idOf(old)}`);
      if (!drop(idOf(old))) return false;
      kept.set(idOf(ticket), { secret: ticket.secret, session });
      return true;
    },
    async touch(id, seenAt) {
      did(`touch ${id}`);
      const found = kept.get(id);
      if (found) found.session = { ...found.session, seenAt };
    },
    async summary(id) {
      return kept.get(id)?.session ?? null;
    },
    async end(id) {
      did(`end ${id}`);
      return drop(id);
    },
    async endAll(userId, exceptId) {
      did(`endAll ${userId}`);
      const ids = [...kept.values()].map((stored) => stored.session);
      const doomed = ids.filter(
        (s) => (userId === null || s.userId === userId) && s.id !== exceptId,
      );
      for (const session of doomed) drop(session.id);
      return doomed.length;
    },
    async list(userId, limit = 1000) {
      did('list');
      const all = [...kept.values()].map((stored) => stored.session);
      return all
        .filter((s) => userId === null || s.userId === userId)
        .sort((a, b) => b.createdAt - a.createdAt)
        .slice(0, limit);
    },
    async count() {
      return kept.size;
    },
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    isCoherent: () => store.coherent,
  };
  return store;
}

/** An in-memory directory; `put` and `remove` announce their changes. */
export interface FakeDirectory extends Directory {
  /** False: `freshFor` returns 0, otherwise `freshness`. */
  coherent: boolean;
  freshness: number;
  fault: Error | null;
  delay: Promise<void> | null;
  /** Number of reads by id. */
  reads: number;
  put(user: User): void;
  remove(id: string): void;
  announce(id: string | null): void;
}

/** A directory with these users; every password is `right`. */
export function fakeDirectory(...users: readonly User[]): FakeDirectory {
  const known = new Map(users.map((user) => [user.id, user]));
  const listeners = new Set<ChangeListener>();
  const directory: FakeDirectory = {
    name: 'fake',
    renewable: ['fake'],
    coherent: true,
    freshness: Number.POSITIVE_INFINITY,
    fault: null,
    delay: null,
    reads: 0,
    announce(id) {
      for (const listener of listeners) listener(id);
    },
    put(user) {
      known.set(user.id, user);
      directory.announce(user.id);
    },
    remove(id) {
      known.delete(id);
      directory.announce(id);
    },
    async find(login) {
      if (directory.fault !== null) throw directory.fault;
      const isMeant = (u: User) => u.name === login || (u.emailVerified && u.email === login);
      return [...known.values()].find(isMeant) ?? null;
    },
    async read(id) {
      directory.reads += 1;
      if (directory.fault !== null) throw directory.fault;
      const user = known.get(id) ?? null;
      if (directory.delay !== null) await directory.delay;
      return user;
    },
    async verifyPassword(id, password) {
      return id !== null && known.has(id) && password === 'right' ? 'right' : 'wrong';
    },
    isEmpty: async () => known.size === 0,
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    freshFor: () => (directory.coherent ? directory.freshness : 0),
    close: () => Promise.resolve(),
  };
  return directory;
}

/** A user: `fake/ann`, in `staff`. */
export function testUser(changes: Partial<User> = {}): User {
  return {
    id: 'fake/ann',
    name: 'ann',
    displayName: 'Ann Example',
    email: 'ann@example.com',
    emailVerified: true,
    groups: ['staff'],
    attributes: {},
    disabled: false,
    passwordSetAt: null,
    ...changes,
  };
}

/** A session of `fake/ann` under the ticket id `one`, begun at START, idle 1 h, lifetime 12 h. */
export function testSession(changes: Partial<Session> = {}): Session {
  return {
    v: 1,
    id: 'session:one',
    userId: 'fake/ann',
    proofs: [{ method: 'password', at: START }],
    createdAt: START,
    seenAt: START,
    expiresAt: START + 12 * 3_600_000,
    idle: 3_600_000,
    client: { ip: '192.0.2.7', agent: 'test' },
    ...changes,
  };
}
