import { describe, expect, it } from 'vitest';
import type { Original } from '../../../test/contracts/dialects.suite.ts';
import { COOKIE, type Pairs, testGate } from '../../../test/support/gate.ts';
import { examples } from './examples.ts';

const askTraefik = (original: Original, client: string): Pairs =>
  examples.ask(original, client).pairs;

describe('Traefik', () => {
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

  it('sends port and server names, which are ignored', async () => {
    const { ask } = await testGate();
    expect((await ask('traefik', PORT)).status).toBe(200);
  });

  it.each(['ws', 'wss'])(
    'sends the scheme %s of a websocket behind another proxy, which is read',
    async (scheme) => {
      const { ask } = await testGate();
      const pairs = PORT.map(([n, v]) => [n, n === 'X-Forwarded-Proto' ? scheme : v] as const);
      expect((await ask('traefik', pairs)).status).toBe(200);
    },
  );

  it('may keep the original method for the check, which is followed', async () => {
    const { ask, events } = await testGate();
    const pairs = PORT.map(([n, v]) => [n, n === 'X-Forwarded-Method' ? 'PUT' : v] as const);
    expect((await ask('traefik', pairs, { method: 'PUT' })).status).toBe(200);
    expect(events.all.at(-1)).toMatchObject({ method: 'PUT' });
  });
});
