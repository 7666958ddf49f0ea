/**
 * One entry of a users file: Authelia's keys and ours. Strict, so that a misspelled `disabled` is an error
 * and not an open account.
 */
import { z } from 'zod';
import type { Json } from '../../core/values/json.ts';

/** Bytes of JSON. */
const MAX_ATTRIBUTES = 16 * 1024;
const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

const text = z
  .string()
  .max(1000)
  .refine((t) => !CONTROL.test(t), { message: 'expected text without control characters' });
/** A day counts from its beginning, in UTC. */
const date = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: 'expected a date such as 2026-11-23 or 2026-11-23T09:00:00Z',
  })
  .transform((written) => Date.parse(written));
const id = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    'expected 1 to 64 of the characters a-z 0-9 . _ - that begin with a letter or digit',
  );
const claim = z.union([text, z.number().transform(String)]).nullish();
const json: z.ZodType<Json> = z.json();

/** OpenID claims that Authelia keeps beside a user; they become attributes of the same name. */
const CLAIMS = {
  given_name: claim,
  middle_name: claim,
  family_name: claim,
  nickname: claim,
  gender: claim,
  birthdate: claim,
  website: claim,
  profile: claim,
  picture: claim,
  zoneinfo: claim,
  locale: claim,
  phone_number: claim,
  phone_extension: claim,
};

/** What an entry gives. */
export interface Entry {
  readonly displayName: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly passwordHash: string;
  /** Null: the name. */
  readonly id: string | null;
  readonly groups: readonly string[];
  readonly attributes: Readonly<Record<string, Json>>;
  readonly disabled: boolean;
  /** Epoch milliseconds, or null when the entry does not say. */
  readonly passwordSetAt: number | null;
}

/** The schema of an entry, with `isHash` telling what a password hash is. */
export function entrySchema(isHash: (text: string) => boolean): z.ZodType<Entry> {
  return z
    .strictObject({
      displayname: text.max(200).nullish(),
      email: text
        .max(254)
        .regex(/^(?:[^\s@]+@[^\s@]+)?$/, 'expected an address with exactly one @')
        .nullish(),
      password: z.string().refine(isHash, {
        message:
          'expected an argon2, bcrypt, scrypt, pbkdf2, SHA-crypt or salted SHA hash of bounded cost (make one with doorward hash)',
      }),
      password_changed: date.nullish(),
      id: id.nullish(),
      groups: z.array(text.min(1).max(128)).max(200).nullish(),
      disabled: z.boolean().nullish(),
      attributes: z.record(z.string().max(128), json).nullish(),
      extra: z.record(z.string().max(128), json).nullish(),
      address: z.record(z.string().max(64), claim).nullish(),
      ...CLAIMS,
    })
    .transform((entry, context) => {
      const attributes = new Map<string, Json>();
      const add = (key: string, value: Json): void => {
        if (attributes.has(key)) {
          const message = `${key} is given twice, as a key and as an attribute`;
          context.addIssue({ code: 'custom', message, path: ['attributes'] });
        }
        attributes.set(key, value);
      };
      const claims = Object.entries(entry).filter(([key]) => Object.hasOwn(CLAIMS, key));
      for (const [key, value] of claims) {
        if (typeof value === 'string') add(key, value);
      }
      if (entry.address) add('address', clean(entry.address));
      for (const source of [entry.extra, entry.attributes]) {
        for (const [key, value] of Object.entries(source ?? {})) add(key, value);
      }
      const all = Object.fromEntries(attributes);
      if (Buffer.byteLength(JSON.stringify(all)) > MAX_ATTRIBUTES) {
        const message = `expected at most ${MAX_ATTRIBUTES} bytes of attributes`;
        context.addIssue({ code: 'custom', message, path: ['attributes'] });
      }
      return {
        displayName: entry.displayname ?? '',
        email: entry.email ?? '',
        // Written by an operator.
        emailVerified: (entry.email ?? '') !== '',
        passwordHash: entry.password,
        id: entry.id ?? null,
        groups: [...new Set(entry.groups ?? [])],
        attributes: all,
        disabled: entry.disabled ?? false,
        passwordSetAt: entry.password_changed ?? null,
      };
    });
}

function clean(address: Readonly<Record<string, string | null | undefined>>): Json {
  return Object.fromEntries(
    Object.entries(address).flatMap(([key, value]) =>
      typeof value === 'string' ? [[key, value]] : [],
    ),
  );
}
