/** What may be written about a user. Everything else is a Problem 400 with the remedy in its words. */
import type { UserChanges } from '../../core/people/directory.ts';
import { Problem } from '../../core/values/problem.ts';
import { foldName } from '../../core/people/user.ts';

const MAX_NAME = 64;
const MAX_DISPLAY_NAME = 200;
const MAX_EMAIL = 254;
const MAX_GROUPS = 200;
const MAX_GROUP = 128;
/** Bytes of JSON. */
const MAX_ATTRIBUTES = 16 * 1024;

/** Marks follow a letter: some scripts write vowels so. */
const NAME = /^(?:[\p{L}\p{N}]\p{M}{0,3}|[._@+-])+$/u;
const LETTER = /[\p{L}\p{N}]/u;
const EMAIL = /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u;
const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

/**
 * Checked changes in the form in which they are kept: NFKC for what is compared. Whatever else the
 * object has is left out: an id of another directory must not take the place of ours.
 */
export function readChanges(changes: UserChanges): UserChanges {
  return {
    ...(changes.name === undefined ? {} : { name: readName(changes.name) }),
    ...(changes.email === undefined ? {} : { email: readEmail(changes.email) }),
    ...(changes.emailVerified === undefined ? {} : { emailVerified: changes.emailVerified }),
    ...(changes.displayName === undefined
      ? {}
      : { displayName: readDisplayName(changes.displayName) }),
    ...(changes.groups === undefined ? {} : { groups: readGroups(changes.groups) }),
    ...(changes.attributes === undefined ? {} : { attributes: readAttributes(changes.attributes) }),
    ...(changes.disabled === undefined ? {} : { disabled: changes.disabled }),
  };
}

function readName(raw: string): string {
  const name = raw.normalize('NFKC').trim();
  if (name.length > MAX_NAME || !NAME.test(name) || !LETTER.test(name) || foldName(name) === '') {
    throw refused('user/name', `A name has 1 to ${MAX_NAME} letters, digits and . _ @ + -`);
  }
  return name;
}

function readEmail(raw: string): string {
  const email = raw.normalize('NFKC').trim();
  if (email === '') return '';
  if (email.length > MAX_EMAIL || !EMAIL.test(email)) {
    throw refused('user/email', `An address has exactly one @ and at most ${MAX_EMAIL} characters`);
  }
  return email;
}

function readDisplayName(raw: string): string {
  const name = raw.trim();
  if (name.length > MAX_DISPLAY_NAME || CONTROL.test(name)) {
    throw refused('user/display-name', `A shown name has at most ${MAX_DISPLAY_NAME} characters`);
  }
  return name;
}

function readGroups(groups: readonly string[]): readonly string[] {
  if (groups.length > MAX_GROUPS || !groups.every(isGroup)) {
    throw refused(
      'user/groups',
      `At most ${MAX_GROUPS} groups of 1 to ${MAX_GROUP} characters each`,
    );
  }
  return [...new Set(groups)];
}

function isGroup(group: string): boolean {
  return (
    group !== '' && group.length <= MAX_GROUP && group.trim() === group && !CONTROL.test(group)
  );
}

function readAttributes(
  attributes: NonNullable<UserChanges['attributes']>,
): NonNullable<UserChanges['attributes']> {
  if (Buffer.byteLength(JSON.stringify(attributes)) > MAX_ATTRIBUTES) {
    throw refused('user/attributes', `Attributes have at most ${MAX_ATTRIBUTES} bytes as JSON`);
  }
  return attributes;
}

function refused(code: string, words: string): Problem {
  return new Problem(code, `${words}.`, { status: 400 });
}
