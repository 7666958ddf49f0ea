/** Options that every provider has. Messages never repeat a value, since it may be a secret. */
import { z } from 'zod';
import { text } from '../schema/words.ts';
import type { Credential } from './client-auth.ts';
import { originsOf } from './endpoints.ts';

const LOOPBACK =
  /^http:\/\/(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?(?:\/|$)/i;
/** Parameters that are ours: overriding one would take a check away. */
const OURS: ReadonlySet<string> = new Set([
  'client_id',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'redirect_uri',
  'request',
  'request_uri',
  'response_mode',
  'response_type',
  'scope',
  'state',
]);

/** The URL of an issuer or endpoint. */
export const providerUrl = z
  .string()
  .max(1024)
  .refine((value) => isPlainUrl(value), {
    error: 'expected an https:// URL without credentials, query or fragment',
  });

function isPlainUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  return isWeb && url.username === '' && url.password === '' && !/[?#\s]/.test(value);
}

const host = z
  .string()
  .max(260)
  .regex(
    /^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/i,
    'expected a host, such as api.example.com',
  )
  .refine((value) => URL.canParse(`https://${value}`), { error: 'expected a host' });

const claim = text(256);

/** Options of a client. */
export const clientOptions = {
  client_id: text(512).describe('The id of Doorward at the provider.'),
  client_secret: text(4096)
    .optional()
    .describe('Its secret, for example ${file:/run/secrets/google}.'),
  client_auth: z
    .enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'])
    .optional()
    .describe(
      'How Doorward proves its id. Default: client_secret_basic with a secret, private_key_jwt with a key.',
    ),
  key: text(4096).optional().describe('PEM file with the private key (PKCS #8).'),
  key_id: text(256).optional().describe('The id of the key at the provider.'),
  key_algorithm: z
    .enum(['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'])
    .prefault('ES256')
    .describe('The algorithm of the key.'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, 'expected a scope'))
    .max(32)
    .optional()
    .describe('What is requested of the provider.'),
  authorization_params: z
    .record(z.string().regex(/^[\w.-]{1,64}$/, 'expected the name of a parameter'), text(512))
    .refine((map) => Object.keys(map).length <= 16, { message: 'expected at most 16 parameters' })
    .refine((map) => !Object.keys(map).some((name) => OURS.has(name)), {
      error: `expected no parameter that Doorward sets: ${[...OURS].join(', ')}`,
    })
    .prefault({})
    .describe('Further parameters of the URL that browsers visit, such as `prompt: consent`.'),
  hosts: z
    .array(host)
    .max(16)
    .optional()
    .describe(
      'Further hosts on which the provider has endpoints. Default: that of the issuer alone.',
    ),
  fields: z
    .strictObject({
      id: claim.optional().describe('A value that never changes. With oidc it is always `sub`.'),
      username: claim.optional().describe('The username.'),
      display_name: claim.optional().describe('The name shown to users.'),
      email: claim.optional().describe('The email address.'),
      email_verified: claim.optional().describe('Whether the user receives mail there.'),
      groups: claim.optional().describe('The groups: a list of texts.'),
    })
    .prefault({})
    .describe('Which claim has which property: a name, or a path such as `realm_access.roles`.'),
  email_verified: z
    .enum(['claim', 'always', 'never'])
    .prefault('claim')
    .describe(
      'When an address counts as verified: if the claim says so, or always, where users cannot change it themselves.',
    ),
  ca: text(4096)
    .optional()
    .describe('PEM file with the authority of the provider’s certificate, besides those of Node.'),
  insecure: z
    .boolean()
    .prefault(false)
    .describe('Allows http:// to another machine. It sends secrets in clear text.'),
};

/** What the options of a client have in common. */
interface ClientInput {
  readonly client_secret?: string | undefined;
  readonly client_auth?:
    | 'client_secret_basic'
    | 'client_secret_post'
    | 'private_key_jwt'
    | 'none'
    | undefined;
  readonly key?: string | undefined;
  readonly key_id?: string | undefined;
  readonly key_algorithm: string;
}

/** How Doorward proves its id; a text says which option is missing. */
export function credentialOf(options: ClientInput): Credential | string {
  const { client_secret: secret, key: path, key_id: id, key_algorithm: algorithm } = options;
  const method =
    options.client_auth ?? (path === undefined ? 'client_secret_basic' : 'private_key_jwt');
  if (method === 'none') return { method };
  if (method !== 'private_key_jwt')
    return secret === undefined ? 'client_secret' : { method, secret };
  if (path === undefined) return 'key';
  return id === undefined ? 'key_id' : { method, key: { path, id, algorithm } };
}

/** Why a URL cannot be used without `insecure`; null if it can. */
export function insecurity(url: string): string | null {
  return /^http:/i.test(url) && !LOOPBACK.test(url)
    ? 'expected https://, or insecure: true; without TLS, secrets would be sent in clear text'
    : null;
}

/** Origins of several URLs and hosts. */
export function allOrigins(urls: readonly string[], hosts: readonly string[]): readonly string[] {
  return [...new Set(urls.flatMap((home) => originsOf({ home, hosts })))];
}
