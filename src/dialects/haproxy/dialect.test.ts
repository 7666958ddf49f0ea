import { describe, expect, it } from 'vitest';
import type { Original } from '../../../test/contracts/dialects.suite.ts';
import { COOKIE, type Pairs, testGate } from '../../../test/support/gate.ts';
import { examples } from './examples.ts';

const ORIGINAL: Original = {
  method: 'GET',
  scheme: 'https',
  authority: 'wiki.example.com',
  target: '/a%2fb?c',
};
const askHaproxy = (original: Original): Pairs => examples.ask(original, '192.0.2.7').pairs;

describe('HAProxy', () => {
  it('sends the headers that it has set for the app, which are ignored', async () => {
    const { ask, events } = await testGate();
    const pairs: Pairs = [
      ...askHaproxy(ORIGINAL),
      ['X-Forwarded-Port', '443'],
      ['X-Real-IP', '192.0.2.7'],
      ['Forwarded', 'for="192.0.2.7";host="wiki.example.com";proto=https'],
      ['Cookie', COOKIE],
    ];
    expect((await ask('haproxy', pairs)).status).toBe(200);
    expect(events.all).toMatchObject([{ path: '/a%2fb', clientIp: '192.0.2.7' }]);
  });

  it('sends an empty Accept for a client without one, which is no navigation', async () => {
    const { ask } = await testGate();
    const pairs: Pairs = [...askHaproxy(ORIGINAL), ['Accept', ''], ['User-Agent', '']];
    expect((await ask('haproxy', pairs)).status).toBe(401);
  });

  it('receives the cookies of the client without ours', async () => {
    const { ask } = await testGate();
    const pairs: Pairs = [...askHaproxy(ORIGINAL), ['Cookie', `a=1; ${COOKIE}`]];
    expect((await ask('haproxy', pairs)).headers['cookie']).toBe('a=1');
  });
});
