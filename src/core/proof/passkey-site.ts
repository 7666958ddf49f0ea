/**
 * The relying party of each passkey. New passkeys belong to the portal's own host; those of older
 * releases belong to the cookie domain. A sign-in ceremony asks for one relying party (WebAuthn, 5.5),
 * so a page offers a second button where passkeys of both may be needed.
 */

import type { Field } from '../flow/challenge.ts';
import type { AccountReader, Authenticator } from '../people/account.ts';
import {
  type PasskeySite,
  passkeyOf,
  requestOptions,
  type UserVerification,
} from '../people/passkey.ts';
import { isWithin } from '../request/host.ts';
import type { Message } from '../values/message.ts';

/** The key in a passkey's data for its relying party id; older releases stored none. */
export const RP_KEY = 'rpId';

/** A ceremony that a page offers. */
export interface PasskeyRequest {
  readonly rpId: string;
  /** The allowed passkeys; empty: any that the browser has for this relying party. */
  readonly allowed: readonly Authenticator[];
}

/** Names of the fields for passkey responses. */
const FIELDS = ['passkey', 'older_passkey'] as const;

/** The relying party id that a stored passkey was made with. */
export function rpIdOf({ data }: Pick<Authenticator, 'data'>, site: PasskeySite): string {
  const stored = data[RP_KEY];
  return typeof stored === 'string' ? stored : site.olderRpId;
}

/** The passkeys of one relying party. */
export function passkeysAt(
  passkeys: readonly Authenticator[],
  rpId: string,
  site: PasskeySite,
): readonly Authenticator[] {
  return passkeys.filter((passkey) => rpIdOf(passkey, site) === rpId);
}

/**
 * The ceremonies for a proven owner of these passkeys: first the portal's host, if one of them
 * belongs to it, then an older relying party. Relying parties that browsers refuse on this host are left out.
 */
export function requestsFor(
  passkeys: readonly Authenticator[],
  site: PasskeySite,
): readonly PasskeyRequest[] {
  const rpIds = passkeys.map((passkey) => rpIdOf(passkey, site));
  const older = rpIds.filter((rpId) => rpId !== site.rpId && isWithin(site.rpId, rpId));
  const usable = [...(rpIds.includes(site.rpId) ? [site.rpId] : []), ...new Set(older)];
  const chosen = usable.length === 0 ? [site.rpId] : usable.slice(0, FIELDS.length);
  return chosen.map((rpId) => ({ rpId, allowed: passkeysAt(passkeys, rpId, site) }));
}

/**
 * The ceremonies for a visitor who has proved nothing yet: the same for every name, so that the page
 * reveals nothing about an account. The older relying party is left out once no account has a passkey of it.
 */
export async function requestsForAnyone(
  accounts: Pick<AccountReader, 'hasPasskeysOf'>,
  { rpId, olderRpId }: PasskeySite,
): Promise<readonly PasskeyRequest[]> {
  const newer: PasskeyRequest = { rpId, allowed: [] };
  if (olderRpId === rpId || !(await accounts.hasPasskeysOf(olderRpId))) return [newer];
  return [newer, { rpId: olderRpId, allowed: [] }];
}

/** What both fields have in common. */
interface Ask {
  readonly challenge: string;
  readonly userVerification: UserVerification;
  /** Whether the browser also offers passkeys in the username's autofill; only one field of a page can. */
  readonly conditional: boolean;
  readonly label: Message;
  /** The label of the second button. */
  readonly olderLabel: Message;
}

/** The passkey fields of a page, one per ceremony. */
export function passkeyFields(requests: readonly PasskeyRequest[], ask: Ask): readonly Field[] {
  const { challenge, userVerification } = ask;
  return requests.slice(0, FIELDS.length).map(({ rpId, allowed }, index) => ({
    kind: 'passkey',
    name: FIELDS[index] ?? FIELDS[0],
    ceremony: 'get',
    options: requestOptions({
      challenge,
      rpId,
      userVerification,
      allowed: allowed.map(passkeyOf),
    }),
    conditional: index === 0 && ask.conditional,
    label: index === 0 ? ask.label : ask.olderLabel,
  }));
}

/** The passkey response in a submission, from either button; '' without one. */
export function passkeyResponse(
  given: Partial<Readonly<Record<(typeof FIELDS)[number], string | undefined>>>,
): string {
  return FIELDS.map((name) => given[name] ?? '').find((response) => response !== '') ?? '';
}
