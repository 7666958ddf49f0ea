/** An app's own library verifies the assertions. */
import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
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
const wiki = { id: 'wiki', origin: 'https://wiki.example.com' };
const options = { issuer: ISSUER, audience: wiki.origin, currentDate: new Date(NOW + 1000) };

/** The set that an app fetches at this moment. */
const setOf = (secrets: readonly string[], now = NOW) =>
  createLocalJWKSet({ keys: [...createAssertions(secrets, () => ISSUER).jwks(now).keys] });
const whyNot = (token: string, keys: ReturnType<typeof setOf>, changes: object): Promise<string> =>
  jwtVerify(token, keys, { ...options, ...changes }).then(
    () => 'verified',
    (error: unknown) => (error as { code: string }).code,
  );

describe('a signed assertion', () => {
  it('verifies against the published keys and names the user', async () => {
    const token = createAssertions([NEW, OLD], () => ISSUER).sign(user, session, wiki, NOW);
    const { payload } = await jwtVerify(token, setOf([NEW, OLD]), options);
    expect(payload).toMatchObject({
      aud: ['https://wiki.example.com', 'wiki'],
      sub: 'embedded/1',
      user: 'embedded/1',
      preferred_username: 'ann',
      groups: ['staff'],
      amr: ['password'],
      type: 'app',
    });
  });

  it('is accepted by an app that expects the id of the route, and by one a minute behind', async () => {
    const token = createAssertions([NEW], () => ISSUER).sign(user, session, wiki, NOW);
    expect(await whyNot(token, setOf([NEW]), { audience: 'wiki' })).toBe('verified');
    const behind = { currentDate: new Date(NOW - 60_000) };
    expect(await whyNot(token, setOf([NEW]), behind)).toBe('verified');
  });

  it('contains no more groups than fit into a header', () => {
    const groups = Array.from({ length: 1000 }, (_, i) => `department-${i}-of-the-company`);
    const token = createAssertions([NEW], () => ISSUER).sign(
      { ...user, groups },
      session,
      wiki,
      NOW,
    );
    expect(token.length).toBeLessThan(8192);
  });

  it('ENROL-mail: names no address that was never verified', () => {
    const { sign } = createAssertions([NEW], () => ISSUER);
    const claimsOf = (about: User) => {
      const body = sign(about, session, wiki, NOW).split('.')[1] ?? '';
      return JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    };
    expect(claimsOf(user)).toMatchObject({ email: 'ann@example.com', email_verified: true });
    const claimed = claimsOf({ ...user, emailVerified: false });
    expect(claimed).toMatchObject({ email: '', email_verified: false });
  });

  it('still verifies after the secret that signed it moved to second place', async () => {
    const token = createAssertions([OLD], () => ISSUER).sign(user, session, wiki, NOW);
    expect(await whyNot(token, setOf([NEW, OLD]), {})).toBe('verified');
  });

  it('verifies with keys fetched while its secret was in second place', async () => {
    const token = createAssertions([NEW, OLD], () => ISSUER).sign(user, session, wiki, NOW);
    expect(await whyNot(token, setOf([OLD, NEW]), {})).toBe('verified');
  });

  it('is refused after its secret is removed, when it expires, and for another app', async () => {
    const token = createAssertions([OLD], () => ISSUER).sign(user, session, wiki, NOW);
    const own = setOf([OLD]);
    expect(await whyNot(token, own, {})).toBe('verified');
    expect(await whyNot(token, setOf([NEW]), {})).toBe('ERR_JWKS_NO_MATCHING_KEY');
    for (const audience of ['notes', 'https://notes.example.com']) {
      expect(await whyNot(token, own, { audience })).toBe('ERR_JWT_CLAIM_VALIDATION_FAILED');
    }
    const later = new Date(NOW + 6 * 60_000);
    expect(await whyNot(token, own, { currentDate: later })).toBe('ERR_JWT_EXPIRED');
  });

  it('is created again when the user changed, and cached until then', () => {
    const made = createAssertions([NEW], () => ISSUER);
    const first = made.sign(user, session, wiki, NOW);
    expect(made.sign(user, session, wiki, NOW + 1000)).toBe(first);
    expect(made.sign({ ...user, groups: [] }, session, wiki, NOW + 1000)).not.toBe(first);
    expect(made.sign(user, session, wiki, NOW + 3 * 60_000)).not.toBe(first);
    const other = { ...wiki, origin: 'https://wiki.example.org' };
    expect(made.sign(user, session, other, NOW + 1000)).not.toBe(first);
  });
});
