/** Schemas that several options share. */
import { z } from 'zod';
import { text } from '../../../schema/words.ts';

/** A date such as `2027-01-31` (UTC) or an instant with its zone, as epoch milliseconds. */
export const date = z.string().transform((written, context) => {
  const at = DATE.test(written) ? Date.parse(written) : Number.NaN;
  // Date.parse reads 31 February as 3 March.
  const isDay =
    !Number.isNaN(at) &&
    new Date(Date.parse(written.slice(0, 10))).toISOString().startsWith(written.slice(0, 10));
  if (isDay) return at;
  context.addIssue({
    code: 'custom',
    message: 'expected a date such as 2027-01-31 or 2027-01-31T18:00:00Z',
  });
  return z.NEVER;
});

const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))?$/;

/** One item or a list of them, parsed to a list. */
export function oneOrMany<T extends z.ZodType>(item: T, max: number) {
  return z
    .union([item, z.array(item).min(1).max(max)])
    .transform((v) => (Array.isArray(v) ? v : [v]));
}

/** A list of policy bindings. The linker parses each, because it knows the plug-ins. */
export const bindings = z.array(z.record(z.string(), z.unknown())).max(64);

/** How a list of policies is combined. */
export const match = z.enum(['all', 'any']);

/** A host name or pattern of one. */
export const host = text(255);

/** URLs to which users can go after a sign-out. */
export const signOutTo = z.array(text(2048)).max(16);
