/**
 * What people answered in a run, and what they were invited with: under which keys it is remembered,
 * and how it is read again. A password is there as its hash alone. Pure.
 */
import { isAddress } from './mail.ts';
import type { Json } from '../values/json.ts';

type Learned = Readonly<Record<string, Json>>;

/** Where an invitation that was looked up is remembered, until it is spent. */
export const INVITED_KEY = 'invited';

/** An invitation in a run: to be spent when what it allows is done. */
export interface Invited {
  readonly id: string;
  readonly email: string | null;
  readonly groups: readonly string[];
  readonly attributes: Readonly<Record<string, Json>>;
  /** Good only while no directory has anybody. */
  readonly isFirst: boolean;
}

/** Where the answer to a field is remembered. */
export function promptKey(name: string): string {
  return `prompt.${name}`;
}

/** How a password is remembered: nothing that was typed into another field can look like it. */
export function asPassword(hash: string): Json {
  return { password_hash: hash };
}

/** The hash of a password that was chosen; null for anything else. */
export function passwordHash(value: Json | undefined): string | null {
  const hash = isRecord(value) ? value['password_hash'] : undefined;
  return typeof hash === 'string' ? hash : null;
}

/** An invitation's data in the shape that may be used; null for any other: then nothing of it counts. */
export function invitedWith(id: string, data: Learned): Invited | null {
  const { email = null, groups = [], attributes = {}, first = false, ...more } = data;
  if (Object.keys(more).length > 0 || !isRecord(attributes)) return null;
  if (email !== null && (typeof email !== 'string' || !isAddress(email))) return null;
  if (!Array.isArray(groups) || !groups.every((group) => typeof group === 'string')) return null;
  if (typeof first !== 'boolean') return null;
  return { id, email, groups, attributes, isFirst: first };
}

/** The invitation this run came with, or null. */
export function invitedOf(learned: Learned): Invited | null {
  const kept = learned[INVITED_KEY];
  if (!isRecord(kept) || typeof kept['id'] !== 'string' || !isRecord(kept['data'])) return null;
  return invitedWith(kept['id'], kept['data']);
}

function isRecord(value: Json | undefined): value is Learned {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
