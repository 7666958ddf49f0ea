/**
 * Initial values of fields. Those that come from the user (`{ from: user.display_name }`) are shown to
 * the owner of the account alone; what does not fit the field is left out.
 */
import { z } from 'zod';
import { valueAt } from '../../core/values/record.ts';
import type { User } from '../../core/people/user.ts';

const PATH = /^user\.(?:name|display_name|email|attributes(?:\.[A-Za-z][A-Za-z0-9_-]{0,63}){1,4})$/;

/** The option `value: { from: … }`. */
export const fromUser = z.strictObject({
  from: z
    .string()
    .regex(PATH, 'expected user.name, user.display_name, user.email or user.attributes.<path>')
    .describe('What is stored with the user: `user.display_name`, `user.attributes.site`.'),
});

type Plain = string | number | boolean;

/** A field with an initial value. */
interface Valued {
  readonly type: string;
  readonly value?: Plain | z.infer<typeof fromUser> | undefined;
}

/** Whether the field begins with a value of the user. */
export function isFromUser({ value }: Valued): boolean {
  return typeof value === 'object';
}

/** The initial value; undefined for none. `user` is null unless the owner runs the flow. */
export function initialOf({ type, value }: Valued, user: User | null): Plain | undefined {
  if (typeof value !== 'object') return value;
  if (user === null) return undefined;
  const { name, displayName, email, attributes } = user;
  const path = value.from.split('.').slice(1);
  const found = valueAt({ name, display_name: displayName, email, attributes }, path);
  if (type === 'checkbox') return found === true;
  if (type === 'number') return typeof found === 'number' ? found : undefined;
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
}
