import { describe, expect, it } from 'vitest';
import { dialectContract, type Original } from '../../../test/contracts/dialects.suite.ts';
import { COOKIE, type Pairs, testGate } from '../../../test/support/gate.ts';
import { caddy } from './dialect.ts';

function askCaddy(original: Original, client: string): Pairs {
  return [
    ['X-Forwarded-Method', original.method],
    ['X-Forwarded-Proto', original.scheme],
    ['X-Forwarded-Host', original.authority],
    ['X-Forwarded-Uri', original.target],
    ['X-Forwarded-For', client],
  ];
}

dialectContract(caddy, {
  pairs: askCaddy,
  required: [
    'x-forwarded-method',
    'x-forwarded-proto',
    'x-forwarded-host',
    'x-forwarded-uri',
    'x-forwarded-for',
  ],
  malformed: [
    ['x-forwarded-method', 'GET, POST'],
    ['x-forwarded-method', 'GET POST'],
    ['x-forwarded-proto', 'https, http'],
    ['x-forwarded-proto', 'javascript'],
    ['x-forwarded-proto', 'HTTPS'],
    ['x-forwarded-host', 'wiki.example.com, admin.example.com'],
    ['x-forwarded-host', 'user@wiki.example.com'],
    ['x-forwarded-host', 'wiki.example.com:abc'],
    ['x-forwarded-host', '[::1]'],
    ['x-forwarded-uri', '%%%'],
    ['x-forwarded-uri', 'https://wiki.example.com/a'],
    ['x-forwarded-uri', '//wiki.example.com/a'],
    ['x-forwarded-uri', '/a, /admin/x'],
    ['x-forwarded-for', 'unknown'],
    ['x-forwarded-for', '192.0.2.7:'],
    ['x-forwarded-for', 'fe80::1%eth0'],
    ['x-forwarded-for', '192.0.2.7,'],
  ],
});

describe('what Caddy does besides', () => {
  it("keeps the client's own Host, which is not looked at", async () => {
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
    'leaves the query %s of the browser behind the check path, where it means nothing',
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
