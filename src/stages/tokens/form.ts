/** What users submit about a new token: read, and checked against what they may have. Pure. */
import { z } from 'zod';
import { isTokenMethod, MAX_TOKEN_NAME, type TokenOffer } from '../../core/administration/token.ts';
import { MOST_TOKEN_METHODS, MOST_TOKEN_NETWORKS, type TokenApp } from '../../core/people/token.ts';
import { parseNetwork } from '../../core/request/address.ts';
import type { Message } from '../../core/values/message.ts';

/** Most apps that one form lists: a form has 64 fields at most. */
export const MOST_APPS = 48;
/** Longest list of methods or networks as typed, in characters. */
export const MAX_LIST = 1024;
/** Names of the fields of apps begin with this. */
const APP = 'app:';
const DAY = 86_400_000;

/** Methods that change nothing, those of WebDAV included (RFC 9110, 4918, 3253, 5323). GET includes HEAD. */
export const READING: readonly string[] = ['GET', 'OPTIONS', 'PROPFIND', 'REPORT', 'SEARCH'];

const ticked = z.union([z.literal('on'), z.literal(true)]);
const appName = z.string().max(128).startsWith(APP);

/** A submission of the stage. */
export const shape = z
  .object({
    do: z.enum(['back', 'done']).optional(),
    revoke: z.string().max(16).optional(),
    name: z.string().max(256).optional(),
    may: z.enum(['read', 'all', 'listed']).optional(),
    methods: z.string().max(MAX_LIST).optional(),
    networks: z.string().max(MAX_LIST).optional(),
    days: z.string().max(4).optional(),
  })
  .catchall(ticked)
  .refine(
    (given) =>
      Object.keys(given).every(
        (key) => Object.hasOwn(KNOWN, key) || appName.safeParse(key).success,
      ),
    'unknown field',
  );
const KNOWN: Readonly<Record<string, true>> = {
  do: true,
  revoke: true,
  name: true,
  may: true,
  methods: true,
  networks: true,
  days: true,
};
export type Given = z.infer<typeof shape>;

/** Ids of the apps that were ticked. */
export function chosenApps(given: Given): readonly string[] {
  return Object.keys(given)
    .filter((key) => key.startsWith(APP))
    .map((key) => key.slice(APP.length));
}

/** What is wrong with the form, by field. */
export type Errors = Partial<Record<'name' | 'app' | 'methods' | 'networks' | 'days', Message>>;

/** What a form may ask for. */
interface Limits {
  /** Apps that the user may open. */
  readonly apps: readonly TokenApp[];
  /** Longest time, in milliseconds. */
  readonly longest: number;
}

/** The offer, or what is wrong with it. */
export function offerOf(
  given: Given,
  userId: string,
  { apps, longest }: Limits,
): { readonly offer: TokenOffer } | { readonly errors: Errors } {
  const name = (given.name ?? '').normalize('NFC').trim();
  const routes = chosenApps(given);
  const methods = methodsOf(given);
  const networks = listOf(given.networks ?? '');
  const days = (given.days ?? '').trim();
  const errors: Errors = {
    ...(isName(name) ? {} : { name: { key: 'tokens.name.bad' } }),
    ...(areOpen(routes, apps) ? {} : { app: { key: 'tokens.app.bad' } }),
    ...(methods === null ? { methods: { key: 'tokens.methods.bad' } } : {}),
    ...(areNetworks(networks) ? {} : { networks: { key: 'tokens.networks.bad' } }),
    ...(daysWithin(longest).includes(Number(days)) ? {} : { days: { key: 'tokens.days.bad' } }),
  };
  if (methods === null || Object.keys(errors).length > 0) return { errors };
  return { offer: { userId, name, routes, methods, networks, lasts: Number(days) * DAY } };
}

/** The days among which users choose, shortest first. */
export function daysWithin(longest: number): readonly number[] {
  const most = Math.floor(longest / DAY);
  return [...[1, 7, 30, 90, 180, 365].filter((days) => days < most), most];
}

/** No control or format characters and no line breaks: they could make one name look like another. */
function isName(name: string): boolean {
  return name !== '' && name.length <= MAX_TOKEN_NAME && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name);
}

/** At least one, since an empty list would set no limit. */
function areOpen(ids: readonly string[], apps: readonly TokenApp[]): boolean {
  return ids.length > 0 && ids.every((id) => apps.some((app) => app.id === id));
}

/** The methods; an empty list sets no limit. Null if they cannot be read. */
function methodsOf({ may = 'read', methods = '' }: Given): readonly string[] | null {
  if (may !== 'listed') return may === 'read' ? READING : [];
  const listed = [
    ...new Set(listOf(methods.toUpperCase()).map((one) => (one === 'HEAD' ? 'GET' : one))),
  ];
  const isReadable = listed.every(isTokenMethod) && listed.length <= MOST_TOKEN_METHODS;
  return listed.length > 0 && isReadable ? listed : null;
}

function areNetworks(networks: readonly string[]): boolean {
  return (
    networks.length <= MOST_TOKEN_NETWORKS && networks.every((one) => parseNetwork(one) !== null)
  );
}

function listOf(text: string): readonly string[] {
  return text.split(/[\s,;]+/).filter((one) => one !== '');
}
