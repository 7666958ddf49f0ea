import { describe, expect, it } from 'vitest';
import type { Original } from '../../../test/contracts/dialects.suite.ts';
import { COOKIE, type Heard, type Pairs, testGate } from '../../../test/support/gate.ts';
import { examples } from './examples.ts';

const PAGE: Original = {
  method: 'GET',
  scheme: 'https',
  authority: 'wiki.example.com',
  target: '/a/b?x=1',
};

async function ask(changes: Partial<Original>, more: Pairs): Promise<Heard> {
  const { method, rest, pairs } = examples.ask({ ...PAGE, ...changes }, '192.0.2.7');
  const gate = await testGate();
  return gate.ask('envoy', [...pairs, ...more], { method, rest });
}

describe('Envoy', () => {
  it.each([
    ['cookies of the app', `a=1; ${COOKIE}`, 'a=1', undefined],
    ['no cookie', COOKIE, undefined, 'cookie'],
  ])('leaves apps %s', async (_, cookie, left, removed) => {
    const { status, headers } = await ask({}, [['Cookie', cookie]]);
    expect(status).toBe(200);
    expect([headers['cookie'], headers['x-envoy-auth-headers-to-remove']]).toEqual([left, removed]);
  });

  it('removes nothing from a request that is not allowed', async () => {
    const { status, headers } = await ask({}, [['Accept', 'text/html']]);
    expect(status).toBe(302);
    expect(headers).not.toHaveProperty('x-envoy-auth-headers-to-remove');
  });

  it.each(['x-request-id', 'x-envoy-internal', 'x-envoy-expected-rq-timeout-ms', 'x-b3-traceid'])(
    'may send %s along, which describes no other request',
    async (name) => {
      expect(
        (
          await ask({}, [
            ['Cookie', COOKIE],
            [name, '5000'],
          ])
        ).status,
      ).toBe(200);
    },
  );

  it('sends the method of the request as its own, whatever it is called', async () => {
    expect((await ask({ method: 'PURGE' }, [['Cookie', COOKIE]])).status).toBe(200);
    expect((await ask({ method: 'TRACE' }, [['Cookie', COOKIE]])).status).toBe(405);
  });
});
