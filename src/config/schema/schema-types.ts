/** Small schemas that several options share, each with its own words for what is expected. */
import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from '../../core/values/duration.ts';
import { hasEnglish, LANGUAGE } from '../../core/values/message.ts';

const DURATION = 'expected a duration: 90s, 15m, 12h or 30d';

/** A duration such as `15m`, as milliseconds. No pattern: a reference may stand in its place. */
export const duration = z
  .string({ error: DURATION })
  .meta({ examples: ['90s', '15m', '12h', '30d'] })
  .transform((written, context) => {
    const milliseconds = parseDuration(written.trim());
    if (milliseconds !== null) return milliseconds;
    const hint = DURATION_PATTERN.test(written) ? ' of at most ten years' : '';
    context.addIssue({
      code: 'custom',
      message: `expected a duration${hint}: 90s, 15m, 12h or 30d`,
    });
    return z.NEVER;
  });

/** A date such as `2027-01-31` (UTC) or an instant with its zone, as epoch milliseconds. */
export const date = z.string().transform((written, context) => {
  const at = DATE.test(written) ? Date.parse(written) : Number.NaN;
  // Date.parse takes 31 February for 3 March; an operator did not mean that.
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

/** Text that is not empty and of bounded length. */
export function text(max: number): z.ZodString {
  return z.string().min(1).max(max);
}

/** What people read: one text, or one for each language with English among them. */
export function words(max: number) {
  const each = z
    .record(z.string().regex(LANGUAGE, 'expected a language: en, de, pt-BR'), text(max))
    .refine(hasEnglish, 'expected en among the languages');
  return z.union([text(max), each]);
}

/** One or several of something, as a list. */
export function oneOrMany<T extends z.ZodType>(item: T, max: number) {
  return z
    .union([item, z.array(item).min(1).max(max)])
    .transform((v) => (Array.isArray(v) ? v : [v]));
}

/** Names of flows, routes, policies and stage bindings. */
export const NAME = /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/;

/** Such a name. */
export const name = z
  .string()
  .regex(NAME, 'expected a name of small letters, digits, - and _, at most 64 characters');

/** A list of plug-in bindings; each is read by the linker, which knows the plug-ins. */
export const bindings = z.array(z.record(z.string(), z.unknown())).max(64);

/** How a list of policies combines. */
export const match = z.enum(['all', 'any']);
