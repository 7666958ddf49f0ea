/** The keys of a policy binding that are its own; all others are options of the policy. */
import { z } from 'zod';
import { date, name } from './schema-types.ts';

/** Where a policy is used. */
export const bindingSchema = z.strictObject({
  negate: z.boolean().prefault(false).describe('Turns yes and no around; an error stays a no.'),
  otherwise: name.optional().describe('Flow that can remedy a no: run it, then come back.'),
  expires: date.optional().describe('From this date on the binding is a no.'),
  dry_run: z.boolean().prefault(false).describe('Judged and reported, never decides.'),
});

/** Where a policy is defined under a name, it may say these. */
export const definitionSchema = bindingSchema.pick({ negate: true, expires: true });
