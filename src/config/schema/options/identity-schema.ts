/** What apps receive about the user: for all routes, or on one route instead. */
import { z } from 'zod';
import { IDENTITY_PRESETS, type PresetName } from '../../../core/access/identity-presets.ts';
import { text } from '../../../schema/words.ts';
import { oneOrMany } from './schema-types.ts';

const PRESETS = Object.keys(IDENTITY_PRESETS) as [PresetName, ...PresetName[]];

/** `identity` of the main file and of a route. */
export const identitySchema = z.strictObject({
  preset: oneOrMany(z.enum(PRESETS), 64)
    .optional()
    .describe(
      'Headers that apps written for another product expect; one or a list. Default: `remote` (Remote-User, -Groups, -Name, -Email), unless `headers` is set.',
    ),
  headers: z
    .record(text(64), z.string().max(100))
    .optional()
    .describe('Headers that apps receive, and the value of each.'),
  unverified_email: z
    .boolean()
    .prefault(false)
    .describe('Also sends unverified addresses. Users can claim any address at enrollment.'),
  jwt: z
    .strictObject({ header: text(64).describe('Header for the signed assertion.') })
    .optional()
    .describe(
      'Signed assertion in addition to the plain headers. Keys are at /.well-known/jwks.json.',
    ),
});

export type IdentityConfig = z.infer<typeof identitySchema>;
