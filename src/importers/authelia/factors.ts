/**
 * Authelia's exports of second factors (JSON Schemas `exports.totp` and `exports.webauthn`). The secret
 * of a code is base64 of its base32 text; identifiers and keys of passkeys are base64.
 */
import { parse } from 'yaml';
import { z } from 'zod';
import {
  type ImportedFactor,
  type LeftBehind,
  passkeyFactor,
  totpFactor,
} from '../../core/administration/imported-factor.ts';
import {
  type ExportFault,
  exportProblem,
  type ExportFile,
  type ImportTools,
} from '../../core/administration/importer.ts';

/** Whether a file is one of the two. */
export const FACTOR_FILES = /^(?:totp_configurations|webauthn_credentials):/m;

/** Bytes of YAML, which takes far longer to parse than JSON. */
const LARGEST = 8 * 1024 * 1024;
/** What aliases may multiply to. */
const MAX_ALIASES = 100;

const date = z.string().nullish();
const totp = z.object({
  username: z.string(),
  algorithm: z.string(),
  digits: z.number(),
  period: z.number(),
  secret: z.string(),
  created_at: date,
  last_used_at: date,
});
const passkey = z.object({
  username: z.string(),
  description: z.string().nullish(),
  rpid: z.string(),
  kid: z.string(),
  public_key: z.string(),
  sign_count: z.number(),
  attestation_type: z.string().nullish(),
  transports: z.array(z.string()).nullish(),
  backup_state: z.boolean().nullish(),
  created_at: date,
  last_used_at: date,
});
const file = z.object({
  totp_configurations: z.array(totp).nullish(),
  webauthn_credentials: z.array(passkey).nullish(),
});

/** A second factor with its owner. */
export interface NamedFactor {
  readonly username: string;
  readonly factor: ImportedFactor | LeftBehind;
}

/** The second factors of one file. Problem `import/file`. */
export function readFactors(
  { path, text }: ExportFile,
  { portalHost }: ImportTools,
): readonly NamedFactor[] {
  const read = file.safeParse(yamlOf(path, text));
  if (!read.success) {
    const faults: ExportFault[] = read.error.issues.map(({ path: keys, message }) => ({
      at: keys.join('.'),
      message,
    }));
    throw exportProblem(path, faults);
  }
  const { totp_configurations, webauthn_credentials } = read.data;
  return [
    ...(totp_configurations ?? []).map((one) => ({
      username: one.username,
      factor: totpFactor({
        ...one,
        ...timesOf(one),
        name: 'TOTP',
        secret: Buffer.from(one.secret, 'base64').toString('latin1'),
      }),
    })),
    ...(webauthn_credentials ?? []).map((one) => ({
      username: one.username,
      factor: passkeyOf(one, portalHost),
    })),
  ];
}

function passkeyOf(one: z.infer<typeof passkey>, portalHost: string): ImportedFactor | LeftBehind {
  // U2F keys are bound to an address instead of a host (`appid`).
  if (one.attestation_type === 'fido-u2f') return 'passkey/kind';
  return passkeyFactor(
    {
      ...timesOf(one),
      name: one.description || 'Passkey',
      id: one.kid,
      publicKey: one.public_key,
      counter: one.sign_count,
      transports: one.transports ?? [],
      backedUp: one.backup_state ?? false,
      rpId: one.rpid.toLowerCase() || null,
      // Random, and not in the export.
      userHandle: null,
    },
    portalHost,
  );
}

function yamlOf(path: string, text: string): unknown {
  if (Buffer.byteLength(text) > LARGEST) {
    const message = `larger than ${LARGEST / 1024 / 1024} MiB; split it, with the first line in each file`;
    throw exportProblem(path, [{ at: '', message }]);
  }
  try {
    return parse(text, { maxAliasCount: MAX_ALIASES, logLevel: 'error' });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'this is no YAML';
    throw exportProblem(path, [{ at: '', message }]);
  }
}

function timesOf(one: Pick<z.infer<typeof totp>, 'created_at' | 'last_used_at'>) {
  return { createdAt: timeOf(one.created_at), lastUsedAt: timeOf(one.last_used_at) };
}

function timeOf(written: string | null | undefined): number | null {
  const time = Date.parse(written ?? '');
  return Number.isNaN(time) ? null : time;
}
