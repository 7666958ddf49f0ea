/**
 * What a source must do, on a real provider: bring back the user for whom the browser signed in, once,
 * and nothing else.
 */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Passage, Source } from '../../src/core/sources/source.ts';
import { Problem } from '../../src/core/values/problem.ts';
import {
  ANN,
  type RealProvider,
  startOidcProvider,
  visitProvider,
} from '../support/oidc-provider.ts';
import { passage, REDIRECT_URI } from '../support/passage.ts';

/** How the kind is opened at a provider. */
export type OpenAt = (provider: RealProvider) => Promise<Source>;

/** The contract. */
const ignored = (): Promise<void> => Promise.resolve();

export function sourceContract(type: string, openAt: OpenAt): void {
  let provider: RealProvider;
  let source: Source;
  beforeEach(async () => {
    provider = await startOidcProvider({ redirectUris: [REDIRECT_URI] });
    source = await openAt(provider);
  });
  afterEach(async () => {
    await source.close();
    await provider.stop();
  });

  async function visit(
    own: Passage,
    how: { login?: string; how?: 'in' | 'no' } = {},
  ): Promise<URLSearchParams> {
    const url = await source.begin(own, { username: null, prompt: null });
    return visitProvider(url, { redirectUri: REDIRECT_URI, ...how });
  }
  /** The code of the problem, once it is clear that it shows no secret. */
  async function refusal(promise: Promise<unknown>, secrets: readonly string[]): Promise<string> {
    const caught: unknown = await promise.then(
      () => null,
      (error: unknown) => error,
    );
    if (!(caught instanceof Problem)) throw new Error('expected a Problem', { cause: caught });
    const { cause } = caught;
    const text = `${caught.message} ${cause instanceof Error ? (cause.stack ?? '') : ''}`;
    for (const secret of [...secrets, provider.client.client_secret]) {
      expect(text).not.toContain(secret);
    }
    return caught.code;
  }

  describe(`a source of type ${type}`, () => {
    it('sends browsers to a known origin, with state and PKCE', async () => {
      const own = passage();
      const url = new URL(await source.begin(own, { username: 'ann', prompt: 'login' }));
      expect(source.origins).toContain(url.origin);
      expect(Object.fromEntries(url.searchParams)).toMatchObject({
        response_type: 'code',
        client_id: provider.client.client_id,
        redirect_uri: REDIRECT_URI,
        state: own.state,
        code_challenge: createHash('sha256').update(own.verifier).digest('base64url'),
        code_challenge_method: 'S256',
        login_hint: 'ann',
        prompt: 'login',
      });
      expect(url.href).not.toContain(own.verifier);
    });

    it('brings back the user who signed in', async () => {
      const own = passage();
      const profile = await source.finish(own, await visit(own));
      expect(profile).toMatchObject({
        subject: 'ann',
        issuer: provider.issuer,
        email: 'ann@example.com',
        emailVerified: true,
        username: 'ann',
        displayName: 'Ann Example',
        groups: ['staff', 'writers'],
      });
      expect(profile.claims).toMatchObject(ANN);
    });

    it('does not believe an address that is not verified', async () => {
      provider.people.set('ann', { ...ANN, email_verified: false });
      const own = passage();
      expect(await source.finish(own, await visit(own))).toMatchObject({
        email: 'ann@example.com',
        emailVerified: false,
      });
    });

    it('tells no groups from having none', async () => {
      const { groups: _, ...without } = ANN;
      provider.people.set('ann', without).set('ben', { ...ANN, groups: [] });
      const [first, second] = [passage('a'), passage('b')];
      const ann = await source.finish(first, await visit(first));
      const ben = await source.finish(second, await visit(second, { login: 'ben' }));
      expect([ann.groups, ben.groups]).toEqual([null, []]);
    });

    it('says that the user refused', async () => {
      const own = passage();
      const answer = await visit(own, { how: 'no' });
      expect(await refusal(source.finish(own, answer), [own.state])).toBe('source/denied');
    });

    it('refuses a code that was used a moment ago', async () => {
      const own = passage();
      const answer = await visit(own);
      await source.finish(own, answer);
      const code = answer.get('code') ?? '';
      expect(await refusal(source.finish(own, answer), [code, own.verifier])).toBe(
        'source/refused',
      );
    });

    it('refuses the answer to another visit', async () => {
      const [own, other] = [passage('own'), passage('other')];
      const answer = await visit(other);
      const redeemed = provider.requests.filter((line) => line === 'POST /token').length;
      expect(await refusal(source.finish(own, answer), [other.state])).toBe('source/refused');
      // Its code was not even sent.
      expect(provider.requests.filter((line) => line === 'POST /token')).toHaveLength(redeemed);
    });

    it.each<[string, (answer: URLSearchParams) => void]>([
      ['without state', (answer) => answer.delete('state')],
      ['with two states', (answer) => answer.append('state', 'x')],
      ['with two codes', (answer) => answer.append('code', 'x')],
      ['without a code', (answer) => answer.delete('code')],
      ['of another issuer', (answer) => answer.set('iss', 'https://other.example.com')],
      ['with a token', (answer) => answer.set('id_token', 'x.y.z')],
      ['with a very long code', (answer) => answer.set('code', 'x'.repeat(20_000))],
    ])('refuses an answer %s', async (_what, change) => {
      const own = passage();
      const answer = await visit(own);
      const code = answer.get('code') ?? '';
      change(answer);
      expect(await refusal(source.finish(own, answer), [code, own.state])).toBe('source/refused');
    });

    it('refuses a code that was injected: the verifier is of another visit', async () => {
      const [own, other] = [passage('own'), passage('other')];
      const code = (await visit(other)).get('code') ?? '';
      const answer = await visit(own);
      answer.set('code', code);
      expect(await refusal(source.finish(own, answer), [code])).toBe('source/refused');
    });

    it('is unavailable while the provider is away, and back without being opened again', async () => {
      const own = passage();
      const answer = await visit(own);
      await provider.stop();
      const code = answer.get('code') ?? '';
      expect(await refusal(source.finish(own, answer), [code])).toBe('source/unavailable');
      await provider.start();
      const next = passage('next');
      expect(await source.finish(next, await visit(next))).toMatchObject({ subject: 'ann' });
    });

    it('checks that the account still stands, and reads it anew', async () => {
      const own = passage();
      const { refreshToken, subject, issuer } = await source.finish(own, await visit(own));
      if (refreshToken === null) throw new Error('no refresh token');
      provider.people.set('ann', { ...ANN, groups: ['writers'] });
      let last = refreshToken;
      const recheck = () =>
        source.recheck({ refreshToken: last, subject, issuer }, (token) => {
          last = token;
          return Promise.resolve();
        });
      const again = await recheck();
      expect(again).toMatchObject({ stands: true, profile: { subject, groups: ['writers'] } });
      provider.people.delete('ann');
      expect(await recheck()).toEqual({ stands: false, profile: null });
    });

    it('does not call an account gone while the provider is away', async () => {
      const own = passage();
      const profile = await source.finish(own, await visit(own));
      await provider.stop();
      const account = { ...profile, refreshToken: profile.refreshToken ?? '' };
      expect(await refusal(source.recheck(account, ignored), [account.refreshToken])).toBe(
        'source/unavailable',
      );
    });

    it('refuses what it reads later about another account', async () => {
      const own = passage();
      const { refreshToken, issuer } = await source.finish(own, await visit(own));
      const account = { refreshToken: refreshToken ?? '', subject: 'ben', issuer };
      expect(await refusal(source.recheck(account, ignored), [account.refreshToken])).toBe(
        'source/refused',
      );
    });

    it('refuses claims beyond their bounds', async () => {
      for (const claims of [{ name: 'x'.repeat(70_000) }, { groups: deep(20) }]) {
        provider.people.set('ann', { ...ANN, ...claims });
        const own = passage(JSON.stringify(Object.keys(claims)));
        expect(await refusal(source.finish(own, await visit(own)), [])).toBe('source/refused');
      }
    });
  });
}

function deep(levels: number): unknown {
  return levels === 0 ? 'x' : [deep(levels - 1)];
}
