/** The keys of a policy binding that are its own; all others are options of the policy. */
import { z } from 'zod';
import { bindings, date } from './schema-types.ts';
import { name } from '../../schema/names.ts';

/** Where a policy is used. */
export const bindingSchema = z.strictObject({
  negate: z.boolean().prefault(false).describe('Turns yes and no around; an error stays a no.'),
  otherwise: name.optional().describe('Flow that can remedy a no: run it, then come back.'),
  expires: date.optional().describe('From this date on the binding is a no.'),
  dry_run: z.boolean().prefault(false).describe('Judged and reported, never decides.'),
  field: z
    .string()
    .max(64)
    .optional()
    .describe('Where answers are judged: the field that a no is about.'),
});

/** The keys of a group: bindings that are judged together in place of one policy. */
export const groupSchema = z
  .strictObject({
    any: bindings.min(1).optional().describe('One of these must pass.'),
    all: bindings.min(1).optional().describe('Every one of these must pass.'),
  })
  .refine((group) => (group.any === undefined) !== (group.all === undefined), {
    message: 'expected either any or all, with a list of policies',
  });

/** Where a policy is defined under a name, it may say these. */
export const definitionSchema = bindingSchema.pick({ negate: true, expires: true });
