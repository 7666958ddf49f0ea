/**
 * Proving a user by passkey, the same for every stage: a challenge counts once, the passkey must belong
 * to the subject, and unknown, foreign and disabled ones look alike.
 */

import type { ProofResult, StageContext } from '../flow/stage.ts';
import type { Authenticator } from '../people/account.ts';
import { claimedPasskey } from '../people/passkey.ts';
import type { Subject } from '../people/subject.ts';
import type { Vault } from '../values/system.ts';
import { RP_KEY, rpIdOf } from './passkey-site.ts';

/** The key in `learned` that is true if a passkey, and not a name, identified and verified the user. */
export const PASSKEY_KEY = 'passkey';

/** Longest name a subject may have, in characters. */
const MAX_LOGIN = 254;

type Ports = 'accounts' | 'directories' | 'marks' | 'passkeys' | 'vault';

/** The result of a passkey response. */
export interface PasskeyProof {
  readonly proof: ProofResult;
  /** The user it proves; without an account for an unknown passkey. */
  readonly subject: Subject;
  /** If it was right, the use to record, with the new counter; otherwise null. */
  readonly used: { readonly id: string; readonly data: Authenticator['data'] } | null;
}

/** The key in a passkey's data for the handle it was made with. */
export const HANDLE_KEY = 'userHandle';

/** Longest user handle, in bytes (WebAuthn, 5.4.3). */
const MAX_HANDLE_BYTES = 64;

/**
 * The handle for a new passkey: the one of the user's other passkeys, or one derived from this very
 * challenge, which only the owner's page has seen. An app on a host of the same relying party can make
 * passkeys, and browsers replace a passkey with the same handle, so an app must never be able to
 * compute it.
 */
export function newUserHandle(
  vault: Pick<Vault, 'sign'>,
  nonce: string,
  known: readonly Authenticator[],
): string {
  const kept = known
    .map(({ data }) => data[HANDLE_KEY])
    .find((handle) => typeof handle === 'string');
  if (typeof kept === 'string') return kept;
  const parts = ['one', 'two'].map((half) => vault.sign('passkey-user', `${half} ${nonce}`));
  const bytes = Buffer.concat(parts.map((part) => Buffer.from(part, 'base64url')));
  return bytes.subarray(0, MAX_HANDLE_BYTES).toString('base64url');
}

/**
 * The handle a passkey was made with; older releases derived it from the user's id. Null if the
 * passkey was imported without it: then it identifies no user until it was seen beside a right
 * response. The signature does not cover it.
 */
function handleOf(vault: Pick<Vault, 'name'>, { data, userId }: Authenticator): string | null {
  const kept = data[HANDLE_KEY];
  if (kept === null) return null;
  return typeof kept === 'string' ? kept : userHandle(vault, userId);
}

function isHandle(text: string | null): boolean {
  return text !== null && Buffer.from(text, 'base64url').length <= MAX_HANDLE_BYTES;
}

/** The handle that older releases used: opaque (WebAuthn, 14.6.1), but derived from the user's id. */
export function userHandle(vault: Pick<Vault, 'name'>, userId: string): string {
  return asBrowsersSay(vault.name('passkey-user', userId));
}

/** Re-encodes a truncated name as browsers do: from its bytes, so the last character is canonical. */
function asBrowsersSay(handle: string): string {
  return Buffer.from(handle, 'base64url').toString('base64url');
}

/**
 * Checks a browser's passkey response against `ctx.nonce`. `meant`: the only subject it may prove;
 * null for the passkey's owner. `verified`: whether the authenticator must have verified its owner.
 */
export async function provePasskey(
  ctx: Pick<StageContext<unknown, Ports>, 'prove' | 'ports' | 'nonce' | 'site' | 'expiresAt'>,
  response: string,
  { meant, verified }: { readonly meant: Subject | null; readonly verified: boolean },
): Promise<PasskeyProof> {
  const { accounts, directories, marks, passkeys, vault } = ctx.ports;
  const claimed = claimedPasskey(response);
  const passkey = claimed === null ? null : await accounts.authenticatorBy('webauthn', claimed.id);
  const user = passkey === null ? null : await directories.read(passkey.userId);
  const owner: Subject = {
    login: (user?.name ?? claimed?.id ?? '').slice(0, MAX_LOGIN),
    userId: user?.id ?? null,
  };
  const subject = meant ?? owner;
  let used: PasskeyProof['used'] = null;
  const proof = await ctx.prove('webauthn', subject, async () => {
    // Taken before anything is checked: a challenge may be tried only once.
    if (!(await marks.take(`passkey:${ctx.nonce}`, ctx.expiresAt))) return 'wrong';
    if (claimed === null || passkey === null || user === null || user.disabled) return 'wrong';
    if (passkey.userId !== subject.userId || user.id !== passkey.userId) return 'wrong';
    // The user that the authenticator names; required if no username was given (7.2, step 6).
    const known = handleOf(vault, passkey);
    const isHandled = claimed.userHandle === known;
    const isUnknown = known === null && meant !== null && isHandle(claimed.userHandle);
    if (claimed.userHandle === null ? meant === null : !isHandled && !isUnknown) return 'wrong';
    // Exactly the relying party that it was made with: the browser signs its hash (7.2, step 15).
    const rpId = rpIdOf(passkey, ctx.site);
    const { origin } = ctx.site;
    const expected = { challenge: ctx.nonce, origin, rpId, verified };
    const data = await passkeys.verify(response, expected, passkey);
    if (data === null) return 'wrong';
    // Stored from now on, so that a new cookie domain cannot change its relying party.
    const seen = isUnknown ? { [HANDLE_KEY]: claimed.userHandle } : {};
    used = { id: passkey.id, data: { ...data, ...seen, [RP_KEY]: rpId } };
    return 'right';
  });
  return { proof, subject, used };
}
