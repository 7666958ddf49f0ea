/** From an entry to a user. What cannot be a user of ours is a fault, never a user with parts missing. */
import type { Json } from '../../core/values/json.ts';
import { nfkc } from '../../core/values/normal-form.ts';
import { Problem } from '../../core/values/problem.ts';
import type { User } from '../../core/people/user.ts';
import { isBelow, parseDn } from './protocol/dn.ts';
import { type Entry, withoutControls } from './protocol/messages.ts';
import type { LdapOptions } from './options.ts';
import { fileTime, timeOf } from './times.ts';

/** Most groups of a user. */
export const MAX_GROUPS = 1000;
const MAX_NAME = 254;
const MAX_DISPLAY_NAME = 200;
const MAX_ID = 128;
/** Bytes of JSON. */
const MAX_ATTRIBUTES = 16 * 1024;
const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029]/u;
const ADDRESS = /^[^\s@]{1,64}@[^\s@]{1,255}$/;
const ID = /^[\w.:-]+$/;
/** ACCOUNTDISABLE in userAccountControl. */
const ACCOUNT_DISABLE = 0x2;

/** Attributes that belong to the rule `user_account_control`. */
const CONTROL_ATTRIBUTE = 'userAccountControl';
const EXPIRES_ATTRIBUTE = 'accountExpires';
const LOCK_ATTRIBUTE = 'nsAccountLock';

type Options = Pick<
  LdapOptions,
  'name' | 'fields' | 'attributes' | 'disabled' | 'groups' | 'emailVerified'
>;

/** The attributes to request. */
export function attributesOf({ fields, attributes, disabled, groups }: Options): readonly string[] {
  const ruled =
    disabled === 'user_account_control'
      ? [CONTROL_ATTRIBUTE, EXPIRES_ATTRIBUTE]
      : disabled === 'ns_account_lock'
        ? [LOCK_ATTRIBUTE]
        : [];
  const listed = [
    ...Object.values(fields),
    ...Object.values(attributes),
    ...ruled,
    ...(groups?.source === 'member_of' ? ['memberOf'] : []),
  ];
  return [...new Set(listed.filter((name) => name !== ''))];
}

/** The texts of an attribute; values that are no UTF-8 are left out. */
export function textsOf({ attributes }: Entry, name: string): readonly string[] {
  const values = attributes.get(name.toLowerCase()) ?? [];
  return values.map((value) => value.toString()).filter((text) => !text.includes('\ufffd'));
}

/** The id within the directory: 16 bytes of objectGUID as a UUID, any other as text. Problem `directory/entry`. */
export function idOf(entry: Entry, { fields, name }: Pick<Options, 'fields' | 'name'>): string {
  const values = entry.attributes.get(fields.id.toLowerCase()) ?? [];
  const [value] = values;
  if (value === undefined || values.length !== 1) {
    throw unusable(
      name,
      entry,
      `${fields.id} must have one value; may the account that searches read it?`,
    );
  }
  const id = isGuid(fields.id) ? guidText(value) : value.toString();
  if (!ID.test(id) || id.length > MAX_ID) throw unusable(name, entry, `${fields.id} is no id`);
  return id;
}

/** The value by which a server finds an id; null for text that is no id. */
export function idValue(id: string, { fields }: Pick<Options, 'fields'>): Buffer | string | null {
  if (!ID.test(id) || id.length > MAX_ID) return null;
  return isGuid(fields.id) ? guidBytes(id) : id;
}

function isGuid(attribute: string): boolean {
  return attribute.toLowerCase() === 'objectguid';
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

/** Microsoft's order: the first three parts have their least significant byte first. */
function swapped(bytes: Buffer): Buffer {
  const parts = [bytes.subarray(0, 4), bytes.subarray(4, 6), bytes.subarray(6, 8)];
  return Buffer.concat([...parts.map((part) => Buffer.from(part.toReversed())), bytes.subarray(8)]);
}

function guidText(bytes: Buffer): string {
  if (bytes.length !== 16) return '';
  const hex = swapped(bytes).toString('hex');
  return [0, 8, 12, 16, 20].map((at, i, all) => hex.slice(at, all[i + 1])).join('-');
}

function guidBytes(id: string): Buffer | null {
  return UUID.test(id) ? swapped(Buffer.from(id.replaceAll('-', ''), 'hex')) : null;
}

/** What further searches found out about an entry. Empty where the options require no search. */
export interface Details {
  /** Names of groups. */
  readonly groups: readonly string[];
  readonly isDisabled: boolean;
}

/** The user. `now`: epoch milliseconds. Problem `directory/entry`, 503. */
export function userOf(entry: Entry, details: Details, options: Options, now: number): User {
  const { name: directory, fields, emailVerified } = options;
  const name = nameOf(entry, options);
  const [display = ''] = textsOf(entry, fields.displayName);
  const [email = ''] = textsOf(entry, fields.email).filter(
    (text) => isText(text, MAX_NAME) && ADDRESS.test(text),
  );
  const [passwordSet = ''] = textsOf(entry, fields.passwordSet);
  return {
    id: `${directory}/${idOf(entry, options)}`,
    name,
    displayName: isText(display, MAX_DISPLAY_NAME) ? display : name,
    email,
    emailVerified: emailVerified && email !== '',
    groups: groupsOf(entry, details, options),
    attributes: extrasOf(entry, options),
    disabled: details.isDisabled || isDisabled(entry, options, now),
    passwordSetAt: timeOf(passwordSet),
  };
}

function isText(text: string, most: number): boolean {
  return text !== '' && text.length <= most && !CONTROL.test(text);
}

/** One value only: of several, the order is not defined, and apps know users by this name. */
function nameOf(entry: Entry, { fields, name: directory }: Options): string {
  const values = textsOf(entry, fields.username);
  const [name = ''] = values;
  if (values.length !== 1)
    throw unusable(directory, entry, `${fields.username} must have one value`);
  // In normal form, or it could be compared differently by the server and by us.
  if (!isText(name, MAX_NAME) || nfkc(name).trim() !== name) {
    throw unusable(directory, entry, `${fields.username} cannot be a username`);
  }
  return name;
}

function groupsOf(entry: Entry, details: Details, { groups, name }: Options): readonly string[] {
  const all = groups?.source === 'member_of' ? memberOf(entry, groups.base, name) : details.groups;
  const named = [...new Set(all)].filter((group) => isText(group, 128));
  if (all.length > MAX_GROUPS) throw unusable(name, entry, `more than ${MAX_GROUPS} groups`);
  return named;
}

/**
 * The name of a group. If the attribute has several values, the one in the DN: the others can be
 * changed by more people, and their order is not defined. Problem `directory/entry`.
 */
export function groupName(
  entry: Entry,
  attribute: string,
  { name }: Pick<Options, 'name'>,
): string {
  const [value, ...more] = textsOf(entry, attribute);
  if (value !== undefined && more.length === 0) return value;
  const [first] = parseDn(entry.dn) ?? [];
  if (first?.key === attribute.toLowerCase()) return first.value;
  throw unusable(name, entry, `${attribute} must have one value`);
}

/** Names of the groups below the base: `staff` elsewhere may be another group. */
function memberOf(entry: Entry, base: string, directory: string): readonly string[] {
  const keys = [...entry.attributes.keys()];
  if (keys.some((key) => key.startsWith('memberof;range='))) {
    throw unusable(directory, entry, `more than ${MAX_GROUPS} groups`);
  }
  const root = parseDn(base) ?? [];
  return textsOf(entry, 'memberOf').flatMap((text) => {
    const dn = parseDn(text);
    const [first] = dn ?? [];
    // Never left out: a rule may deny this group.
    if (dn === null || first === undefined) {
      throw unusable(directory, entry, `memberOf has a name that cannot be read: ${shown(text)}`);
    }
    return dn.length > root.length && isBelow(dn, root) ? [first.value] : [];
  });
}

function extrasOf(entry: Entry, { attributes, name }: Options): User['attributes'] {
  const extras: Record<string, Json> = {};
  for (const [key, attribute] of Object.entries(attributes)) {
    const [first, ...more] = textsOf(entry, attribute);
    if (first !== undefined) extras[key] = more.length === 0 ? first : [first, ...more];
  }
  if (Buffer.byteLength(JSON.stringify(extras)) > MAX_ATTRIBUTES) {
    throw unusable(name, entry, `more than ${MAX_ATTRIBUTES} bytes of attributes`);
  }
  return extras;
}

function isDisabled(entry: Entry, { disabled }: Options, now: number): boolean {
  if (disabled === 'ns_account_lock') {
    return textsOf(entry, LOCK_ATTRIBUTE).some((text) => text.toLowerCase() !== 'false');
  }
  if (disabled !== 'user_account_control') return false;
  const [flags = ''] = textsOf(entry, CONTROL_ATTRIBUTE);
  const [expires = '0'] = textsOf(entry, EXPIRES_ATTRIBUTE);
  // An account might be disabled if its flags or its end cannot be read.
  if (!/^\d{1,10}$/.test(flags) || !/^\d{1,19}$/.test(expires)) return true;
  const endsAt = fileTime(expires);
  return (Number(flags) & ACCOUNT_DISABLE) !== 0 || (endsAt !== null && endsAt <= now);
}

/** An entry that cannot be a user of ours: an operator has to look at it. */
export function unusable(directory: string, { dn }: Pick<Entry, 'dn'>, words: string): Problem {
  return new Problem(
    'directory/entry',
    `The directory ${directory} has an entry that cannot be used: ${shown(dn)}: ${words}.`,
    { status: 503 },
  );
}

/** A name on a terminal. */
function shown(dn: string): string {
  return withoutControls(dn.slice(0, 300));
}
