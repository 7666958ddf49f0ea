/** Signatures, and how the keys for them are fetched. */
import { createHmac } from 'node:crypto';
import { exportSPKI, importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { fakeClock } from '../../test/support/fakes.ts';
import { testClaims, testIssuer, testKey } from '../../test/support/jwt.ts';
import type { JwtVerifier } from '../core/proof/jwt.ts';
import type { Json } from '../core/values/json.ts';
import { createJwtVerifier } from './verify.ts';

const MINUTE = 60_000;
const KEYS = 'https://ci.example.com/keys';
const one = await testKey('one');
const two = await testKey('two');
const rsa = await testKey('rsa', 'RS256');

function world(...keys: (typeof one)[]) {
  const clock = fakeClock();
  const asked: string[] = [];
  const pages = new Map<string, unknown>([[KEYS, { keys: keys.map(({ jwk }) => jwk) }]]);
  const state: { wait: Promise<void> | null } = { wait: null };
  const verifier = createJwtVerifier({
    clock,
    async fetchJson(url) {
      asked.push(url);
      await state.wait;
      if (!pages.has(url)) throw new Error('down');
      return pages.get(url) as Json;
    },
  });
  const verify: JwtVerifier['verify'] = (text, issuer) => verifier.verify(text, issuer);
  return { asked, clock, pages, state, verifier, verify };
}

describe('a signature', () => {
  it('counts with a key of the issuer', async () => {
    const { verify } = world(one, two, rsa);
    for (const key of [one, two, rsa]) {
      expect(await verify(await key.sign(testClaims()), testIssuer())).toBeNull();
    }
  });

  it('does not count with another key, whatever the header says', async () => {
    const { asked, verify } = world(one);
    const { kid: _, ...jwk } = two.jwk;
    for (const header of [
      { kid: 'one' },
      { kid: '' },
      { kid: '../../../dev/null' },
      { kid: "one' OR '1'='1" },
      { kid: 'one', jwk },
      { kid: 'one', jku: 'https://evil.example/keys' },
      { kid: 'one', x5u: 'https://evil.example/cert' },
      { kid: 'one', x5c: ['MIIB'] },
    ]) {
      const text = await two.sign(testClaims(), header);
      expect([header, await verify(text, testIssuer())]).toEqual([
        header,
        expect.stringMatching(/^jwt\/(?:key|signature)$/),
      ]);
    }
    expect(new Set(asked)).toEqual(new Set([KEYS]));
  });

  it('does not count if anything of the token was changed', async () => {
    const { verify } = world(one);
    const [header, claims, signature] = (await one.sign(testClaims())).split('.');
    const other = Buffer.from(JSON.stringify(testClaims({ sub: 'other' }))).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const text of [
      `${header}.${other}.${signature}`,
      `${header}.${claims}.`,
      `${none}.${claims}.`,
      `${none}.${claims}.${signature}`,
    ]) {
      expect(await verify(text, testIssuer())).not.toBeNull();
    }
  });

  it('does not count with the public key as a shared secret', async () => {
    const { verify } = world(rsa);
    const key = await importJWK(rsa.jwk, 'RS256');
    const pem = key instanceof Uint8Array ? '' : await exportSPKI(key);
    const head = Buffer.from('{"alg":"HS256","kid":"rsa"}').toString('base64url');
    const body = Buffer.from(JSON.stringify(testClaims())).toString('base64url');
    for (const secret of [pem, JSON.stringify(rsa.jwk)]) {
      const mac = createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url');
      expect(await verify(`${head}.${body}.${mac}`, testIssuer())).toBe('jwt/signature');
    }
  });

  it('does not count in an algorithm that the issuer does not use', async () => {
    const { verify } = world(rsa);
    const issuer = testIssuer({ algorithms: ['ES256'] });
    expect(await verify(await rsa.sign(testClaims()), issuer)).toBe('jwt/signature');
  });

  it('without a key id counts if only one key fits', async () => {
    const text = await one.sign(testClaims(), { kid: undefined as unknown as string });
    expect(await world(one, rsa).verify(text, testIssuer())).toBeNull();
    expect(await world(one, two).verify(text, testIssuer())).toBe('jwt/key');
  });
});

describe('the keys of an issuer', () => {
  it('are fetched once for many tokens', async () => {
    const { asked, verify } = world(one);
    const texts = await Promise.all(
      Array.from({ length: 50 }, (_, i) => one.sign(testClaims({ jti: i }))),
    );
    const results = await Promise.all(texts.map((text) => verify(text, testIssuer())));
    expect(results.every((result) => result === null)).toBe(true);
    expect(asked).toEqual([KEYS]);
  });

  it('are found by the issuer’s metadata, which must be its own', async () => {
    const issuer = testIssuer({ issuer: 'https://ci.example.com/a/', keys: { kind: 'discovery' } });
    const text = await one.sign(testClaims());
    const { asked, clock, pages, verify } = world(one);
    const metadata = 'https://ci.example.com/a/.well-known/openid-configuration';
    pages.set(metadata, { issuer: 'https://ci.example.com/a', jwks_uri: KEYS });
    await expect(verify(text, issuer)).rejects.toMatchObject({ code: 'issuer/unavailable' });
    clock.advance(5_000);
    pages.set(metadata, { issuer: 'https://ci.example.com/a/', jwks_uri: KEYS });
    expect(await verify(text, issuer)).toBeNull();
    expect(asked).toEqual([metadata, metadata, KEYS]);
  });

  it('can stand in the configuration', async () => {
    const { asked, verify } = world();
    const keys = { kind: 'inline', keys: JSON.stringify({ keys: [one.jwk] }) } as const;
    expect(await verify(await one.sign(testClaims()), testIssuer({ keys }))).toBeNull();
    expect(await verify(await two.sign(testClaims()), testIssuer({ keys }))).toBe('jwt/key');
    expect(asked).toEqual([]);
  });

  it.each([{}, { keys: {} }, [], null, { keys: Array.from({ length: 65 }, () => one.jwk) }])(
    'are not %j',
    async (page) => {
      const { pages, verify } = world();
      pages.set(KEYS, page);
      await expect(verify(await one.sign(testClaims()), testIssuer())).rejects.toMatchObject({
        code: 'issuer/unavailable',
        status: 503,
      });
    },
  );

  it('are not asked for again at once while the issuer is down', async () => {
    const { asked, clock, pages, verify } = world(one);
    const page = pages.get(KEYS);
    pages.delete(KEYS);
    const text = await one.sign(testClaims());
    for (let i = 0; i < 10; i += 1) {
      await expect(verify(text, testIssuer())).rejects.toMatchObject({ status: 503 });
    }
    expect(asked).toHaveLength(1);
    pages.set(KEYS, page);
    clock.advance(5_000);
    expect(await verify(text, testIssuer())).toBeNull();
  });

  it('are asked for again for an unknown one, but not for each', async () => {
    const { asked, clock, pages, verify } = world(one);
    expect(await verify(await one.sign(testClaims()), testIssuer())).toBeNull();
    pages.set(KEYS, { keys: [one.jwk, two.jwk] });
    expect(await verify(await two.sign(testClaims()), testIssuer())).toBe('jwt/key');
    clock.advance(30_000);
    const forged = await Promise.all(
      Array.from({ length: 50 }, (_, i) => rsa.sign(testClaims(), { kid: `forged ${i}` })),
    );
    const texts = [...forged, await two.sign(testClaims())];
    const results = await Promise.all(texts.map((text) => verify(text, testIssuer())));
    expect(results.filter((result) => result === null)).toHaveLength(1);
    expect(results.at(-1)).toBeNull();
    for (const text of forged) await verify(text, testIssuer());
    expect(asked).toHaveLength(2);
  });

  it('that are old are renewed in the background, and believed for six hours without it', async () => {
    const { asked, clock, pages, state, verify } = world(one);
    const text = await one.sign(testClaims());
    await verify(text, testIssuer());
    pages.delete(KEYS);
    // Its reply never comes.
    state.wait = new Promise(() => undefined);
    clock.advance(10 * MINUTE);
    expect(await verify(text, testIssuer())).toBeNull();
    expect(asked).toHaveLength(2);
    clock.advance(350 * MINUTE - 1);
    expect(await verify(text, testIssuer())).toBeNull();
    expect(asked).toHaveLength(2);
  });

  it('that no one has needed for a while are renewed before they count', async () => {
    const { clock, pages, verify } = world(one);
    const text = await one.sign(testClaims());
    await verify(text, testIssuer());
    clock.advance(20 * MINUTE);
    pages.delete(KEYS);
    expect(await verify(text, testIssuer())).toBeNull();
    clock.advance(MINUTE);
    pages.set(KEYS, { keys: [two.jwk] });
    const both = [verify(text, testIssuer()), verify(text, testIssuer())];
    expect(await Promise.all(both)).toEqual(['jwt/key', 'jwt/key']);
  });

  it('that are older than six hours are not believed', async () => {
    const { clock, pages, verify } = world(one);
    const text = await one.sign(testClaims());
    await verify(text, testIssuer());
    pages.delete(KEYS);
    clock.advance(360 * MINUTE);
    await expect(verify(text, testIssuer())).rejects.toMatchObject({ status: 503 });
  });

  it('that were withdrawn do not count once they are renewed', async () => {
    const { clock, pages, verify } = world(one);
    const text = await one.sign(testClaims());
    await verify(text, testIssuer());
    pages.set(KEYS, { keys: [two.jwk] });
    clock.advance(360 * MINUTE);
    expect(await verify(text, testIssuer())).toBe('jwt/key');
  });

  it('have another version once they changed, and not when they were only renewed', async () => {
    const { asked, clock, pages, verifier, verify } = world(one);
    const text = await one.sign(testClaims());
    await verify(text, testIssuer());
    const before = verifier.keysVersion();
    clock.advance(360 * MINUTE);
    expect(await verify(text, testIssuer())).toBeNull();
    expect(asked).toHaveLength(2);
    expect(verifier.keysVersion()).toBe(before);
    pages.set(KEYS, { keys: [two.jwk] });
    clock.advance(360 * MINUTE);
    expect(await verify(text, testIssuer())).toBe('jwt/key');
    expect(verifier.keysVersion()).not.toBe(before);
  });
});
