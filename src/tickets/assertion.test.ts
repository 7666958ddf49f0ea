/** An app's own library verifies the assertions. */
import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import type { Route } from '../core/routes/route.ts';
import type { Session } from '../core/people/session.ts';
import type { User } from '../core/people/user.ts';
import { createAssertions } from './assertion.ts';

const OLD = 'an-old-secret-an-old-secret-an-old-secret';
const NEW = 'a-new-secret-a-new-secret-a-new-secret-xx';
const NOW = Date.parse('2026-11-23T12:00:00Z');
const ISSUER = 'https://auth.example.com';

const user: User = {
  id: 'embedded/1',
  name: 'ann',
  displayName: 'Ann',
  email: 'ann@example.com',
  emailVerified: true,
  groups: ['staff'],
  attributes: {},
  disabled: false,
  passwordSetAt: null,
};
const session = { id: 's1', proofs: [{ method: 'password', at: NOW }] } as unknown as Session;
const route = { id: 'wiki' } as Route;
const options = { issuer: ISSUER, audience: 'wiki', currentDate: new Date(NOW + 1000) };

describe('a signed assertion', () => {
  it('verifies against the published keys and names the user', async () => {
    const made = createAssertions([NEW, OLD], () => ISSUER);
    const token = made.sign(user, session, route, NOW);
    const keys = createLocalJWKSet({ keys: [...made.jwks.keys] });
    const { payload } = await jwtVerify(token, keys, options);
    expect(payload).toMatchObject({
      sub: 'embedded/1',
      preferred_username: 'ann',
      groups: ['staff'],
      amr: ['password'],
    });
  });

  it('ENROL-mail: names no address that was never verified', () => {
    const { sign } = createAssertions([NEW], () => ISSUER);
    const claimsOf = (about: User) => {
      const body = sign(about, session, route, NOW).split('.')[1] ?? '';
      return JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    };
    expect(claimsOf(user)).toMatchObject({ email: 'ann@example.com', email_verified: true });
    const claimed = claimsOf({ ...user, emailVerified: false });
    expect(claimed).toMatchObject({ email: '', email_verified: false });
  });

  it('still verifies after the secret that signed it moved to second place', async () => {
    const token = createAssertions([OLD], () => ISSUER).sign(user, session, route, NOW);
    const keys = createLocalJWKSet({
      keys: [...createAssertions([NEW, OLD], () => ISSUER).jwks.keys],
    });
    await expect(jwtVerify(token, keys, options)).resolves.toBeDefined();
  });

  it('is refused after its secret is removed, when it expires, and for another app', async () => {
    const token = createAssertions([OLD], () => ISSUER).sign(user, session, route, NOW);
    const others = createLocalJWKSet({
      keys: [...createAssertions([NEW], () => ISSUER).jwks.keys],
    });
    const own = createLocalJWKSet({ keys: [...createAssertions([OLD], () => ISSUER).jwks.keys] });
    const whyNot = (keys: typeof own, changes: object): Promise<string> =>
      jwtVerify(token, keys, { ...options, ...changes }).then(
        () => 'verified',
        (error: unknown) => (error as { code: string }).code,
      );
    expect(await whyNot(own, {})).toBe('verified');
    expect(await whyNot(others, {})).toBe('ERR_JWKS_NO_MATCHING_KEY');
    expect(await whyNot(own, { audience: 'notes' })).toBe('ERR_JWT_CLAIM_VALIDATION_FAILED');
    const later = new Date(NOW + 6 * 60_000);
    expect(await whyNot(own, { currentDate: later })).toBe('ERR_JWT_EXPIRED');
  });

  it('is created again when the user changed, and cached until then', () => {
    const made = createAssertions([NEW], () => ISSUER);
    const first = made.sign(user, session, route, NOW);
    expect(made.sign(user, session, route, NOW + 1000)).toBe(first);
    expect(made.sign({ ...user, groups: [] }, session, route, NOW + 1000)).not.toBe(first);
    expect(made.sign(user, session, route, NOW + 3 * 60_000)).not.toBe(first);
  });
});
