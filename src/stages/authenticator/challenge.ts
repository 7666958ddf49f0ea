/** Builds the page for each method, with links to the other methods. */
import type { AuthenticatorKind } from '../../core/people/account.ts';
import { maskedAddress } from '../../core/proof/mailed-code.ts';
import type { Message } from '../../core/values/message.ts';
import { passkeyFields } from '../../core/proof/passkey-site.ts';
import type { Challenge, Field } from '../../core/flow/challenge.ts';
import type { Context, StageState } from './state.ts';

/** Maximum length of a typed code, including spaces and dashes. */
export const MAX_CODE = 64;

export function challenge(ctx: Context, state: StageState, way: AuthenticatorKind): Challenge {
  const others = otherWays(state, way);
  return {
    type: 'authenticator',
    title: { key: `authenticator.title.${way}` },
    lead: leadOf(state, way),
    fields: [
      { kind: 'username', value: state.subject.login },
      ...(way === 'webauthn' ? requestFields(ctx, state) : [codeField(way)]),
      ...(others.length === 0 ? [] : [otherField(others)]),
    ],
    submit: { key: way === 'webauthn' ? 'authenticator.passkey' : 'authenticator.submit' },
    restart: { key: 'authenticator.restart' },
  };
}

function leadOf({ kept }: StageState, way: AuthenticatorKind): Message {
  return way === 'email_code'
    ? {
        key: 'authenticator.lead.email_code',
        values: { to: maskedAddress(kept.code?.to ?? '') },
      }
    : { key: `authenticator.lead.${way}` };
}

function codeField(way: AuthenticatorKind): Field {
  return {
    kind: 'code',
    name: 'code',
    label: { key: `authenticator.code.${way}` },
    autocomplete: way === 'recovery_code' ? 'off' : 'one-time-code',
    required: true,
    maxLength: MAX_CODE,
  };
}

function requestFields(ctx: Context, { isOwner, requests }: StageState): readonly Field[] {
  return passkeyFields(requests, {
    challenge: ctx.nonce,
    // Before the user is verified, the passkey is the only proof, so it must verify the user as
    // well.
    userVerification: isOwner ? ctx.config.user_verification : 'required',
    conditional: false,
    label: { key: 'authenticator.passkey' },
    olderLabel: { key: 'authenticator.passkey.older' },
  });
}

function otherWays(
  { ways }: StageState,
  way: AuthenticatorKind,
): readonly { readonly value: AuthenticatorKind; readonly label: Message }[] {
  const others = ways
    .filter((other) => other !== way)
    .map((value) => ({ value, label: { key: `authenticator.way.${value}` } }));
  if (way !== 'email_code') return others;
  return [{ value: 'email_code', label: { key: 'authenticator.again' } }, ...others];
}

function otherField(options: ReturnType<typeof otherWays>): Field {
  const label = { key: 'authenticator.another' };
  return { kind: 'choice', name: 'way', label, options, required: false };
}
