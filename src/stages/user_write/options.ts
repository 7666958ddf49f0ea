/** Options of user_write: which prompted values are written to which fields of a user. */
import { z } from 'zod';
import { fieldName } from '../../schema/names.ts';

const TARGET =
  /^(?:name|email|display_name|password|attributes(?:\.(?!constructor$|prototype$|constructor\.|prototype\.)[A-Za-z][A-Za-z0-9_-]{0,63}){1,4})$/;

export const config = z.strictObject({
  create: z
    .enum(['never', 'if_missing', 'always'])
    .prefault('never')
    .describe('Whether to create a user: never, if none is identified yet, or always.'),
  fields: z
    .record(
      z.string().regex(TARGET, 'expected name, email, display_name, password or attributes.<path>'),
      fieldName,
    )
    .refine((fields) => Object.keys(fields).length <= 32, 'names at most 32')
    .describe('What to write, each with the prompted field it comes from.'),
  groups: z
    .array(z.string().min(1).max(128))
    .max(50)
    .prefault([])
    .describe('Groups to add the user to.'),
  inactive: z
    .boolean()
    .prefault(false)
    .describe(
      'Creates the user disabled, until an administrator enables the account, or until the address is verified by a stage with enables.',
    ),
});
export type Options = z.infer<typeof config>;
