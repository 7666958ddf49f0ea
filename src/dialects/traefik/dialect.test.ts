import { describe, expect, it } from 'vitest';
import { dialectContract, type Original } from '../../../test/contracts/dialects.suite.ts';
import { COOKIE, type Pairs, testGate } from '../../../test/support/gate.ts';
import { traefik } from './dialect.ts';

function askTraefik(original: Original, client: string): Pairs {
  return [
    ['X-Forwarded-Method', original.method],
    ['X-Forwarded-Proto', original.scheme],
    ['X-Forwarded-Host', original.authority],
    ['X-Forwarded-Uri', original.target],
    ['X-Forwarded-For', client],
  ];
}

dialectContract(traefik, {
  pairs: askTraefik,
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

describe('what Traefik sends besides', () => {
  const PORT: Pairs = [
    ...askTraefik(
      { method: 'GET', scheme: 'https', authority: 'wiki.example.com', target: '/' },
      '192.0.2.7',
    ),
    ['Host', 'doorward:8080'],
    ['X-Forwarded-Port', '443'],
    ['X-Forwarded-Server', 'edge'],
    ['Cookie', COOKIE],
  ];

  it('takes its port and server names as nothing to go by', async () => {
    const { ask } = await testGate();
    expect((await ask('traefik', PORT)).status).toBe(200);
  });

  it.each(['ws', 'wss'])(
    'reads the scheme %s of a websocket behind another proxy',
    async (scheme) => {
      const { ask } = await testGate();
      const pairs = PORT.map(([n, v]) => [n, n === 'X-Forwarded-Proto' ? scheme : v] as const);
      expect((await ask('traefik', pairs)).status).toBe(200);
    },
  );

  it('follows the method of the original when Traefik keeps it for the question', async () => {
    const { ask, events } = await testGate();
    const pairs = PORT.map(([n, v]) => [n, n === 'X-Forwarded-Method' ? 'PUT' : v] as const);
    expect((await ask('traefik', pairs, { method: 'PUT' })).status).toBe(200);
    expect(events.all.at(-1)).toMatchObject({ method: 'PUT' });
  });
});
