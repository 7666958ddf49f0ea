import { describe, expect, it } from 'vitest';
import type { Original } from '../../../test/contracts/dialects.suite.ts';
import { COOKIE, type Pairs, testGate } from '../../../test/support/gate.ts';
import { examples } from './examples.ts';

const askCaddy = (original: Original, client: string): Pairs =>
  examples.ask(original, client).pairs;

describe('Caddy', () => {
  it("sends the client's own Host, which is ignored", async () => {
    const { ask } = await testGate();
    const pairs: Pairs = [
      ...askCaddy(
        { method: 'GET', scheme: 'https', authority: 'wiki.example.com', target: '/' },
        '192.0.2.7',
      ),
      ['Host', 'other.example.com'],
      ['Cookie', COOKIE],
    ];
    expect((await ask('caddy', pairs)).status).toBe(200);
  });

  it.each(['?x=1&y=2', '?answer=whole', '?'])(
    "adds the browser's query %s to the check path, where it is ignored",
    async (rest) => {
      const { ask, events } = await testGate();
      const pairs: Pairs = [
        ...askCaddy(
          { method: 'GET', scheme: 'https', authority: 'wiki.example.com', target: `/a${rest}` },
          '192.0.2.7',
        ),
        ['Cookie', COOKIE],
      ];
      const heard = await ask('caddy', pairs, { rest });
      expect([heard.status, heard.headers['remote-user']]).toEqual([200, 'ann']);
      expect(events.all).toMatchObject([{ path: '/a' }]);
    },
  );

  it('shows the page of a denial to the browser', async () => {
    const { ask } = await testGate();
    const pairs: Pairs = [
      ...askCaddy(
        { method: 'GET', scheme: 'https', authority: 'no.example.com', target: '/' },
        '192.0.2.7',
      ),
      ['Accept', 'text/html'],
    ];
    const heard = await ask('caddy', pairs);
    expect(heard.body).toBe('<h1>403 host/unknown</h1>');
    expect(heard.headers['content-security-policy']).toBe("default-src 'none'");
  });
});
