/**
 * A new account that waits in its run until a code or link sent to its address has been used. Nothing
 * is written to a directory before that, so that strangers can neither occupy names nor leave accounts
 * behind with the addresses of others. A run that ends or expires takes the account with it. Pure.
 */
import type { UserChanges } from '../people/directory.ts';
import type { Subject } from '../people/subject.ts';
import { foldName, type User } from '../people/user.ts';
import type { Json } from '../values/json.ts';
import { isRecord } from '../values/record.ts';
import type { Effect, LinkedAccount } from './effect.ts';

/** The user to create, and what creating it uses up. */
export interface SignUp {
  /** The `User.id` that the user will have. */
  readonly id: string;
  readonly changes: UserChanges & { readonly name: string; readonly email: string };
  readonly passwordHash: string | null;
  readonly invitation: { readonly id: string; readonly isFirst: boolean } | null;
  /** The account at a source by which the user can sign in; left out for none. */
  readonly account?: LinkedAccount;
}

/** The key in `learned`. */
const SIGN_UP_KEY = 'sign_up';

/** What the run remembers until the address is verified. */
export function heldSignUp({ changes, account, ...rest }: SignUp): Readonly<Record<string, Json>> {
  const linked = account === undefined ? {} : { account: { ...account } };
  return { [SIGN_UP_KEY]: { ...rest, ...linked, changes: { ...changes } } };
}

/** Removes it from the run. */
export const NO_SIGN_UP: Readonly<Record<string, null>> = { [SIGN_UP_KEY]: null };

/** The account that waits in this run for this subject, or null. */
export function signUpOf(
  learned: Readonly<Record<string, Json>>,
  subject: Subject | null,
): SignUp | null {
  const held = learned[SIGN_UP_KEY];
  // Written by `heldSignUp` alone; another subject of the run has nothing to do with it.
  return isRecord(held) && isSignUp(held) && held.id === subject?.userId ? held : null;
}

function isSignUp(held: Readonly<Record<string, unknown>>): held is typeof held & SignUp {
  const { id, changes, passwordHash, invitation, account } = held;
  return (
    typeof id === 'string' &&
    isRecord(changes) &&
    typeof changes['name'] === 'string' &&
    typeof changes['email'] === 'string' &&
    (passwordHash === null || typeof passwordHash === 'string') &&
    (invitation === null || isRecord(invitation)) &&
    (account === undefined || isRecord(account))
  );
}

/** Creates the account, enabled and with a verified address; ordered by the stage that verified it. */
export function openingOf(signUp: SignUp): readonly Effect[] {
  const { id, changes, passwordHash, invitation, account } = signUp;
  const { disabled: _disabled, ...rest } = changes;
  return [
    ...(invitation === null ? [] : [{ kind: 'spend-invitation', ...invitation } as const]),
    {
      kind: 'write-user',
      mode: 'create',
      id,
      changes: { ...rest, emailVerified: true },
      ...(passwordHash === null ? {} : { passwordHash }),
      ...(account === undefined ? {} : { account }),
    },
  ];
}

/** The user that these effects create, for stages that follow before it is written; null for none. */
export function createdBy(effects: readonly Effect[], now: number): User | null {
  const effect = effects.find((one) => one.kind === 'write-user' && one.mode === 'create');
  if (effect?.kind !== 'write-user' || effect.id === undefined) return null;
  const { name = '', displayName, email = '', emailVerified = false } = effect.changes;
  const { groups = [], attributes = {}, disabled = false } = effect.changes;
  return {
    id: effect.id,
    // As directories store new names.
    name: foldName(name),
    displayName: displayName || name,
    email,
    emailVerified: email !== '' && emailVerified,
    groups,
    attributes,
    disabled,
    passwordSetAt: effect.passwordHash === undefined ? null : now,
  };
}
