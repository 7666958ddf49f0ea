/**
 * Compares one attribute. The result is true, false, or unknown: a missing attribute or one of
 * another type neither equals nor differs from any value.
 */
import { z } from 'zod';
import type { Json } from '../../core/values/json.ts';
import type { Words } from '../../core/values/message.ts';
import { fieldsOf, isRecord } from '../../core/values/record.ts';

type Attributes = Readonly<Record<string, Json>>;

/** Maximum depth of a path. */
const DEEPEST = 8;
/** Maximum length of a list that `contains` searches. */
const LONGEST = 10_000;
const SEGMENT = '[^.\\s\\p{Cc}](?:[^.\\p{Cc}]{0,126}[^.\\s\\p{Cc}])?';
const PATH = new RegExp(`^${SEGMENT}(?:\\.${SEGMENT}){0,${DEEPEST - 1}}$`, 'u');

const scalar = z.union([z.string().max(1000), z.number(), z.boolean()]);
const OPERATIONS = ['is', 'not', 'in', 'contains', 'above', 'below', 'exists'] as const;
type Operation = (typeof OPERATIONS)[number];

/** A comparison as written in YAML: a path and exactly one operation. */
export const comparison = z
  .strictObject({
    path: z
      .string()
      .regex(PATH, `expected the name of an attribute, or several by dots, at most ${DEEPEST} deep`)
      .describe('The attribute: `department`, or `address.country` for a nested one.'),
    is: scalar.optional().describe('Equals this text, number, true or false.'),
    not: scalar.optional().describe('Differs from this value.'),
    in: z.array(scalar).min(1).max(1000).optional().describe('Equals one of these.'),
    contains: scalar.optional().describe('Is a list that contains this value.'),
    above: z.number().optional().describe('Is a number greater than this.'),
    below: z.number().optional().describe('Is a number less than this.'),
    exists: z.boolean().optional().describe('Exists (true) or does not exist (false).'),
  })
  .refine((c) => operationsOf(c).length === 1, {
    message: `expected exactly one of ${OPERATIONS.join(', ')}`,
  });

type Written = z.infer<typeof comparison>;
type Scalar = string | number | boolean;

/** The result, or why it is unknown. */
type Finding = boolean | { readonly unknown: string };

/** A compiled comparison. */
export interface Comparison {
  readonly find: (attributes: Attributes) => Finding;
  /** The comparison in words: `department is "legal"`. */
  readonly words: Words;
  /** Whether it only requires the attribute to exist. */
  readonly isExistence: boolean;
}

export function compareBy(written: Written): Comparison {
  const { path, exists } = written;
  const names = path.split('.');
  const [operation] = operationsOf(written);
  const value = JSON.stringify(written[operation ?? 'exists']);
  if (exists !== undefined) {
    const find = (attributes: Attributes): Finding =>
      (valueAt(attributes, names) !== null) === exists;
    const words = exists
      ? { en: `${path} exists`, de: `${path} ist vorhanden` }
      : { en: `${path} does not exist`, de: `${path} ist nicht vorhanden` };
    return { find, words, isExistence: exists };
  }
  const test = testOf(written);
  return {
    words: `${path} ${operation} ${value}`,
    isExistence: false,
    find(attributes) {
      const found = valueAt(attributes, names);
      if (found === null) return { unknown: `there is no ${path}` };
      return test(found) ?? { unknown: `${path} is of another kind` };
    },
  };
}

function operationsOf(written: object): readonly Operation[] {
  return OPERATIONS.filter((operation) => fieldsOf(written)[operation] !== undefined);
}

/** Returns the test for an existing value; the test returns null for a value of another type. */
function testOf({
  is,
  not,
  in: list,
  contains,
  above,
  below,
}: Written): (v: Json) => boolean | null {
  if (is !== undefined) return (value) => (typeof value === typeof is ? value === is : null);
  if (not !== undefined) return (value) => (typeof value === typeof not ? value !== not : null);
  if (list !== undefined) {
    const wanted: ReadonlySet<unknown> = new Set(list);
    const kinds = new Set<string>(list.map((one) => typeof one));
    return (value) => (kinds.has(typeof value) ? wanted.has(value) : null);
  }
  if (contains !== undefined) return (value) => holds(value, contains);
  const [least, most] = [above ?? Number.NEGATIVE_INFINITY, below ?? Number.POSITIVE_INFINITY];
  return (value) => (typeof value === 'number' ? value > least && value < most : null);
}

function holds(value: Json, wanted: Scalar): boolean | null {
  return Array.isArray(value) && value.length <= LONGEST ? value.includes(wanted) : null;
}

/**
 * Returns the value at a path, or null. Reads own properties only, so prototypes are out of reach.
 */
function valueAt(attributes: Attributes, names: readonly string[]): Json {
  let value: Json | undefined = attributes;
  for (const name of names) {
    if (!isRecord(value) || !Object.hasOwn(value, name)) return null;
    value = value[name];
  }
  return value ?? null;
}
