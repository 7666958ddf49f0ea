import { describe, expect, it } from 'vitest';
import type { Original } from '../../../test/contracts/dialects.suite.ts';
import { COOKIE, type Pairs, testGate } from '../../../test/support/gate.ts';
import { testBinding, testSnapshot } from '../../../test/support/snapshot.ts';
import { examples } from './examples.ts';

const askNginx = (original: Original, client: string): Pairs =>
  examples.ask(original, client).pairs;

const ORIGINAL = { method: 'GET', scheme: 'https', authority: 'wiki.example.com', target: '/a?b' };
const PAGE: Pairs = [...askNginx(ORIGINAL, '192.0.2.7'), ['Accept', 'text/html']];
const WHOLE = { rest: '?answer=whole' };

describe('headers of a proxy before nginx', () => {
  it('are ignored if they are equal or empty', async () => {
    const { ask } = await testGate();
    const pairs: Pairs = [
      ...PAGE,
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', 'Wiki.example.com'],
      ['X-Forwarded-Port', '443'],
      ['Cookie', COOKIE],
    ];
    expect((await ask('nginx', pairs)).status).toBe(200);
  });
});

describe('a script that must sign in', () => {
  it('gets the URL in a header that no error_page turns into a redirect', async () => {
    const { ask } = await testGate();
    const heard = await ask('nginx', askNginx(ORIGINAL, '192.0.2.7'));
    expect(heard.status).toBe(401);
    expect(heard.headers['x-doorward-login']).toContain('/flow/login?rd=');
  });
});

describe('the same check with the complete reply', () => {
  it('redirects a navigation itself', async () => {
    const { ask } = await testGate();
    const heard = await ask('nginx', PAGE, WHOLE);
    expect(heard.status).toBe(302);
    expect(heard.headers['location']).toContain('/flow/login?rd=');
  });

  it('gives a denied user a page', async () => {
    const snapshot = testSnapshot({
      routes: [{ id: 'wiki', paths: { '/**': [testBinding(false)] } }],
    });
    const { ask } = await testGate({ snapshot });
    const heard = await ask('nginx', [...PAGE, ['Cookie', COOKIE]], WHOLE);
    expect(heard).toMatchObject({ status: 403, body: '<h1>403 dummy/fail</h1>' });
  });

  it('redirects a user who may now pass back, without an identity header for the browser', async () => {
    const { ask } = await testGate();
    const heard = await ask('nginx', [...PAGE, ['Cookie', COOKIE]], WHOLE);
    expect(heard.status).toBe(303);
    expect(heard.headers['location']).toBe('https://wiki.example.com/a?b');
    expect(heard.headers).not.toHaveProperty('remote-user');
  });

  it.each(['?answer=whole&x', '?answer=WHOLE', '/', '/x', '?'])(
    'has no other option: %s',
    async (rest) => {
      const { ask } = await testGate();
      expect((await ask('nginx', [...PAGE, ['Cookie', COOKIE]], { rest })).status).toBe(404);
    },
  );
});
