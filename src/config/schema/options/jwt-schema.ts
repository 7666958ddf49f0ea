/** `jwt` of the main file: issuers whose JSON Web Tokens programs can send. */
import { z } from 'zod';
import { JWT_ALGORITHMS } from '../../../core/proof/jwt.ts';
import { duration } from '../../../schema/duration.ts';
import { name } from '../../../schema/names.ts';
import { text } from '../../../schema/words.ts';
import { oneOrMany } from './schema-types.ts';

/** Most issuers. */
const MAX_ISSUERS = 64;

const claimValue = z.union([z.string().max(1024), z.number(), z.boolean()]);

/** Groups and limits that go with a credential of another party. */
export function limitsOf(what: 'token' | 'certificate') {
  return {
    groups: z
      .array(text(255))
      .max(64)
      .prefault([])
      .describe(`Groups that the user has with a ${what}, beside those in the directory.`),
    routes: z
      .array(name)
      .max(64)
      .prefault([])
      .describe(`Routes that a ${what} opens. Default: all.`),
    methods: z
      .array(text(24))
      .max(32)
      .prefault([])
      .describe(`Methods that a ${what} can use; GET includes HEAD. Default: all.`),
    networks: z
      .array(text(64))
      .max(64)
      .prefault([])
      .describe(`Networks that a ${what} can be used from. Default: all.`),
  };
}

const mapped = z.strictObject({
  claim: text(255).describe('The claim that names the user, such as `sub`.'),
  prefix: z
    .string()
    .max(255)
    .prefault('')
    .describe('What the claim must begin with. The rest is the username.'),
  member_of: z
    .array(text(255))
    .min(1)
    .max(64)
    .describe('The user must be in one of these groups, so that an issuer cannot name everyone.'),
});

const issuer = z.strictObject({
  name: name.describe('Unique name in logs and tests.'),
  issuer: text(2048).describe('The claim `iss`, exactly as the issuer writes it.'),
  audience: oneOrMany(text(2048), 16).describe('One of these must be in the claim `aud`.'),
  jwks_url: text(2048)
    .optional()
    .describe(
      'Where the public keys are. Default: where `issuer` + `/.well-known/openid-configuration` says.',
    ),
  jwks_file: text(4096)
    .optional()
    .describe('A file with the public keys (a JSON Web Key Set), in place of an address.'),
  algorithms: z
    .array(z.enum(JWT_ALGORITHMS))
    .min(1)
    .max(JWT_ALGORITHMS.length)
    .prefault([...JWT_ALGORITHMS])
    .describe('Signature algorithms that count. Default: all that use a key pair.'),
  claims: z
    .record(text(255), z.union([claimValue, z.array(claimValue).min(1).max(64)]))
    .prefault({})
    .describe('Each of these claims must have this value, or one of these values.'),
  user: z
    .union([text(255), mapped])
    .describe('The user that a token stands for: a username, or a claim that names it.'),
  ...limitsOf('token'),
  lifetime: duration()
    .prefault('24h')
    .describe('Longest time from the issue of a token to its expiry.'),
});

/** The issuers. */
export const jwtSchema = z
  .array(issuer)
  .max(MAX_ISSUERS)
  .prefault([])
  .describe(
    'Issuers whose JSON Web Tokens count on routes that accept `bearer`, such as GitHub Actions, Kubernetes or another gateway.',
  );
