/** What a JSON Web Token says, and whether it counts, apart from its signature. */
import { describe, expect, it } from 'vitest';
import { fakeDirectory, START, testUser } from '../../../test/support/fakes.ts';
import { testClaims, testIssuer } from '../../../test/support/jwt.ts';
import { faultOf, inventedJwt, isJwtLike, type Issuer, judgeJwt, readJwt, termOf } from './jwt.ts';

const header = { alg: 'ES256', typ: 'JWT' };
const NOW = START / 1000;
const faultWith = (
  claims: Readonly<Record<string, unknown>>,
  issuer = testIssuer(),
  head: Readonly<Record<string, unknown>> = header,
) => faultOf({ header: head, claims: testClaims(claims) }, issuer, START);

const encoded = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

describe('the text of a token', () => {
  it.each(['a.b.c', 'a.b.', 'A-_0.b.c'])('has its form: %s', (text) => {
    expect(isJwtLike(text)).toBe(true);
  });

  it.each(['', 'a', 'a.b', '.b.c', 'a..c', 'a.b.c.d', 'a.b.c=', 'a.b.c.d.e', 'a+.b.c', 'dwt_x'])(
    'has another form: %j',
    (text) => {
      expect(isJwtLike(text)).toBe(false);
    },
  );

  it('is read', () => {
    const text = `${encoded(header)}.${encoded({ iss: 'x' })}.`;
    expect(readJwt(text)).toEqual({ header, claims: { iss: 'x' } });
  });

  it.each([
    `${encoded('{')}.${encoded({})}.`,
    `${encoded([])}.${encoded({})}.`,
    `${encoded({})}.${encoded('null')}.`,
    `${encoded({})}.${Buffer.from([0x22, 0xff, 0x22]).toString('base64url')}.`,
  ])('is malformed: %s', (text) => {
    expect(readJwt(text)).toBeNull();
  });
});

describe('a token', () => {
  it('counts', () => {
    expect(faultWith({})).toBeNull();
    expect(faultWith({ aud: ['https://other', 'https://wiki.example.com'] })).toBeNull();
    expect(faultWith({ nbf: NOW + 60, iat: NOW + 60 })).toBeNull();
    expect(faultWith({ exp: NOW - 59 })).toBeNull();
    expect(faultWith({ iat: undefined })).toBeNull();
    expect(faultWith({}, testIssuer(), { alg: 'RS256' })).toBeNull();
    expect(faultWith({}, testIssuer(), { ...header, typ: 'at+JWT', kid: 'a' })).toBeNull();
  });

  it.each([
    [{ iss: 'https://ci.example.com/' }, 'jwt/issuer'],
    [{ iss: 'HTTPS://ci.example.com' }, 'jwt/issuer'],
    [{ iss: undefined }, 'jwt/issuer'],
    [{ iss: ['https://ci.example.com'] }, 'jwt/issuer'],
    [{ aud: undefined }, 'jwt/audience'],
    [{ aud: '' }, 'jwt/audience'],
    [{ aud: 'https://wiki.example.com.evil' }, 'jwt/audience'],
    [{ aud: [['https://wiki.example.com']] }, 'jwt/audience'],
    [{ aud: { 0: 'https://wiki.example.com' } }, 'jwt/audience'],
    [{ sub: undefined }, 'jwt/malformed'],
    [{ sub: '' }, 'jwt/malformed'],
    [{ sub: 5 }, 'jwt/malformed'],
    [{ sub: 'x'.repeat(256) }, 'jwt/malformed'],
    [{ exp: undefined }, 'jwt/malformed'],
    [{ exp: String(NOW + 60) }, 'jwt/malformed'],
    [{ exp: 1e300 }, 'jwt/malformed'],
    [{ exp: -1 }, 'jwt/malformed'],
    [{ exp: NOW - 60 }, 'jwt/expired'],
    [{ nbf: NOW + 61 }, 'jwt/not-yet'],
    [{ iat: NOW + 61 }, 'jwt/not-yet'],
    [{ nbf: 'soon' }, 'jwt/malformed'],
    [{ iat: null }, 'jwt/malformed'],
    [{ exp: NOW + 86_401 }, 'jwt/lifetime'],
    [{ iat: undefined, exp: NOW + 86_401 }, 'jwt/lifetime'],
    [{ iat: NOW - 86_400, exp: NOW + 10 }, 'jwt/lifetime'],
  ])('does not count with %j: %s', (claims, fault) => {
    expect(faultWith(claims)).toBe(fault);
  });

  it.each([
    [{ alg: 'none' }, 'jwt/algorithm'],
    [{ alg: 'None' }, 'jwt/algorithm'],
    [{ alg: 'HS256' }, 'jwt/algorithm'],
    [{ alg: 'PS256' }, 'jwt/algorithm'],
    [{ alg: ['ES256'] }, 'jwt/algorithm'],
    [{}, 'jwt/algorithm'],
    [{ ...header, typ: 'JWE' }, 'jwt/malformed'],
    [{ ...header, typ: 'dpop+jwt' }, 'jwt/malformed'],
    [{ ...header, typ: null }, 'jwt/malformed'],
    [{ ...header, kid: 5 }, 'jwt/malformed'],
    [{ ...header, crit: ['b64'], b64: false }, 'jwt/malformed'],
  ])('does not count with the header %j: %s', (head, fault) => {
    expect(faultWith({}, testIssuer(), head)).toBe(fault);
  });

  it('counts only with the claims that are required', () => {
    const issuer = testIssuer({
      claims: [
        ['repository', ['org/app', 'org/lib']],
        ['protected', [true]],
        ['roles', ['deploy']],
      ],
    });
    const right = { repository: 'org/app', protected: true, roles: ['read', 'deploy'] };
    expect(faultWith(right, issuer)).toBeNull();
    for (const wrong of [
      { repository: 'org/app2' },
      { repository: 'ORG/APP' },
      { repository: undefined },
      { protected: 'true' },
      { protected: 1 },
      { roles: 'read deploy' },
      { roles: [['deploy']] },
    ]) {
      expect(faultWith({ ...right, ...wrong }, issuer)).toBe('jwt/claims');
    }
    expect(faultWith({}, testIssuer({ claims: [['constructor', ['x']]] }))).toBe('jwt/claims');
  });

  it('counts until a minute after its expiry', () => {
    const term = termOf({ header, claims: testClaims() });
    expect(term).toEqual({ subject: 'repo:org/app', until: START + 3_660_000 });
  });

  it('can be of several entries with one issuer', async () => {
    const verified: string[] = [];
    const judge = (...issuers: Issuer[]) =>
      judgeJwt(
        { header, claims: testClaims() },
        {
          issuers,
          directory: fakeDirectory(testUser()),
          now: START,
          verify: async ({ name }) => {
            verified.push(name);
            return null;
          },
        },
      );
    const strict = testIssuer({ name: 'strict', claims: [['ref', ['main']]] });
    const other = testIssuer({ name: 'other', issuer: 'https://other.example' });
    expect(await judge(other, strict, testIssuer())).toMatchObject({ issuer: { name: 'ci' } });
    expect(await judge(other, strict)).toBe('jwt/claims');
    expect(await judge(other)).toBe('jwt/issuer');
    // No key is asked for before all else fits.
    expect(verified).toEqual(['ci']);
  });

  it('can be invented', () => {
    const jwt = inventedJwt(testIssuer(), { repository: 'org/app' }, START);
    expect(faultOf(jwt, testIssuer({ claims: [['repository', ['org/app']]] }), START)).toBeNull();
  });
});

describe('the user of a token', () => {
  const ann = testUser({ groups: ['machines'] });
  const userFor = async (changes: Partial<Issuer>, claims = {}) => {
    const judged = await judgeJwt(
      { header, claims: testClaims(claims) },
      {
        issuers: [testIssuer(changes)],
        directory: fakeDirectory(ann, testUser({ id: 'fake/dan', name: 'dan', disabled: true })),
        verify: async () => null,
        now: START,
      },
    );
    return typeof judged === 'string' ? judged : judged.user;
  };

  it('is the one that the issuer stands for, with its groups', async () => {
    expect(await userFor({})).toEqual(ann);
    expect(await userFor({ groups: ['ci', 'machines'] })).toEqual({
      ...ann,
      groups: ['machines', 'ci'],
    });
  });

  it('is the one that a claim names, if an allowed group has it', async () => {
    const user = { claim: 'sub', prefix: 'sa:', memberOf: ['machines'] };
    expect(await userFor({ user }, { sub: 'sa:ann' })).toEqual(ann);
    for (const sub of ['ann', 'sa:', 'SA:ann', 'sa:bob', 'sa:ann@example.com', 'xsa:ann']) {
      expect([sub, await userFor({ user }, { sub })]).toEqual([sub, 'jwt/no-user']);
    }
    // Letters that look alike to us are different ones to the issuer.
    for (const sub of ['sa:\uff41nn', 'sa:an\u207f', 'sa:ann\ufe00', 'sa:ann\u00a0', 'sa: ann']) {
      expect([sub, await userFor({ user }, { sub })]).toEqual([sub, 'jwt/no-user']);
    }
    const admins = { ...user, memberOf: ['admins'] };
    expect(await userFor({ user: admins, groups: ['admins'] }, { sub: 'sa:ann' })).toBe(
      'jwt/no-user',
    );
    expect(await userFor({ user: { ...user, claim: 'toString' } })).toBe('jwt/no-user');
  });

  it('is none if it is unknown or disabled', async () => {
    expect(await userFor({ user: { name: 'unknown' } })).toBe('jwt/no-user');
    expect(await userFor({ user: { name: 'dan' } })).toBe('jwt/no-user');
    expect(await userFor({ user: { name: 'ann@example.com' } })).toBe('jwt/no-user');
  });
});
