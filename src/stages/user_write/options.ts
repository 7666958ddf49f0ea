/** Options of user_write: which answers may become what of a user, and nothing else. */
import { z } from 'zod';
import { fieldName } from '../../schema/names.ts';

const TARGET =
  /^(?:name|email|display_name|password|attributes(?:\.(?!constructor$|prototype$|constructor\.|prototype\.)[A-Za-z][A-Za-z0-9_-]{0,63}){1,4})$/;

export const config = z.strictObject({
  create: z
    .enum(['never', 'if_missing', 'always'])
    .prefault('never')
    .describe('Whether a user is made: never, when nobody is meant yet, or always.'),
  fields: z
    .record(
      z.string().regex(TARGET, 'expected name, email, display_name, password or attributes.<path>'),
      fieldName,
    )
    .refine((fields) => Object.keys(fields).length <= 32, 'names at most 32')
    .describe('What is written, each with the prompted field that it comes from.'),
  groups: z
    .array(z.string().min(1).max(128))
    .max(50)
    .prefault([])
    .describe('Groups the user is put into, beside those they have.'),
  inactive: z
    .boolean()
    .prefault(false)
    .describe('A new user is disabled until somebody enables them.'),
});
export type Options = z.infer<typeof config>;
