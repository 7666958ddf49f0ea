/** `certificates` of the main file: client certificates that programs can show. */
import { z } from 'zod';
import { CERTIFICATE_ATTRIBUTES } from '../../../core/credential/certificate.ts';
import { name } from '../../../schema/names.ts';
import { text } from '../../../schema/words.ts';
import { limitsOf } from './jwt-schema.ts';
import { oneOrMany } from './schema-types.ts';

/** Most entries. */
const MAX_RULES = 64;

const mapped = z.strictObject({
  attribute: z
    .enum(CERTIFICATE_ATTRIBUTES)
    .describe('The attribute that names the user. It must occur exactly once.'),
  prefix: z
    .string()
    .max(255)
    .prefault('')
    .describe('What the attribute must begin with. The rest is the name.'),
  equals: z
    .enum(['username', 'email'])
    .prefault('username')
    .describe('What the name is: the `username` or the verified `email`.'),
  member_of: z
    .array(text(255))
    .min(1)
    .max(64)
    .describe(
      'The user must be in one of these groups, so that an authority cannot name everyone.',
    ),
});

const rule = z.strictObject({
  name: name.describe('Unique name in logs and tests.'),
  header: text(64).describe(
    'Header in which the trusted proxy passes the certificate on, the same in all entries. The proxy must set it on every request.',
  ),
  ca: text(65_536).describe(
    'Authorities that issue the certificates, as PEM: `${file:config/client-ca.pem}`. Each is trusted on its own.',
  ),
  attributes: z
    .partialRecord(z.enum(CERTIFICATE_ATTRIBUTES), oneOrMany(text(1024), 64))
    .prefault({})
    .describe('Each of these attributes must have this value, or one of these values.'),
  user: z
    .union([text(255), mapped])
    .describe('The user that a certificate stands for: a username, or an attribute that names it.'),
  ...limitsOf('certificate'),
});

/** The entries. */
export const certificateSchema = z
  .array(rule)
  .max(MAX_RULES)
  .prefault([])
  .describe('Client certificates that count on routes that accept `certificate`.');
