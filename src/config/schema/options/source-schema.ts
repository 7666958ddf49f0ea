/** Options that every source has, beside those of its kind. */
import { z } from 'zod';
import { LINKINGS } from '../../../core/sources/source-rule.ts';
import { duration } from '../../../schema/duration.ts';
import { name } from '../../../schema/names.ts';
import { text, words } from '../../../schema/words.ts';
import { bindings, oneOrMany } from './schema-types.ts';

const group = text(128);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const sourceSchema = z.strictObject({
  title: words(60)
    .optional()
    .describe(
      'Name of the provider on its button: one text, or one per language. Default: its own.',
    ),
  mark: text(2).optional().describe('One or two letters in front of it. Default: its own.'),
  admit: bindings
    .prefault([])
    .describe(
      'Who can sign in: policies over what the provider says of the account, such as `domain(claims.email) == "example.com"`. If empty, every account that belongs to a user.',
    ),
  unknown: name
    .prefault('refuse')
    .describe(
      'What happens to an account that belongs to no user: `refuse`, `create` a user in the writable directory, or a flow with `requires: source` that creates one, such as `enrollment-source`.',
    ),
  link: z
    .enum(LINKINGS)
    .prefault('subject')
    .describe(
      'How an account finds its user: `subject` only once it is linked. `verified_email` also links it to the user with the same verified address, who enters the password once. `trusted_email` does so without a password.',
    ),
  groups: z
    .strictObject({
      claim: z
        .string()
        .max(300)
        .regex(
          /^[^.]{1,100}(?:\.[^.]{1,100}){0,7}$/,
          'expected a claim such as groups or realm_access.roles',
        )
        .optional()
        .describe(
          'Claim with the groups, as `realm_access.roles`. Default: what the provider reports.',
        ),
      map: z
        .record(text(255), oneOrMany(group, 16))
        .prefault({})
        .describe('Groups here, by the name at the provider.'),
      only: z
        .array(group)
        .max(256)
        .prefault([])
        .describe('Groups with the same name here and at the provider.'),
    })
    .refine(({ map, only }) => Object.keys(map).length > 0 || only.length > 0, {
      message: 'expected map or only, which name the groups that the source manages',
    })
    .optional()
    .describe('Groups that the source manages, at each sign-in. Users keep all others.'),
  recheck: duration({ least: MINUTE, most: 30 * DAY })
    .optional()
    .describe(
      'How often a session asks the provider whether the account still stands: 1h. Without it, only at the sign-in.',
    ),
  sign_out: z
    .boolean()
    .prefault(false)
    .describe('Whether signing out here leads to the provider, which ends its own session too.'),
  second_factor: z
    .strictObject({
      amr: z
        .array(text(64))
        .max(32)
        .prefault([])
        .describe('Methods, any of which counts: `mfa`, `otp`, `hwk`.'),
      acr: z.array(text(255)).max(32).prefault([]).describe('Classes, any of which counts.'),
    })
    .prefault({})
    .describe(
      'Values of the claims `amr` and `acr` that show a second factor at the provider. The session then also lists the method `source_mfa`.',
    ),
});
