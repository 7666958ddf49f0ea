/**
 * The contract of core/administration/importer.ts: each importer recognizes the files of its product
 * alone, and whatever a file contains, it returns users that can be stored, or the Problem of a fault.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExportFile, Importer } from '../../src/core/administration/importer.ts';
import type { UserEntry } from '../../src/core/administration/import-users.ts';
import { Problem } from '../../src/core/values/problem.ts';
import { importers } from '../../src/importers/index.ts';
import { createPasswords } from '../../src/passwords/passwords.ts';
import { exportOf } from '../support/exports.ts';

const HASH = 'pbkdf2_sha256$720000$seasalt$eDupbcisD1UuIiou3hMuMu8oe/XwnpDw45r6AA5iv0E=';
const passkey = { credentialId: 'AQID', credentialPublicKey: 'pQECAyYgASFYIA', counter: 1 };

/** One user with everything, of each product. */
const EXPORTS: Readonly<Record<string, object>> = {
  Keycloak: {
    realm: 'acme',
    webAuthnPolicyRpId: 'auth.example.com',
    users: [
      {
        id: 'a1',
        username: 'ann',
        firstName: 'Ann',
        email: 'ann@example.com',
        emailVerified: true,
        enabled: true,
        attributes: { plan: ['gold'] },
        credentials: [
          {
            type: 'password',
            createdDate: 1,
            secretData: '{"value":"c29tZSBzaXh0ZWVuIGJ5dGVz","salt":"c2FsdA=="}',
            credentialData: '{"hashIterations":1000,"algorithm":"pbkdf2-sha256"}',
          },
          {
            type: 'otp',
            secretData: '{"value":"JBSWY3DPEHPK3PXP"}',
            credentialData:
              '{"subType":"totp","digits":6,"period":30,"algorithm":"HmacSHA1","secretEncoding":"BASE32"}',
          },
          { type: 'webauthn', secretData: '{}', credentialData: JSON.stringify(passkey) },
        ],
        requiredActions: [],
        realmRoles: ['editor'],
        clientRoles: { account: ['view'] },
        groups: ['/staff'],
      },
    ],
  },
  authentik: [
    {
      model: 'authentik_core.user',
      pk: 1,
      fields: {
        username: 'ann',
        name: 'Ann',
        email: 'ann@example.com',
        password: HASH,
        password_change_date: '2024-03-02T11:00:00Z',
        is_active: true,
        attributes: { a: { b: 1 } },
        groups: ['g'],
      },
    },
    { model: 'authentik_core.group', pk: 'g', fields: { name: 'staff', parent: 'h' } },
    { model: 'authentik_core.group', pk: 'h', fields: { name: 'all', parent: null } },
    {
      model: 'authentik_stages_authenticator_totp.totpdevice',
      pk: 1,
      fields: { user: 1, key: '48656c6c6f21deadbeef', step: 30, t0: 0, digits: 6 },
    },
    {
      model: 'authentik_stages_authenticator_webauthn.webauthndevice',
      pk: 1,
      fields: {
        user: 1,
        credential_id: 'AQID',
        public_key: 'pQECAyYgASFYIA',
        sign_count: 1,
        rp_id: 'auth.example.com',
      },
    },
  ],
  Authelia: {
    users: {
      ann: { displayname: 'Ann', email: 'ann@example.com', password: HASH, groups: ['staff'] },
    },
  },
};

const passwords = createPasswords();

function read(importer: Importer, files: readonly ExportFile[]): readonly UserEntry[] {
  const isHash = (text: string): boolean => passwords.isHash(text);
  return importer.read(files, { isHash, portalHost: 'auth.example.com', trustsEmail: false })
    .entries;
}

/** Paths to all values within a value. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

/** The value with another one at a path; without it if that is undefined. */
function withValue(value: unknown, [key, ...rest]: readonly string[], other: unknown): unknown {
  if (key === undefined) return other;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  const inner = withValue((value as Record<string, unknown>)[key], rest, other);
  Object.defineProperty(copy, key, { value: inner, enumerable: inner !== undefined });
  return copy;
}

const ODD = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    '',
    0,
    -1,
    1e308,
    true,
    [],
    {},
    [null],
    '__proto__',
    'x'.repeat(5_000),
    '\0\ud800',
    '{"value":',
    '9'.repeat(400),
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string(),
);

describe.each(importers)('the importer of $product', (importer) => {
  const whole = EXPORTS[importer.product] ?? {};

  it('recognizes its own files alone', () => {
    const known = Object.entries(EXPORTS).filter(([, json]) =>
      importer.recognizes(exportOf('x.json', json)),
    );
    expect(known.map(([product]) => product)).toEqual([importer.product]);
  });

  it('reads users that can be stored, or reports a fault, whatever a file contains', () => {
    // The users file is read from its text, which is JSON and therefore YAML, too.
    expect(read(importer, [exportOf('x.json', whole)])).toHaveLength(1);
    const paths = fc.constantFrom(...pathsOf(whole));
    fc.assert(
      fc.property(fc.array(fc.tuple(paths, ODD), { minLength: 1, maxLength: 3 }), (changes) => {
        const json = changes.reduce<unknown>((value, [path, odd]) => {
          try {
            return withValue(value, path, odd);
          } catch {
            // Named fallback: an earlier change removed what is above this path.
            return value;
          }
        }, whole);
        const file = exportOf('x.json', json ?? null);
        if (!importer.recognizes(file)) return;
        try {
          for (const entry of read(importer, [file])) expectStorable(entry);
        } catch (caught) {
          if (!(caught instanceof Problem)) throw caught;
          expect(['import/file', 'directory/file']).toContain(caught.code);
        }
      }),
    );
  });
});

function expectStorable({ user, passwordHash, factors = [] }: UserEntry): void {
  expect(user.name).not.toBe('');
  expect(passwordHash === null || passwords.isHash(passwordHash)).toBe(true);
  expect(user.passwordSetAt ?? 0).toSatisfy(Number.isSafeInteger);
  expect(() => JSON.stringify(user.attributes)).not.toThrow();
  for (const { kind, handle, name, createdAt, lastUsedAt, data } of factors) {
    expect(kind === 'totp' || handle !== '').toBe(true);
    expect(name.length).toBeLessThanOrEqual(64);
    expect(name).not.toMatch(/\p{Cc}/u);
    for (const time of [createdAt ?? 0, lastUsedAt ?? 0])
      expect(time).toSatisfy(Number.isSafeInteger);
    expect(JSON.stringify(data).length).toBeLessThan(8_192);
  }
}
