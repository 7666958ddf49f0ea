/**
 * Initial values of fields. Those that come from the user (`{ from: user.display_name }`) are shown to
 * the owner of the account alone, and those of an account at a source to the browser that visited it; what
 * does not fit the field is left out.
 */
import { z } from 'zod';
import { valueAt } from '../../core/values/record.ts';
import type { User } from '../../core/people/user.ts';
import type { Newcomer } from '../../core/sources/newcomer.ts';

const INNER = String.raw`(?:\.[A-Za-z][A-Za-z0-9_-]{0,63}){1,4}`;
const PATH = new RegExp(
  `^(?:user\\.(?:name|display_name|email|attributes${INNER})|source\\.(?:username|display_name|email|claims${INNER}))$`,
);

/** The option `value: { from: … }`. */
export const fromKnown = z.strictObject({
  from: z
    .string()
    .regex(
      PATH,
      'expected user.name, user.display_name, user.email, user.attributes.<path>, or source.username, source.display_name, source.email, source.claims.<path>',
    )
    .describe(
      'What is stored with the user: `user.display_name`, `user.attributes.site`. Or, in a flow with `requires: source`, what the provider says: `source.username`, `source.claims.locale`.',
    ),
});

type Plain = string | number | boolean;

/** A field with an initial value. */
interface Valued {
  readonly type: string;
  readonly value?: Plain | z.infer<typeof fromKnown> | undefined;
}

/** What values can come from. */
export interface Known {
  /** The user; null unless the owner runs the flow. */
  readonly user: User | null;
  /** The account at a source for which the flow creates a user; null for none. */
  readonly newcomer: Newcomer | null;
}

/** Whether the field begins with a value of the user, or of an account at a source. */
export function isFrom({ value }: Valued, origin: 'user' | 'source'): boolean {
  return typeof value === 'object' && value.from.startsWith(`${origin}.`);
}

/** The initial value; undefined for none. */
export function initialOf({ type, value }: Valued, known: Known): Plain | undefined {
  if (typeof value !== 'object') return value;
  const found = valueAt(rootsOf(known), value.from.split('.'));
  if (type === 'checkbox') return found === true;
  if (type === 'number') return typeof found === 'number' ? found : undefined;
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
}

function rootsOf({ user, newcomer }: Known) {
  const source = newcomer?.values ?? {};
  if (user === null) return { source };
  const { name, displayName, email, attributes } = user;
  return { source, user: { name, display_name: displayName, email, attributes } };
}
