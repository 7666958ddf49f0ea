/** Parses a value with a schema; zod's issues become faults in our words. Never quotes a value: it may be a secret. */
import type { z } from 'zod';
import { type FaultPath, MAX_FAULTS } from '../faults/fault.ts';
import { childOf, descriptionOf, keysOf, schemasAt } from './schema-walk.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';

type Issue = z.core.$ZodIssue;

/** The parsed value, or null once its faults have been noted. */
export function parseAt<T>(schema: z.ZodType<T>, value: unknown, spot: Spot): T | null {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, MAX_FAULTS);
  const meant = new Set<string>();
  const misspelled = new Set<string>();
  // Unknown keys first: a misspelled key is not reported as a missing one, too.
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const path = pathOf(issue);
    const known = keysOf(schemasAt(schema, value, path, () => []));
    for (const key of issue.keys.slice(0, MAX_FAULTS)) {
      const suggestion = suggest(key, known);
      if (suggestion !== null) {
        meant.add(JSON.stringify([...path, suggestion.slice(1, -1)]));
        misspelled.add(JSON.stringify(path));
      }
      blame(below(spot, ...path, key), unknownKey(known), suggestion, 'key');
    }
  }
  for (const issue of issues) {
    const where = JSON.stringify(issue.path);
    if (issue.code === 'unrecognized_keys' || meant.has(where)) continue;
    // A check of the whole object would only repeat that the misspelled key is missing.
    if (issue.code === 'custom' && misspelled.has(where)) continue;
    const parent = pathOf(issue).slice(0, -1);
    const about = descriptionOf(
      schemasAt(schema, value, parent, () => []),
      issue.path.at(-1),
    );
    blameIssue(issue, value, spot, about);
  }
  return null;
}

/** The fault of an unknown key. */
export function unknownKey(known: readonly string[]): string {
  const isShort = known.length > 0 && known.length <= 20;
  return isShort ? `unknown key, expected one of ${known.join(', ')}` : 'unknown key';
}

/** Configurations have no symbols as keys. */
function pathOf(issue: Issue): FaultPath {
  return issue.path.filter((part) => typeof part !== 'symbol');
}

function blameIssue(issue: Issue, value: unknown, spot: Spot, about: string | null = null): void {
  const path = pathOf(issue);
  const at = below(spot, ...path);
  const found = path.reduce<unknown>((v, part) => childOf(v, part), value);
  if (issue.code === 'invalid_union') {
    const inner = likeliest(issue);
    if (inner.length > 0) {
      for (const one of inner) blameIssue(one, found, at);
      return;
    }
  }
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
    for (const one of issue.issues) blame(at, message(one, found), null, 'key');
    return;
  }
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys.slice(0, MAX_FAULTS)) {
      blame(below(at, key), unknownKey([]), null, 'key');
    }
    return;
  }
  const words = wordsOf(issue);
  const hint = typeof found === 'string' ? suggest(found, words) : null;
  const purpose = found === undefined && about !== null ? ` (${about.replace(/\.$/, '')})` : '';
  blame(at, message(issue, found) + purpose, hint);
}

/** The literal values that are accepted, in any branch of a union. */
function wordsOf(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return issue.code === 'invalid_union' ? issue.errors.flat().flatMap(wordsOf) : [];
}

/** The issues of the branch that the operator probably meant: the one with the deepest issue. */
function likeliest(issue: Extract<Issue, { code: 'invalid_union' }>): readonly Issue[] {
  const isPlain = (one: Issue) => one.code === 'invalid_type' || one.code === 'invalid_value';
  const depth = (issues: readonly Issue[]) =>
    Math.max(...issues.map((one) => one.path.length + (isPlain(one) ? 0 : 1)));
  const branches = issue.errors.filter((e) => e.length > 0 && depth(e) > 0);
  return branches.sort((a, b) => depth(b) - depth(a))[0] ?? [];
}

/** The default messages of zod, which are replaced. Messages of our schemas are kept. */
const STOCK = /^(?:Invalid |Too |Unrecognized )/;

function message(issue: Issue, found: unknown): string {
  if (!STOCK.test(issue.message)) {
    return found === undefined ? `missing, ${issue.message}` : issue.message;
  }
  switch (issue.code) {
    case 'invalid_type':
      return otherKind(nameKind(issue.expected), found);
    case 'invalid_union':
      // If some texts are accepted, the kind of the value is no explanation.
      return wordsOf(issue).length === 0
        ? otherKind(unionKinds(issue), found)
        : otherValue(unionKinds(issue), found);
    case 'invalid_value':
      return otherValue(listWords(issue.values.map(String)), found);
    case 'too_small':
      return issue.minimum === 1 && issue.origin !== 'number'
        ? 'must not be empty'
        : `expected at least ${amount(issue.minimum, issue.origin)}`;
    case 'too_big':
      return `expected at most ${amount(issue.maximum, issue.origin)}`;
    case 'invalid_format':
      return `not in the expected form (${issue.format})`;
    default:
      return issue.message;
  }
}

function otherValue(expected: string, found: unknown): string {
  return found === undefined ? `missing, expected ${expected}` : `expected ${expected}`;
}

function otherKind(expected: string, found: unknown): string {
  const fault = otherValue(expected, found);
  return found === undefined ? fault : `${fault}, not ${kindOf(found)}`;
}

function unionKinds(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const kinds = issue.errors.flat().flatMap((one) => {
    if (one.code === 'invalid_type') return [nameKind(one.expected)];
    return one.code === 'invalid_value' ? one.values.map(String) : [];
  });
  const known = [...new Set(kinds)];
  return known.length === 0 ? 'something else' : known.join(' or ');
}

function listWords(words: readonly string[]): string {
  return words.length === 1 ? String(words[0]) : `one of ${words.join(', ')}`;
}

function amount(limit: number | bigint, origin: string): string {
  if (origin === 'string') return `${limit} characters`;
  return origin === 'array' ? `${limit} ${limit === 1 ? 'item' : 'items'}` : String(limit);
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'keys and values',
  record: 'keys and values',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
  null: 'nothing',
};

function nameKind(kind: string): string {
  return KINDS[kind] ?? kind;
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  return nameKind(Array.isArray(value) ? 'array' : typeof value);
}
