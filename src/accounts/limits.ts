/** What may be stored, and how large it may be. Anything else is rejected before the database is touched. */
import {
  AUTHENTICATOR_KINDS,
  type Authenticator,
  type Consent,
  type Ending,
  type Invitation,
  type NamedUser,
  type SignIn,
} from '../core/people/account.ts';
import {
  MOST_TOKEN_METHODS,
  MOST_TOKEN_NETWORKS,
  MOST_TOKEN_ROUTES,
  type Token,
} from '../core/people/token.ts';
import { Problem } from '../core/values/problem.ts';

/** Browsers remembered for a user; the one not seen for longest makes room. */
export const MOST_DEVICES = 50;
/** Apps with a user's consent; the oldest consent makes room, and that app asks again. */
export const MOST_CONSENTS = 200;
/** Invitations that are kept; no more can be created. */
export const MOST_INVITATIONS = 10_000;

/** Lengths in UTF-16 units. */
/** Of a user whose id is a name. */
const MAX_MARK = 64;
const MAX_USER_ID = 512;
const MAX_NAME = 64;
/** A credential's id has at most 1023 bytes (WebAuthn, 5.8.3). */
const MAX_HANDLE = 1_364;
const MAX_DATA = 8_192;
const MAX_INVITATION_DATA = 16_384;
const MAX_NOTE = 200;
const MAX_AGENT = 256;
/** The longest IPv6 address has 45. */
const MAX_ADDRESS = 64;
const MAX_ROUTE = 256;
const MAX_METHOD = 24;
const MOST_PERMISSIONS = 64;
const MAX_PERMISSION = 128;
/** A hash as a PHC or crypt string. */
const MAX_HASH = 1_024;
const ID = /^[\w-]{22,64}$/;
/** Public id of a session, as every store accepts it. */
const SESSION_ID = /^[\w-]{16,64}$/;
const FLOW = /^[\w-]{1,64}$/;
const TOKEN_ID = /^[0-9A-Za-z]{7}$/;
const ONE_WAY = /^[\w-]{16,128}$/;

/** Whether this can be a handle; anything else is not looked up. */
export function isHandle(text: string): boolean {
  return text !== '' && text.length <= MAX_HANDLE;
}

/** Whether this can be the one-way name of a device or token. */
export function isOneWayName(text: string): boolean {
  return ONE_WAY.test(text);
}

/** The data as text. Problem `authenticator/shape` (400) for an authenticator that no stage creates. */
export function checkAuthenticator(authenticator: Authenticator): string {
  const { id, userId, kind, name, createdAt, lastUsedAt, handle } = authenticator;
  const isFine =
    ID.test(id) &&
    isUserId(userId) &&
    AUTHENTICATOR_KINDS.includes(kind) &&
    isName(name) &&
    handle.length <= MAX_HANDLE &&
    Number.isSafeInteger(createdAt) &&
    (lastUsedAt === null || Number.isSafeInteger(lastUsedAt));
  if (!isFine) throw shape('authenticator/shape');
  return dataText(authenticator.data);
}

/** An authenticator's data as text, bounded. Problem `authenticator/shape` (400). */
export function dataText(data: Authenticator['data']): string {
  const text = JSON.stringify(data);
  if (text.length > MAX_DATA) throw shape('authenticator/shape');
  return text;
}

/** Problem `authenticator/name` (400). */
export function checkName(name: string): void {
  if (!isName(name)) throw shape('authenticator/name');
}

/** The user agent, shortened. Problem `device/shape` (400). */
export function checkDevice(userId: string, device: string, agent: string): string {
  if (!isUserId(userId) || !isOneWayName(device)) throw shape('device/shape');
  return agent.slice(0, MAX_AGENT);
}

/** Problem `sign-in/shape` (400). */
export function checkSignIn({ userId, at, ip, device }: SignIn): void {
  const isFine =
    isUserId(userId) &&
    Number.isSafeInteger(at) &&
    ip.length <= MAX_ADDRESS &&
    (device === null || isOneWayName(device));
  if (!isFine) throw shape('sign-in/shape');
}

/** The permissions as text. Problem `consent/shape` (400). */
export function checkConsent(consent: Consent): string {
  const { userId, route, permissions, at, expiresAt } = consent;
  const isFine =
    isUserId(userId) &&
    route.length <= MAX_ROUTE &&
    permissions.length <= MOST_PERMISSIONS &&
    permissions.every((permission) => permission.length <= MAX_PERMISSION) &&
    Number.isSafeInteger(at) &&
    (expiresAt === null || Number.isSafeInteger(expiresAt));
  if (!isFine) throw shape('consent/shape');
  return JSON.stringify(permissions);
}

/** The data as text. Problem `invitation/shape` (400). */
export function checkInvitation(invitation: Invitation): string {
  const { id, tokenName, flow, note, createdAt, expiresAt, used } = invitation;
  const data = JSON.stringify(invitation.data);
  const isFine =
    ID.test(id) &&
    isOneWayName(tokenName) &&
    FLOW.test(flow) &&
    note.length <= MAX_NOTE &&
    data.length <= MAX_INVITATION_DATA &&
    [createdAt, expiresAt, used].every((n) => Number.isSafeInteger(n));
  if (!isFine) throw shape('invitation/shape');
  return data;
}

/** The routes, methods and networks as text. Problem `token/shape` (400). */
export function checkToken(token: Token): readonly [string, string, string] {
  const { id, textName, userId, name, routes, methods, networks } = token;
  const times = [token.createdAt, token.expiresAt ?? 0, token.lastUsedAt ?? 0];
  const isFine =
    TOKEN_ID.test(id) &&
    isOneWayName(textName) &&
    isUserId(userId) &&
    name !== '' &&
    isName(name) &&
    isList(routes, MOST_TOKEN_ROUTES, MAX_ROUTE) &&
    isList(methods, MOST_TOKEN_METHODS, MAX_METHOD) &&
    isList(networks, MOST_TOKEN_NETWORKS, MAX_ADDRESS) &&
    times.every((time) => Number.isSafeInteger(time));
  if (!isFine) throw shape('token/shape');
  return [JSON.stringify(routes), JSON.stringify(methods), JSON.stringify(networks)];
}

/** Problem `password/shape` (400). */
export function checkPassword(userId: string, hash: string, at: number): void {
  const isFine =
    isUserId(userId) && hash !== '' && hash.length <= MAX_HASH && Number.isSafeInteger(at);
  if (!isFine) throw shape('password/shape');
}

/** Problem `factor/shape` (400). */
export function checkFactorTry(userId: string, at: number): void {
  if (!isUserId(userId) || !Number.isSafeInteger(at)) throw shape('factor/shape');
}

/** Problem `ending/shape` (400). */
export function checkEnding({ id, userId, at, until }: Ending): void {
  const isFine =
    SESSION_ID.test(id) &&
    userId.length <= MAX_USER_ID &&
    Number.isSafeInteger(at) &&
    Number.isSafeInteger(Math.trunc(until));
  if (!isFine) throw shape('ending/shape');
}

/** Problem `named-user/shape` (400). */
export function checkNamedUser({ id, mark }: NamedUser): void {
  if (!isUserId(id) || mark === '' || mark.length > MAX_MARK) throw shape('named-user/shape');
}

function isUserId(text: string): boolean {
  return text !== '' && text.length <= MAX_USER_ID;
}

function isList(texts: readonly string[], most: number, longest: number): boolean {
  return texts.length <= most && texts.every((one) => one !== '' && one.length <= longest);
}

function isName(text: string): boolean {
  return text.length <= MAX_NAME && !/\p{Cc}/u.test(text);
}

function shape(code: string): Problem {
  return new Problem(code, 'This record is malformed or too large for the store of accounts.', {
    status: 400,
  });
}
