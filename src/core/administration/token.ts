/**
 * Makes tokens. The text is returned once, for the program that will present it; only its one-way name
 * is stored. The stage `tokens` makes those of users.
 */
import type { Accounts } from '../people/account.ts';
import {
  MOST_TOKEN_METHODS,
  MOST_TOKEN_NETWORKS,
  MOST_TOKEN_ROUTES,
  newTokenText,
  type Token,
} from '../people/token.ts';
import { parseNetwork } from '../request/address.ts';
import { Problem } from '../values/problem.ts';
import type { Clock, Random, Vault } from '../values/system.ts';

/** What a token may do, and for how long. An empty list sets no limit. */
export interface TokenOffer
  extends Pick<Token, 'userId' | 'name' | 'routes' | 'methods' | 'networks'> {
  /** How long it is valid, in milliseconds; null: until it is revoked. */
  readonly lasts: number | null;
}

/** What making one needs. */
export interface TokenParts {
  readonly accounts: Pick<Accounts, 'createToken'>;
  readonly vault: Pick<Vault, 'name'>;
  readonly random: Random;
  readonly clock: Clock;
  /** Ids of all routes. */
  readonly routes: ReadonlySet<string>;
}

/** Longest name, in characters. */
export const MAX_TOKEN_NAME = 64;
const METHOD = /^[A-Z][A-Z-]{0,23}$/;

/** Stores a token; `text` is what the program presents. Problem `token/offer` (400). */
export async function createToken(
  { accounts, vault, random, clock, routes }: TokenParts,
  { lasts, ...offer }: TokenOffer,
): Promise<{ readonly token: Token; readonly text: string }> {
  const fault = faultOf(offer, routes);
  if (fault !== null) throw new Problem('token/offer', fault, { status: 400 });
  const made = newToken({ vault, random }, { lasts, ...offer }, clock.now());
  await accounts.createToken(made.token);
  return made;
}

/** A token that is not stored yet, with its text. The offer has been checked. */
export function newToken(
  { vault, random }: Pick<TokenParts, 'vault' | 'random'>,
  { lasts, ...offer }: TokenOffer,
  now: number,
): { readonly token: Token; readonly text: string } {
  const { id, text } = newTokenText(random);
  const token: Token = {
    ...offer,
    id,
    textName: vault.name('token', text),
    createdAt: now,
    expiresAt: lasts === null ? null : now + lasts,
    lastUsedAt: null,
  };
  return { token, text };
}

/** Whether a token can still be used. `now` in epoch milliseconds. */
export function tokenState({ expiresAt }: Token, now: number): 'open' | 'expired' {
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'open';
}

/** Whether a token can be limited to this method. GET includes HEAD. */
export function isTokenMethod(method: string): boolean {
  return METHOD.test(method);
}

/** What is wrong with an offer, or null. */
function faultOf(
  { name, routes, methods, networks }: Omit<TokenOffer, 'lasts'>,
  known: ReadonlySet<string>,
): string | null {
  if (name.trim() === '' || name.length > MAX_TOKEN_NAME || /\p{Cc}/u.test(name)) {
    return `A token needs a name of at most ${MAX_TOKEN_NAME} characters.`;
  }
  const route = routes.find((id) => !known.has(id));
  if (route !== undefined) return `There is no route ${route}.`;
  const method = methods.find((one) => !isTokenMethod(one));
  if (method !== undefined) return `${method} is not a method; use one such as GET.`;
  if (methods.includes('HEAD')) return 'GET includes HEAD; use GET.';
  const network = networks.find((one) => parseNetwork(one) === null);
  if (network !== undefined) return `${network} is not a network; use one such as 10.0.0.0/8.`;
  const isLong =
    routes.length > MOST_TOKEN_ROUTES ||
    methods.length > MOST_TOKEN_METHODS ||
    networks.length > MOST_TOKEN_NETWORKS;
  return isLong
    ? `A token can name ${MOST_TOKEN_ROUTES} routes, ${MOST_TOKEN_METHODS} methods, and ${MOST_TOKEN_NETWORKS} networks.`
    : null;
}
