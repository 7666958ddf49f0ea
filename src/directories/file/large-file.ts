/**
 * A users file that is too large to be parsed whole: an import of 100,000 users. It is cut before
 * users, so that memory and time grow with its length alone; each piece is parsed as any users file.
 */
import type { ZodType } from 'zod';
import { foldName } from '../../core/people/user.ts';
import { type Entry, entrySchema } from './entry.ts';
import { readSimpleEntries } from './simple-entries.ts';
import {
  type FileUser,
  fileUserOf,
  isFileName,
  parseUsersFile,
  type UsersFile,
} from './users-file.ts';

/** Largest file to import, in bytes: some 200,000 users. */
const MAX_IMPORT_FILE = 64 * 1024 * 1024;
/** Characters of a piece; more only where one user has more. */
const PIECE = 64 * 1024;
const MAX_FAULTS = 100;
const HEAD = /^users:[ \t]*(?:#.*)?$/;

/** Users by folded name, or every fault up to a hundred; in block style, `users:` at the left. Never throws. */
export function parseLargeFile(
  text: string,
  directory: string,
  isHash: (text: string) => boolean,
): UsersFile {
  const isTooLarge = Buffer.byteLength(text) > MAX_IMPORT_FILE;
  const pieces = isTooLarge ? null : cut(text.split('\n'));
  if (pieces === null) {
    const message = isTooLarge
      ? `the file is larger than ${MAX_IMPORT_FILE / 1024 / 1024} MiB; import it in parts`
      : 'a large file begins with a line users: and has each user on lines of its own below it';
    return { ok: false, faults: [{ line: 1, column: 1, path: 'users', message }] };
  }
  const users = new Map<string, FileUser>();
  const faults: (UsersFile & { ok: false })['faults'][number][] = [];
  const schema = entrySchema(isHash);
  for (const { lines, skipped } of pieces) {
    const parsed =
      parseSimply(lines, directory, schema) ??
      parseUsersFile(`users:\n${lines.join('\n')}\n`, directory, isHash);
    if (!parsed.ok) {
      faults.push(...parsed.faults.map((fault) => ({ ...fault, line: fault.line - 1 + skipped })));
      if (faults.length >= MAX_FAULTS) break;
      continue;
    }
    for (const [folded, one] of parsed.users) {
      if (users.has(folded)) {
        const message = `the name ${one.user.name} is there twice (case is ignored)`;
        faults.push({ line: skipped + 1, column: 1, path: `users.${one.user.name}`, message });
      }
      users.set(folded, one);
    }
  }
  return faults.length > 0
    ? { ok: false, faults: faults.slice(0, MAX_FAULTS) }
    : { ok: true, users };
}

/** A piece of the commonest form, ten times as fast; null for any other and for one with a fault. */
function parseSimply(
  lines: readonly string[],
  directory: string,
  schema: ZodType<Entry>,
): UsersFile | null {
  const users = new Map<string, FileUser>();
  for (const [name, value] of readSimpleEntries(lines) ?? []) {
    const parsed = schema.safeParse(value);
    if (!parsed.success || !isFileName(name) || users.has(foldName(name))) return null;
    users.set(foldName(name), fileUserOf(name, parsed.data, directory));
  }
  return users.size === 0 ? null : { ok: true, users };
}

interface Piece {
  readonly lines: string[];
  /** Lines of the file before it. */
  readonly skipped: number;
}

/**
 * Pieces that begin at a user. Below `users:` the keys of users are the lines indented the least: YAML
 * demands that all that belongs to a user is indented further. Anything else is cut wrongly and then
 * is a fault of its piece, never another user.
 */
function cut(lines: readonly string[]): readonly Piece[] | null {
  const head = lines.findIndex((line) => /\S/.test(line) && !/^\s*#/.test(line) && line !== '---');
  if (head < 0 || !HEAD.test((lines[head] ?? '').trimEnd())) return null;
  const first = lines.findIndex((line, index) => index > head && /^ *[^\s#]/.test(line));
  if (first < 0) return [];
  const indent = (lines[first] ?? '').search(/[^ ]/);
  if (indent < 1) return null;
  let piece: Piece = { lines: [], skipped: head + 1 };
  const pieces = [piece];
  let length = 0;
  for (const [index, line] of lines.entries()) {
    if (index <= head) continue;
    const isUser = line.search(/[^ ]/) === indent && line[indent] !== '#';
    if (isUser && length >= PIECE) {
      piece = { lines: [], skipped: index };
      pieces.push(piece);
      length = 0;
    }
    piece.lines.push(line);
    length += line.length + 1;
  }
  return pieces;
}
