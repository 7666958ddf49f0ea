/** The keys of a policy binding itself; all other keys are options of the policy. */
import { z } from 'zod';
import { bindings, date } from './options/schema-types.ts';
import { name } from '../../schema/names.ts';
import { words } from '../../schema/words.ts';

/** Keys of a binding where a policy is used. */
export const bindingSchema = z.strictObject({
  negate: z.boolean().prefault(false).describe('Inverts the result. An error is still a failure.'),
  otherwise: name
    .optional()
    .describe('If the policy fails, sends the user to this flow, then back.'),
  expires: date.optional().describe('The binding fails from this date on.'),
  dry_run: z
    .boolean()
    .prefault(false)
    .describe('Evaluates and reports the policy, but never decides.'),
  field: z
    .string()
    .max(64)
    .optional()
    .describe('In the `validation` of a prompt: the field that a failure belongs to.'),
  message: words(300)
    .optional()
    .describe(
      'In the `validation` of a prompt: what users read if the policy fails, in one text or one for each language.',
    ),
});

/** The keys of a group: a list of bindings in place of one policy. */
export const groupSchema = z
  .strictObject({
    any: bindings.min(1).optional().describe('One of these must pass.'),
    all: bindings.min(1).optional().describe('All of these must pass.'),
  })
  .refine((group) => (group.any === undefined) !== (group.all === undefined), {
    message: 'expected either any or all, with a list of policies',
  });

/** Keys of a binding that the definition of a named policy can have. */
export const definitionSchema = bindingSchema.pick({ negate: true, expires: true });
