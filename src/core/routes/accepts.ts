/**
 * The credentials that a rule accepts beside sessions. Two credentials never combine: a request is
 * decided by one of them.
 */

/** Schemes of the Authorization field (RFC 7617, RFC 6750). */
export type Scheme = 'basic' | 'bearer';

/** What a rule accepts. */
export interface Accepts {
  /** The session of a browser. */
  readonly session: boolean;
  /** A username with a token as password. */
  readonly basic: boolean;
  /** The user's own password, too. Only with `basic`. */
  readonly passwords: boolean;
  /** A token. */
  readonly bearer: boolean;
  /** A client certificate. */
  readonly certificate: boolean;
}

/** A rule's `accepts`; null accepts sessions alone, as most rules do. */
interface Accepting {
  readonly accepts: Accepts | null;
}

/** What all of these rules accept. Null if they accept sessions alone, or have nothing else in common. */
export function acceptedByAll(rules: readonly Accepting[]): Accepts | null {
  if (rules.length === 0 || rules.some(({ accepts }) => accepts === null)) return null;
  const every = (key: keyof Accepts): boolean => rules.every(({ accepts }) => accepts?.[key]);
  const [basic, bearer] = [every('basic'), every('bearer')];
  const certificate = every('certificate');
  if (!basic && !bearer && !certificate) return null;
  return { session: every('session'), basic, passwords: every('passwords'), bearer, certificate };
}

/** Whether all of these rules accept this kind of credential. */
export function isAccepted(rules: readonly Accepting[], kind: keyof Accepts): boolean {
  // Most rules have no `accepts`, and each decision asks: no callback, no lookup by name for them.
  for (const { accepts } of rules) {
    if (accepts === null ? kind !== 'session' : !accepts[kind]) return false;
  }
  return true;
}

/** Whether any of these rules reads the Authorization field. */
export function readsAuthorization(rules: readonly Accepting[]): boolean {
  return rules.some(({ accepts }) => accepts !== null && (accepts.basic || accepts.bearer));
}

/** Whether any of these rules accepts client certificates. */
export function takesCertificates(rules: readonly Accepting[]): boolean {
  return rules.some(({ accepts }) => accepts?.certificate === true);
}
