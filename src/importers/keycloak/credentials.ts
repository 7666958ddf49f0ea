/**
 * Credentials of a Keycloak user: `secretData` and `credentialData` are JSON in text
 * (`PasswordCredentialModel`, `OTPCredentialModel` and `WebAuthnCredentialModel`).
 */
import { z } from 'zod';
import {
  base32,
  type ImportedFactor,
  type LeftBehind,
  passkeyFactor,
  totpFactor,
} from '../../core/administration/imported-factor.ts';
import type { ImportTools } from '../../core/administration/importer.ts';

export const credential = z.object({
  type: z.string().nullish(),
  userLabel: z.string().nullish(),
  createdDate: z.number().nullish(),
  secretData: z.string().nullish(),
  credentialData: z.string().nullish(),
});
type Credential = z.infer<typeof credential>;

const password = z.object({
  value: z.string(),
  salt: z.string().nullish(),
  hashIterations: z.number().nullish(),
  algorithm: z.string().nullish(),
  additionalParameters: z.record(z.string(), z.array(z.string())).nullish(),
});
const otp = z.object({
  value: z.string(),
  subType: z.string(),
  digits: z.number(),
  period: z.number(),
  algorithm: z.string(),
  secretEncoding: z.string().nullish(),
});
const webauthn = z.object({
  credentialId: z.string(),
  credentialPublicKey: z.string(),
  counter: z.number(),
  transports: z.array(z.string()).nullish(),
});

/** What decides how a credential is read. */
interface About {
  /** Keycloak’s id of the user; null if unknown. */
  readonly userId: string | null;
  /** The relying party of each type. */
  readonly rpIds: Readonly<Record<string, string | null>>;
  readonly tools: ImportTools;
}

interface ReadCredentials {
  readonly hasPassword: boolean;
  /** Null without one that can be verified. */
  readonly passwordHash: string | null;
  readonly passwordSetAt: number | null;
  readonly factors: readonly ImportedFactor[];
  readonly left: readonly LeftBehind[];
}

export function readCredentials(all: readonly Credential[], about: About): ReadCredentials {
  const first = all.find(({ type }) => type === 'password');
  const passwordHash = first === undefined ? null : hashOf(first, about.tools);
  const read = all.map((one) => factorOf(one, about)).filter((one) => one !== null);
  const unknown = first !== undefined && passwordHash === null;
  return {
    hasPassword: first !== undefined,
    passwordHash,
    passwordSetAt: timeOf(first?.createdDate),
    factors: read.filter((one) => typeof one !== 'string'),
    left: [...(unknown ? (['password/kind'] as const) : []), ...read.filter(isText)],
  };
}

function factorOf(one: Credential, about: About): ImportedFactor | LeftBehind | null {
  switch (one.type) {
    case 'password':
    case 'password-history':
      return null;
    case 'otp':
      return totpOf(one);
    case 'webauthn':
    case 'webauthn-passwordless':
      return passkeyOf(one, about);
    case 'recovery-authn-codes':
      return 'recovery-codes';
    default:
      return 'other-factor';
  }
}

/** The hash in the form of the PHC, or null for one that cannot be verified. */
function hashOf(one: Credential, { isHash }: ImportTools): string | null {
  const parsed = password.safeParse(dataOf(one));
  if (!parsed.success) return null;
  const { value, salt, hashIterations, algorithm, additionalParameters } = parsed.data;
  const rest = `${unpadded(salt ?? '')}$${unpadded(value)}`;
  const parameter = (name: string): string => additionalParameters?.[name]?.[0] ?? '';
  const hash = (() => {
    switch (algorithm) {
      case 'pbkdf2':
      case 'pbkdf2-sha256':
      case 'pbkdf2-sha512':
        return `$${algorithm}$${hashIterations}$${rest}`;
      case 'argon2': {
        const version = parameter('version') === '1.0' ? 16 : 19;
        const costs = `m=${parameter('memory')},t=${hashIterations},p=${parameter('parallelism')}`;
        return `$argon2${parameter('type')}$v=${version}$${costs}$${rest}`;
      }
      default:
        // Extensions such as the one for bcrypt store the whole hash as the value.
        return value;
    }
  })();
  return isHash(hash) ? hash : null;
}

function totpOf(one: Credential): ImportedFactor | LeftBehind {
  const parsed = otp.safeParse(dataOf(one));
  if (!parsed.success || parsed.data.subType !== 'totp') return 'totp/kind';
  const { value, digits, period, algorithm, secretEncoding } = parsed.data;
  // Without an encoding, the key is the text itself.
  const secret = secretEncoding?.toUpperCase() === 'BASE32' ? value : base32(Buffer.from(value));
  return totpFactor({
    ...originOf(one, 'TOTP'),
    secret,
    digits,
    period,
    algorithm: algorithm.replace(/^Hmac/i, ''),
  });
}

function passkeyOf(one: Credential, { userId, rpIds, tools }: About): ImportedFactor | LeftBehind {
  const parsed = webauthn.safeParse(dataOf(one));
  if (!parsed.success) return 'passkey/kind';
  const { credentialId, credentialPublicKey, counter, transports } = parsed.data;
  return passkeyFactor(
    {
      ...originOf(one, 'Passkey'),
      id: credentialId,
      publicKey: credentialPublicKey,
      counter,
      transports: transports ?? [],
      backedUp: false,
      rpId: rpIds[one.type ?? ''] ?? null,
      userHandle: userId === null ? null : Buffer.from(userId).toString('base64url'),
    },
    tools.portalHost,
  );
}

function originOf({ userLabel, createdDate }: Credential, name: string) {
  return { name: userLabel || name, createdAt: timeOf(createdDate), lastUsedAt: null };
}

/** Both parts of a credential as one object; empty if one cannot be parsed. */
function dataOf({ secretData, credentialData }: Credential): object {
  try {
    return { ...JSON.parse(secretData || '{}'), ...JSON.parse(credentialData || '{}') };
  } catch {
    // Named fallback: what cannot be parsed has no fields, and is reported as left behind.
    return {};
  }
}

function timeOf(time: number | null | undefined): number | null {
  return Number.isSafeInteger(time) ? (time ?? null) : null;
}

function unpadded(base64: string): string {
  return base64.replace(/={1,2}$/, '');
}

function isText(one: ImportedFactor | LeftBehind): one is LeftBehind {
  return typeof one === 'string';
}
