/**
 * OpenID Connect Back-Channel Logout 1.0: a provider ends our sessions by a signed token, without a browser.
 * Nothing is believed but the token, so cookies, origins and addresses play no part.
 */
import { addressBlock } from '../../core/request/address-block.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import type { Stores } from '../../core/setup/stores.ts';
import type { ConfiguredSource, Sources } from '../../core/sources/source-rule.ts';
import { asProblem, isFull, Problem } from '../../core/values/problem.ts';
import { causeOf } from '../../core/values/network-cause.ts';
import type { Clock, ThrottleRule } from '../../core/values/system.ts';
import { type EndPorts, endWithdrawn } from './end-sessions.ts';

/** Longest logout token, in characters. */
const MAX_TOKEN = 16 * 1024;
const MAX_FIELDS = 16;

/**
 * Requests without a valid token from one address. High enough for a provider that ends many sessions at
 * once, since those in progress count too.
 */
const WRONG: ThrottleRule = { free: 500, wait: 1_000, longest: 60_000, window: 60_000 };

const UNCOUNTED = { allowed: true, retryAt: 0 };

/** What a logout needs. */
export interface LogoutPorts extends EndPorts {
  readonly stores: EndPorts['stores'] & Pick<Stores, 'marks' | 'throttle'>;
  readonly sources: Sources;
  readonly clock: Clock;
}

/** Ends the sessions that the form's token names. Rejects with a Problem for a token that is not valid. */
export async function logout(
  ports: LogoutPorts,
  name: string,
  { facts, body }: { readonly facts: RequestFacts; readonly body: string },
): Promise<void> {
  const configured = ports.sources.find(name);
  if (configured === null) {
    throw new Problem('source/unknown', 'There is no such source.', { status: 404 });
  }
  const { throttle } = ports.stores;
  const key = `source-logout:${addressBlock(facts.clientIp)}`;
  const now = ports.clock.now();
  const { allowed, retryAt } = await unlessFull(throttle.take(key, WRONG, now), UNCOUNTED);
  if (!allowed) {
    const retryAfter = Math.max(1, Math.ceil((retryAt - now) / 1000));
    throw new Problem('throttle/logout', 'Too many requests.', { status: 429, retryAfter });
  }
  await notice(ports, configured, { facts, body });
  await unlessFull(throttle.release(key, 'one'), undefined);
}

async function notice(
  ports: LogoutPorts,
  { source, rule }: ConfiguredSource,
  { facts, body }: { readonly facts: RequestFacts; readonly body: string },
): Promise<void> {
  const { clientIp } = facts;
  const about = { type: 'source', about: 'logout', source: rule.name } as const;
  try {
    const { issuer, subject, sid, id, expiresAt } = await source.readLogout(tokenIn(facts, body));
    const mark = `source-logout:${JSON.stringify([rule.name, issuer, id])}`;
    if (!(await unlessFull(ports.stores.marks.take(mark, expiresAt), true))) {
      throw new Problem('source/used', 'The logout token was used before.', { status: 400 });
    }
    const which = { source: rule.name, issuer, subject, sid };
    const sessions = await endWithdrawn(ports, which, clientIp);
    ports.events.emit({ ...about, result: 'ended', code: null, sessions, userId: null, clientIp });
  } catch (caught) {
    const { code, status } = asProblem(caught);
    const cause = causeOf(caught);
    const result = status >= 500 ? 'unavailable' : 'refused';
    ports.events.emit({
      ...about,
      result,
      code,
      ...(cause === null ? {} : { cause }),
      userId: null,
      clientIp,
    });
    throw caught;
  }
}

/**
 * What a write resolves with, or this if the store is full: that must keep no session alive, and ending twice is
 * harmless.
 */
function unlessFull<T>(write: Promise<T>, otherwise: T): Promise<T> {
  return write.catch((caught: unknown) => {
    if (!isFull(caught)) throw caught;
    return otherwise;
  });
}

/** The token of a form. Problem `source/refused` (400) for any other body, and for two tokens. */
function tokenIn({ header }: Pick<RequestFacts, 'header'>, body: string): string {
  const type = (header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  const isForm = type === 'application/x-www-form-urlencoded';
  const isShort = body.length <= MAX_TOKEN && body.split('&', MAX_FIELDS + 1).length <= MAX_FIELDS;
  const tokens = isForm && isShort ? new URLSearchParams(body).getAll('logout_token') : [];
  const [token = '', ...more] = tokens;
  if (token !== '' && more.length === 0) return token;
  throw new Problem('source/refused', 'Expected a form with one logout_token.', { status: 400 });
}
