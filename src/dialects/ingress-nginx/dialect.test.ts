import { describe, expect, it } from 'vitest';
import { COOKIE, type Pairs, testGate } from '../../../test/support/gate.ts';
import { examples } from './examples.ts';

const asked = (authority = 'wiki.example.com'): Pairs =>
  examples.ask({ method: 'GET', scheme: 'https', authority, target: '/a?b' }, '192.0.2.7').pairs;
const ANN: Pairs = [['Cookie', `a=1; ${COOKIE}`]];

/** The reply to a check with this host in its path. */
async function askAs(host: string, pairs: Pairs) {
  const { ask } = await testGate();
  return ask('ingress-nginx', pairs, { rest: `?host=${host}&upgrade=&body=` });
}

describe('a check of ingress-nginx', () => {
  it('is read although X-Forwarded-Proto is empty', async () => {
    const { ask } = await testGate();
    const pairs: Pairs = [...asked(), ['X-Forwarded-Proto', ''], ...ANN];
    expect((await ask('ingress-nginx', pairs)).status).toBe(200);
  });

  it('returns the cookies of the client without ours', async () => {
    expect((await askAs('wiki.example.com', [...asked(), ...ANN])).headers['cookie']).toBe('a=1');
  });

  it.each(['wiki.example.com', 'WIKI.example.com.', 'wiki.example.com:8443'])(
    'is about the host in its path, if X-Original-URL names the same: %s',
    async (authority) => {
      expect((await askAs('wiki.example.com', [...asked(authority), ...ANN])).status).toBe(200);
    },
  );

  it.each([
    ['wiki.example.com', 'admin.example.com'],
    ['admin.example.com', 'wiki.example.com'],
    ['', 'wiki.example.com'],
    ['wiki.example.com&x', 'wiki.example.com'],
    ['wiki.example.com?.wild.example.com', 'wiki.example.com'],
    ['wiki.example.com:x', 'wiki.example.com'],
  ])('is refused with ?host=%s about %s', async (host, authority) => {
    expect((await askAs(host, [...asked(authority), ...ANN])).status).toBe(400);
  });

  it('names the flow for the sign-in URL, to pages and scripts alike', async () => {
    for (const accept of ['text/html', 'application/json']) {
      const heard = await askAs('wiki.example.com', [...asked(), ['Accept', accept]]);
      expect([heard.status, heard.headers['x-doorward-flow']]).toEqual([
        401,
        'https://auth.example.com/flow/login',
      ]);
    }
  });

  it.each([
    ['', '5', 'POST', 200],
    ['WebSocket', '', 'GET', 200],
    ['websocket', '', 'POST', 400],
    ['websocket', '0', 'GET', 400],
    ['websocket', 'chunked', 'GET', 400],
    ['h2c', '', 'GET', 400],
    ['websocket, h2c', '', 'GET', 400],
    ['websocket&body=', '', 'GET', 400],
    ['&body=,h2c', '', 'GET', 400],
    ['&upgrade=&body=', '', 'GET', 400],
  ])('upgrade %j with the body %j of %s: %i', async (upgrade, body, method, status) => {
    const { ask } = await testGate();
    const rest = `?host=wiki.example.com&upgrade=${upgrade}&body=${body}`;
    const pairs = [...asked().filter(([name]) => name !== 'X-Original-Method'), ...ANN];
    const heard = await ask('ingress-nginx', [...pairs, ['X-Original-Method', method]], { rest });
    expect(heard.status).toBe(status);
  });

  it.each(['?', '?x', '?answer=whole', '?host=wiki.example.com', '/x'])(
    'has no other query: %s',
    async (rest) => {
      const { ask } = await testGate();
      expect((await ask('ingress-nginx', [...asked(), ...ANN], { rest })).status).not.toBe(200);
    },
  );
});
