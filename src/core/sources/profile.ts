/** What policies and new users get of a profile. Fails closed: what the provider does not vouch for is missing. Pure. */
import type { User } from '../people/user.ts';
import { foldName } from '../people/user.ts';
import type { UserChanges } from '../people/directory.ts';
import type { Json } from '../values/json.ts';
import type { SourceProfile } from './source.ts';

type Claims = Readonly<Record<string, Json>>;

/** One `@`, as in every address that a provider can verify: `a@evil.test@example.com` has two domains. */
const ADDRESS = /^[^\s@]{1,64}@[^\s@]{1,190}$/;

/**
 * The address, if the provider has verified it; null otherwise. Also null for an address that directories
 * would read as another one: `ﬁnn@` with a ligature is not the mailbox `finn@`.
 */
export function verifiedEmail({ email, emailVerified }: SourceProfile): string | null {
  if (!emailVerified || email === null || !ADDRESS.test(email)) return null;
  return email.normalize('NFKC') === email ? email : null;
}

/**
 * The claims as policies see them. `email` is missing unless verified, and `groups` are those of the
 * profile: a rule about a missing claim cannot be evaluated, which refuses.
 */
export function claimsOf(profile: SourceProfile): Claims {
  const { email: _email, email_verified: _verified, groups: _groups, ...others } = profile.claims;
  const email = verifiedEmail(profile);
  return {
    ...others,
    iss: profile.issuer,
    sub: profile.subject,
    email_verified: email !== null,
    ...(email === null ? {} : { email }),
    ...(profile.groups === null ? {} : { groups: profile.groups }),
  };
}

/**
 * The account as policies about users see it; null if the provider says nothing of groups, so that a rule
 * about groups fails whichever way it is written.
 */
export function asUser(profile: SourceProfile): User | null {
  if (profile.groups === null) return null;
  const email = verifiedEmail(profile);
  return {
    id: '',
    name: proposedName(profile) ?? '',
    displayName: profile.displayName ?? '',
    email: email ?? '',
    emailVerified: email !== null,
    groups: profile.groups,
    attributes: {},
    disabled: false,
    passwordSetAt: null,
  };
}

/**
 * The username that a new user would get: what the provider calls it, or the verified address. Never
 * the part before the `@` alone: `admin@evil.test` is not `admin`.
 */
export function proposedName(profile: SourceProfile): string | null {
  const name = foldName(profile.username ?? verifiedEmail(profile) ?? '');
  return name === '' ? null : name;
}

/** A new user as the provider describes it; null if it provides no username. */
export function newUserOf(
  profile: SourceProfile,
): (UserChanges & { readonly name: string }) | null {
  const name = proposedName(profile);
  const email = verifiedEmail(profile);
  if (name === null) return null;
  return {
    name,
    ...(profile.displayName === null ? {} : { displayName: profile.displayName }),
    ...(email === null ? {} : { email, emailVerified: true }),
  };
}
