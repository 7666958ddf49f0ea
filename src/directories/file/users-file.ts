/**
 * A users file as text, read into people or into every fault it has, each with its line.
 * Never gives a part of the people: a file with a fault has none.
 */
import { type Document, isMap, isScalar, LineCounter, isNode, parseDocument } from 'yaml';
import { foldName, type User } from '../../core/people/user.ts';
import { type Entry, entrySchema } from './entry.ts';

/** Largest users file, in bytes: some four thousand people. */
export const MAX_USERS_FILE = 1024 * 1024;
/** Faults reported at most. */
const MAX_FAULTS = 100;
/** What aliases may multiply to; the library counts. */
const MAX_ALIASES = 100;
const NAME = /^[^\p{C}/]{1,128}$/u;

/** One fault; line and column count from 1. */
interface UsersFault {
  readonly line: number;
  readonly column: number;
  /** `users.ann.email`. */
  readonly path: string;
  readonly message: string;
}

/** A user of the file. */
export interface FileUser {
  readonly user: User;
  readonly passwordHash: string;
  /** Whether the entry gives an id, which then remains the same user's. */
  readonly hasId: boolean;
}

/** People by folded name, or why there are none. */
export type UsersFile =
  | { readonly ok: true; readonly users: ReadonlyMap<string, FileUser> }
  | { readonly ok: false; readonly faults: readonly UsersFault[] };

/** Reads a users file of at most `largest` bytes for the directory `directory`. Never throws. */
export function parseUsersFile(
  text: string,
  directory: string,
  isHash: (text: string) => boolean,
  largest: number = MAX_USERS_FILE,
): UsersFile {
  if (Buffer.byteLength(text) > largest) {
    return whole(`the file is larger than ${largest / 1024} KiB; use the embedded directory`);
  }
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const faults = document.errors.map((error) => ({
      ...position(lines, error.pos[0]),
      path: '',
      message: error.message,
    }));
    if (faults.length > 0) return { ok: false, faults: faults.slice(0, MAX_FAULTS) };
    return readUsers(document, lines, directory, isHash);
  } catch (caught) {
    // Named fallback: what the parser cannot bear (nesting, aliases) is a fault of the file.
    return whole(caught instanceof Error ? caught.message : 'this is no YAML');
  }
}

function whole(message: string): UsersFile {
  return { ok: false, faults: [{ line: 1, column: 1, path: '', message }] };
}

function readUsers(
  document: Document.Parsed,
  lines: LineCounter,
  directory: string,
  isHash: (text: string) => boolean,
): UsersFile {
  const faults: UsersFault[] = [];
  const fault = (node: unknown, path: string, message: string): void => {
    faults.push({ ...position(lines, startOf(node)), path, message });
  };
  const root = document.contents;
  const list = isMap(root) ? root.get('users', true) : undefined;
  if (!isMap(root) || !isMap(list)) {
    fault(root, 'users', 'expected a map of users under the key users');
    return { ok: false, faults };
  }
  for (const { key } of root.items) {
    if (!isScalar(key) || key.value !== 'users') {
      fault(key, String(key), 'unknown key; the only key at the top level is users');
    }
  }
  const schema = entrySchema(isHash);
  const users = new Map<string, FileUser>();
  const ids = new Set<string>();
  for (const pair of list.items) {
    if (faults.length >= MAX_FAULTS) break;
    const name = isScalar(pair.key) ? String(pair.key.value) : '';
    const path = `users.${name}`;
    const folded = foldName(name);
    if (!isFileName(name)) {
      fault(pair.key, path, 'expected a name of 1 to 128 characters without a slash');
      continue;
    }
    if (users.has(folded)) fault(pair.key, path, 'this name occurs twice (case is ignored)');
    const value = isNode(pair.value)
      ? pair.value.toJS(document, { maxAliasCount: MAX_ALIASES })
      : undefined;
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      for (const issue of parsed.error.issues) {
        const isUnknown = issue.code === 'unrecognized_keys';
        const places = isUnknown ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
        const message = isUnknown ? 'unknown key' : issue.message;
        for (const at of places) {
          fault(nodeAt(pair.value, at) ?? pair.key, [path, ...at].join('.'), message);
        }
      }
      continue;
    }
    const user = fileUserOf(name, parsed.data, directory);
    if (ids.has(user.user.id) && !users.has(folded)) {
      fault(pair.key, path, 'another user has this id (without the key id, the name is the id)');
    }
    ids.add(user.user.id);
    users.set(folded, user);
  }
  return faults.length > 0
    ? { ok: false, faults: faults.slice(0, MAX_FAULTS) }
    : { ok: true, users };
}

/** Whether a user of a file may be called so. */
export function isFileName(name: string): boolean {
  return NAME.test(name) && name.trim() === name && foldName(name) !== '';
}

/** The user of a checked entry. */
export function fileUserOf(name: string, entry: Entry, directory: string): FileUser {
  const { passwordHash, id: given, ...fields } = entry;
  const id = `${directory}/${given ?? foldName(name)}`;
  const user = { ...fields, id, name, displayName: fields.displayName || name };
  return { user, passwordHash, hasId: given !== null };
}

/** The node at a path of an entry; its key where the entry has one, so that the line is the key's. */
function nodeAt(node: unknown, path: readonly PropertyKey[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined || !isMap(node)) return node;
  const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
  if (pair === undefined) return node;
  return rest.length === 0 ? pair.key : nodeAt(pair.value, rest);
}

function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function position(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
