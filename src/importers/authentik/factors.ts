/** Devices of a dump: time-based codes and passkeys. Unconfirmed ones were never set up. */
import { z } from 'zod';
import {
  base32,
  type ImportedFactor,
  type LeftBehind,
  passkeyFactor,
  totpFactor,
} from '../../core/administration/imported-factor.ts';
import type { ImportTools } from '../../core/administration/importer.ts';
import type { FactorRecord, Records } from './records.ts';

const date = z.string().nullish();
const totp = z.object({
  name: z.string().nullish(),
  key: z.string().regex(/^(?:[0-9a-f]{2})+$/i),
  step: z.number(),
  t0: z.number(),
  digits: z.number(),
  created: date,
  last_used: date,
});
const passkey = z.object({
  name: z.string().nullish(),
  credential_id: z.string(),
  public_key: z.string(),
  sign_count: z.number(),
  rp_id: z.string(),
  created_on: date,
  last_t: date,
});

/** What users had, by primary key of the user. */
export function factorsByUser(
  { factors }: Records,
  tools: ImportTools,
): ReadonlyMap<string, readonly (ImportedFactor | LeftBehind)[]> {
  const confirmed = factors.filter(({ fields }) => fields.confirmed !== false);
  const byUser = Map.groupBy(confirmed, ({ fields }) => fields.user);
  return new Map([...byUser].map(([user, own]) => [user, own.map((one) => factorOf(one, tools))]));
}

function factorOf(
  { model, fields }: FactorRecord,
  tools: ImportTools,
): ImportedFactor | LeftBehind {
  switch (model) {
    case 'totpdevice':
      return totpOf(fields);
    case 'webauthndevice':
      return passkeyOf(fields, tools);
    case 'staticdevice':
      return 'recovery-codes';
    default:
      return 'other-factor';
  }
}

function totpOf(fields: unknown): ImportedFactor | LeftBehind {
  const parsed = totp.safeParse(fields);
  // Steps that do not count from 1970 are known to no app.
  if (!parsed.success || parsed.data.t0 !== 0) return 'totp/kind';
  const { name, key, step, digits, created, last_used } = parsed.data;
  return totpFactor({
    name: name || 'TOTP',
    createdAt: timeOf(created),
    lastUsedAt: timeOf(last_used),
    secret: base32(Buffer.from(key, 'hex')),
    digits,
    period: step,
    algorithm: 'SHA1',
  });
}

function passkeyOf(fields: unknown, { portalHost }: ImportTools): ImportedFactor | LeftBehind {
  const parsed = passkey.safeParse(fields);
  if (!parsed.success) return 'passkey/kind';
  const { name, credential_id, public_key, sign_count, rp_id, created_on, last_t } = parsed.data;
  return passkeyFactor(
    {
      name: name || 'Passkey',
      createdAt: timeOf(created_on),
      lastUsedAt: timeOf(last_t),
      id: credential_id,
      publicKey: public_key,
      counter: sign_count,
      transports: [],
      backedUp: false,
      rpId: rp_id.toLowerCase() || null,
      // Derived from authentik’s secret key, which no export contains.
      userHandle: null,
    },
    portalHost,
  );
}

/** Epoch milliseconds; null for times before 1970, which authentik writes for old devices. */
function timeOf(written: string | null | undefined): number | null {
  const time = Date.parse(written ?? '');
  return time > 0 ? time : null;
}
