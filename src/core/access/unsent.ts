/**
 * A form that met an expired session, kept until its user has signed in again. Its key is in the browser
 * alone: an attacker who steals the store can read nothing.
 */
import type { Vault } from '../values/system.ts';

/** A field as a browser sends it. */
export interface FormField {
  readonly name: string;
  /** Null: a choice of files where none was chosen. */
  readonly value: string | null;
}

/** A form whose bytes a browser would write again exactly. */
export interface Form {
  readonly enctype: 'application/x-www-form-urlencoded' | 'multipart/form-data';
  /** In the order in which they were sent. */
  readonly fields: readonly FormField[];
}

/** A kept form, and where it belongs. */
export interface UnsentForm extends Form {
  /** The user who filled it in, as `ticketUser` names users. */
  readonly user: string;
  /** The origin to which it is sent: `https://app.example.org`. */
  readonly origin: string;
  /** Path and query, as the browser sent them. */
  readonly target: string;
  /** The page that contains the form, or the front page: a URL of that origin. */
  readonly page: string;
  /** When it expires, in epoch milliseconds; exclusive. */
  readonly until: number;
}

/** Stores forms until they are sent or expire. Promises reject with a Problem. */
export interface UnsentStore {
  /** Stores a form under a key that has never been used. */
  put(key: string, form: UnsentForm): Promise<void>;
  /** The form, which remains. Null if the key is unknown or the form was taken or has expired. */
  read(key: string): Promise<UnsentForm | null>;
  /**
   * Takes a form out of the store: of any number of simultaneous callers, on all instances, one gets it.
   * An unknown key causes no write.
   */
  take(key: string): Promise<UnsentForm | null>;
}

/** How long a form is kept, in milliseconds: time for a sign-in, and for a look at the form. */
export const UNSENT_LASTS = 15 * 60_000;

const PURPOSE = 'unsent';

/** The name under which a store keeps a key's form. */
export function unsentName(vault: Pick<Vault, 'name'>, key: string): string {
  return vault.name(PURPOSE, key);
}

/** Seals a form for the store. */
export function sealUnsent(vault: Pick<Vault, 'seal'>, key: string, form: UnsentForm): Uint8Array {
  return vault.seal(PURPOSE, key, JSON.stringify(form));
}

/** The form; null for anything that was not sealed with this key. */
export function openUnsent(
  vault: Pick<Vault, 'open'>,
  key: string,
  sealed: Uint8Array,
): UnsentForm | null {
  const text = vault.open(PURPOSE, key, sealed);
  // What opens was written by sealUnsent: only gateways with our secret have the key.
  return text === null ? null : (JSON.parse(text) as UnsentForm);
}
