/** What is asked for each method, with "another way" beside it. */
import type { AuthenticatorKind } from '../../core/account.ts';
import { maskedAddress } from '../../core/mailed-code.ts';
import type { Message } from '../../core/message.ts';
import { passkeyOf, requestOptions } from '../../core/passkey.ts';
import type { Challenge, Field } from '../../core/challenge.ts';
import type { Context, Standing } from './standing.ts';

/** Longest code as typed, blanks and dashes included. */
export const MAX_CODE = 64;

/** The page for the method at hand. */
export function challenge(ctx: Context, standing: Standing, way: AuthenticatorKind): Challenge {
  const others = otherWays(standing, way);
  return {
    type: 'authenticator',
    title: { key: `authenticator.title.${way}` },
    lead: leadOf(standing, way),
    fields: [
      { kind: 'username', value: standing.subject.login },
      way === 'webauthn' ? passkeyField(ctx, standing) : codeField(way),
      ...(others.length === 0 ? [] : [otherField(others)]),
    ],
    submit: { key: way === 'webauthn' ? 'authenticator.passkey' : 'authenticator.submit' },
    restart: { key: 'authenticator.restart' },
  };
}

function leadOf({ kept }: Standing, way: AuthenticatorKind): Message {
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

function passkeyField(ctx: Context, { isOwner, owned }: Standing): Field {
  const passkeys = owned.filter((one) => one.kind === 'webauthn');
  return {
    kind: 'passkey',
    name: 'passkey',
    ceremony: 'get',
    options: requestOptions({
      challenge: ctx.nonce,
      rpId: ctx.site.rpId,
      // Alone, a passkey must stand for its owner and not only for itself.
      userVerification: isOwner ? ctx.config.user_verification : 'required',
      // Named to nobody but their owner: whoever only typed a name must not learn whose it is.
      allowed: isOwner ? passkeys.map(passkeyOf) : [],
    }),
    conditional: false,
    label: { key: 'authenticator.passkey' },
  };
}

function otherWays(
  { ways }: Standing,
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
