/** Requests, users and sessions for tests of rules: complete objects with sensible defaults. */
import type { RequestFacts } from '../../src/core/request/facts.ts';
import { readFacts } from '../../src/core/request/facts.ts';
import { isRefusal } from '../../src/core/request/refusal.ts';
import type { PolicyInput } from '../../src/core/policy/policy.ts';
import type { Session } from '../../src/core/people/session.ts';
import type { User } from '../../src/core/people/user.ts';

/** 2026-11-23T12:00:00Z. */
export const NOON = Date.UTC(2026, 10, 23, 12);

/** A member of staff. */
export function aUser(changes: Partial<User> = {}): User {
  return {
    id: 'embedded/u1',
    name: 'ann',
    displayName: 'Ann Example',
    email: 'ann@example.com',
    emailVerified: true,
    groups: ['staff'],
    attributes: { department: 'legal' },
    disabled: false,
    passwordSetAt: null,
    ...changes,
  };
}

/** Proved by password a minute before NOON. */
export function aSession(changes: Partial<Session> = {}): Session {
  return {
    v: 1,
    id: 's1',
    userId: 'embedded/u1',
    proofs: [{ method: 'password', at: NOON - 60_000 }],
    createdAt: NOON - 60_000,
    seenAt: NOON,
    expiresAt: NOON + 3_600_000,
    idle: 3_600_000,
    client: { ip: '192.0.2.7', agent: 'test' },
    ...changes,
  };
}

/** The possible differences of a request. */
export interface RequestParts {
  readonly method?: string;
  readonly scheme?: 'http' | 'https';
  readonly authority?: string;
  readonly target?: string;
  readonly clientIp?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Facts of a valid request; throws if it is refused. */
export function someFacts(parts: RequestParts = {}): RequestFacts {
  const headers = new Map(Object.entries(parts.headers ?? {}));
  const facts = readFacts({
    method: parts.method ?? 'GET',
    scheme: parts.scheme ?? 'https',
    authority: parts.authority ?? 'wiki.example.com',
    target: parts.target ?? '/',
    clientIp: parts.clientIp ?? '192.0.2.7',
    header: (name) => headers.get(name) ?? null,
  });
  if (isRefusal(facts)) throw new Error(`${facts.code}: ${facts.detail}`);
  return facts;
}

/** Ann with her session at NOON. */
export function anInput(changes: Partial<PolicyInput> = {}): PolicyInput {
  return {
    facts: someFacts(),
    session: aSession(),
    user: aUser(),
    route: { id: 'wiki' },
    flow: null,
    event: null,
    prompt: null,
    field: null,
    signals: {},
    now: NOON,
    ...changes,
  };
}
