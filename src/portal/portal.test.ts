import { describe, expect, it } from 'vitest';
import {
  fakeClock,
  fakeHandovers,
  fakeRandom,
  fakeVault,
  START,
} from '../../test/support/fakes.ts';
import { testFacts, testLive, testSnapshot } from '../../test/support/snapshot.ts';
import type { SessionVisitor } from '../core/access/decision.ts';
import type { Flow } from '../core/flow/flow.ts';
import { storeUnavailable } from '../core/values/problem.ts';
import type { Snapshot } from '../core/setup/snapshot.ts';
import type { Found } from '../core/access/visitors.ts';
import { createAssets } from '../pages/frame/assets.ts';
import { createPages } from '../pages/pages.ts';
import { createPortalApp } from './portal.ts';

const ORIGIN = 'https://auth.example.com';
const ann: SessionVisitor = {
  session: {
    v: 1,
    id: 's',
    userId: 'embedded/ann',
    proofs: [{ method: 'password', at: START }],
    createdAt: START,
    seenAt: START,
    expiresAt: START + 3_600_000,
    idle: 3_600_000,
    client: { ip: '192.0.2.7', agent: '' },
  },
  user: {
    id: 'embedded/ann',
    name: 'ann',
    displayName: `Ann <x"'>`,
    email: '',
    emailVerified: true,
    groups: [],
    attributes: {},
    disabled: false,
    passwordSetAt: null,
  },
};

const withFlow = (name: string): Partial<Snapshot> => ({
  flows: new Map([[name, { name, designation: 'authentication' } as Flow]]),
});

/**
 * Sends a request to the portal; `who` is the visitor, null, or the error of a store that is down.
 */
async function ask(
  path: string,
  who: Found | Error = ann,
  changes: Partial<Snapshot> = {},
  method = 'GET',
  headers?: Record<string, string>,
): Promise<Response> {
  const live = testLive({ ...testSnapshot(), ...changes });
  const assets = createAssets(live);
  const app = createPortalApp({
    live,
    visitors: {
      find: () => (who instanceof Error ? Promise.reject(who) : who),
      ticket: () => Promise.resolve(null),
    },
    handovers: fakeHandovers(),
    vault: fakeVault(),
    random: fakeRandom(),
    clock: fakeClock(),
    signals: () => Promise.resolve({}),
    pages: createPages(live, assets, []),
    assets,
    jwks: () => '{"keys":[]}',
  });
  const facts = testFacts({ authority: 'auth.example.com', target: path, method }, headers);
  return app.fetch(new Request(ORIGIN + path, { method }), { facts, requestId: 'request-1' });
}

describe('the portal', () => {
  it('shows signed-in users their apps, their name and how to sign out', async () => {
    const answer = await ask('/');
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(text).toContain('href="https://wiki.example.com/"');
    expect(text).toContain('Ann &lt;x&quot;&#39;&gt;');
    expect(text).toContain('href="/flow/logout"');
    expect(text).not.toContain('type="search"');
  });

  it('sends anonymous visitors to sign in and back', async () => {
    const answer = await ask('/', null);
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe(
      `${ORIGIN}/flow/login?rd=${encodeURIComponent(`${ORIGIN}/`)}`,
    );
    const other = await ask('/', null, withFlow('enter'));
    expect(other.headers.get('location')).toContain('/flow/enter?rd=');
  });

  it('replies to an anonymous script with a login URL instead of a redirect', async () => {
    const answer = await ask('/', null, {}, 'GET', { 'sec-fetch-mode': 'cors' });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({
      reason: 'session/none',
      login_url: `${ORIGIN}/flow/login?rd=${encodeURIComponent(`${ORIGIN}/`)}`,
      request_id: 'request-1',
    });
    const elsewhere = { elsewhere: 'fake/ann' };
    const bound = await ask('/', elsewhere, {}, 'GET', { 'sec-fetch-mode': 'cors' });
    expect([bound.status, await bound.json()]).toMatchObject([
      401,
      { reason: 'session/elsewhere' },
    ]);
  });

  it('says what is wrong and when to try again while the store is down', async () => {
    const answer = await ask('/', storeUnavailable(new Error('refused')));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await answer.text()).toContain('Temporarily unavailable');
  });

  it('redirects password managers to the flow that changes a password, or to the front page', async () => {
    const path = '/.well-known/change-password';
    expect((await ask(path)).headers.get('location')).toBe(`${ORIGIN}/`);
    expect((await ask(path, null, withFlow('password-change'))).headers.get('location')).toBe(
      `${ORIGIN}/flow/password-change`,
    );
  });

  it('lets browsers cache assets permanently, and gives them no permissions', async () => {
    const assets = createAssets(testLive());
    for (const name of ['doorward.css', 'doorward.js', 'brand.css', 'logo'] as const) {
      const answer = await ask(assets.url(name), null);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(answer.headers.get('content-security-policy')).toContain('sandbox');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it.each(['/assets/doorward.css', '/assets/', '/nothing', '/admin', '/flow'])(
    'has no page at %s and says so',
    async (path) => {
      const answer = await ask(path);
      expect(answer.status).toBe(404);
      expect(await answer.text()).toContain('Page not found');
    },
  );

  it('replies to HEAD without a body and refuses other methods on its front page', async () => {
    const head = await ask('/nothing', ann, {}, 'HEAD');
    expect([head.status, await head.text()]).toEqual([404, '']);
    expect((await ask('/', ann, {}, 'POST')).status).toBe(404);
  });

  it.each(['/favicon.ico', '/favicon.svg'])('has an icon at %s', async (path) => {
    expect((await ask(path, null)).headers.get('content-type')).toBe('image/svg+xml');
  });

  it('publishes the keys of assertions, and nothing for other methods', async () => {
    const response = await ask('/.well-known/jwks.json');
    expect(await response.json()).toEqual({ keys: [] });
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    expect((await ask('/.well-known/jwks.json', null, {}, 'POST')).status).toBe(404);
  });

  it('asks search engines to stay away', async () => {
    expect(await (await ask('/robots.txt', null)).text()).toBe('User-agent: *\nDisallow: /\n');
  });

  it.each(['/', '/nothing', '/robots.txt', '/.well-known/change-password'])(
    'never lets %s be stored, sniffed or indexed',
    async (path) => {
      const { headers } = await ask(path);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-robots-tag')).toContain('noindex');
      expect(headers.get('x-request-id')).toBe('request-1');
    },
  );

  it('offers a search once there are many apps, which works without scripts', async () => {
    const routes = Array.from({ length: 13 }, (_, i) => ({ id: `app${i}` }));
    const { table } = testSnapshot({ routes });
    expect(await (await ask('/', ann, { table })).text()).toContain('type="search"');
    const found = await (await ask('/?q=app12', ann, { table })).text();
    expect(found.match(/class="tile"/g)).toHaveLength(1);
    const nothing = await (await ask('/?q=%3Cx%3E', ann, { table })).text();
    expect(nothing).toContain('No apps match “&lt;x&gt;”.');
  });
});
