/**
 * Values that users entered in a run, and the data of its invitation: the keys they are stored under,
 * and how they are read. Passwords are stored only as hashes. Pure.
 */

import type { Json } from '../values/json.ts';
import { isRecord } from '../values/record.ts';
import { isAddress } from './mail.ts';

type Learned = Readonly<Record<string, Json>>;

/** The key in `learned` for an invitation that was looked up, until it is spent. */
export const INVITED_KEY = 'invited';

/** An invitation in a run, spent when what it permits is done. */
export interface Invited {
  readonly id: string;
  readonly email: string | null;
  readonly groups: readonly string[];
  readonly attributes: Readonly<Record<string, Json>>;
  /** Valid only while no user exists. */
  readonly isFirst: boolean;
}

/** The key in `learned` for the value of a field. */
export function promptKey(name: string): string {
  return `prompt.${name}`;
}

/** The stored form of a password: no value of another field can look like it. */
export function asPassword(hash: string): Json {
  return { password_hash: hash };
}

/** The hash of a chosen password; null for anything else. */
export function passwordHash(value: Json | undefined): string | null {
  const hash = isRecord(value) ? value['password_hash'] : undefined;
  return typeof hash === 'string' ? hash : null;
}

/** The invitation, if its data has a valid shape; null otherwise: none of it counts then. */
export function invitedWith(id: string, data: Learned): Invited | null {
  const { email = null, groups = [], attributes = {}, first = false, ...more } = data;
  if (Object.keys(more).length > 0 || !isRecord(attributes)) return null;
  if (email !== null && (typeof email !== 'string' || !isAddress(email))) return null;
  if (!Array.isArray(groups) || !groups.every((group) => typeof group === 'string')) return null;
  if (typeof first !== 'boolean') return null;
  return { id, email, groups, attributes, isFirst: first };
}

/** The run's invitation, or null. */
export function invitedOf(learned: Learned): Invited | null {
  const kept = learned[INVITED_KEY];
  if (!isRecord(kept) || typeof kept['id'] !== 'string' || !isRecord(kept['data'])) return null;
  return invitedWith(kept['id'], kept['data']);
}
