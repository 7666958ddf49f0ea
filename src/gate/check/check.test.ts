import { describe, expect, it } from 'vitest';
import {
  COOKIE,
  type Pairs,
  testGate,
  testRequest,
  testResponse,
} from '../../../test/support/gate.ts';
import { testSnapshot } from '../../../test/support/snapshot.ts';
import type { Dialect } from '../../core/request/dialect.ts';
import { storeUnavailable } from '../../core/values/problem.ts';
import { httpReply } from '../../core/request/reply.ts';

const ASKED: Pairs = [
  ['X-Forwarded-Method', 'GET'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', 'wiki.example.com'],
  ['X-Forwarded-Uri', '/'],
  ['X-Forwarded-For', '192.0.2.7'],
];
const NGINX: Pairs = [
  ['X-Original-URL', 'https://wiki.example.com/'],
  ['X-Original-Method', 'GET'],
  ['X-Forwarded-For', '192.0.2.7'],
];
const ANN: Pairs = [...ASKED, ['Cookie', COOKIE]];

const dialect: Dialect = {
  name: 'odd',
  speaks: [],
  passesWhole: true,
  takesCookie: false,
  keepsHost: false,
  carriesTarget: true,
  takesQuery: false,
  answersPreflights: true,
  read: () => {
    throw new Error('a bug, with secret detail');
  },
  reply: httpReply,
};

describe('a check', () => {
  it.each([
    '/.doorward./x',
    '/.doorward;a/x',
    '///h/.doorward/x',
    '/.d%256forward/x',
    '/(S(x))/.doorward',
    '/.%64%6forward/a;b=1/c%2Fd/..%5Ce//f%3Fx/%2e%2e%252f;', // too many readings
  ])('never allows our own paths, however they are written: %s', async (target) => {
    const { ask } = await testGate();
    const asked = ANN.map(([name, value]): Pairs[number] => [
      name,
      name === 'X-Forwarded-Uri' ? target : value,
    ]);
    expect((await ask('caddy', asked)).status).toBe(404);
  });

  it('is synchronous when the visitor is cached', async () => {
    const { check, ask } = await testGate();
    await ask('caddy', ANN);
    const { res, heard } = testResponse();
    check.handle(testRequest('GET', ANN), res, 'caddy', '');
    expect(res.headersSent).toBe(true);
    expect((await heard).status).toBe(200);
  });

  it('emits one event after the reply, with route and user', async () => {
    const { ask, events } = await testGate();
    await ask('caddy', ANN);
    expect(events.all).toEqual([
      {
        type: 'decision',
        requestId: 't1-1',
        traceId: null,
        dialect: 'caddy',
        method: 'GET',
        host: 'wiki.example.com',
        path: '/',
        route: 'wiki',
        rule: 'wiki',
        decision: 'allow',
        status: 200,
        reasons: ['session/live'],
        why: [],
        dryRun: [],
        userId: 'fake/ann',
        clientIp: '192.0.2.7',
        ms: expect.any(Number),
      },
    ]);
  });

  it('keeps the proxy\u2019s own request id', async () => {
    const { ask, events } = await testGate();
    const heard = await ask('caddy', [...ANN, ['X-Request-Id', 'edge-7']]);
    expect(heard.headers['x-request-id']).toBe('edge-7');
    expect(events.all).toMatchObject([{ requestId: 'edge-7' }]);
  });

  it('writes nothing back before the reply', async () => {
    const { ask, clock, sessions, pending } = await testGate();
    await ask('caddy', ANN);
    clock.advance(120_000);
    await ask('caddy', ANN);
    expect(sessions.calls).not.toContain('touch session:one');
    expect(pending).toHaveLength(1);
  });

  it.each(['squid', '', 'NGINX', 'direct', '__proto__', 'constructor', 'nginx%00'])(
    'by the name %j is unknown',
    async (name) => {
      const { ask } = await testGate();
      expect((await ask(name, ANN)).status).toBe(404);
    },
  );

  it.each(['/', '/x', '/?x'])(
    'refuses a suffix to the path of a dialect without one: %s',
    async (rest) => {
      const { ask } = await testGate();
      expect((await ask('caddy', ANN, { rest })).status).toBe(404);
    },
  );

  it('passes the suffix of its path to a dialect that carries the target there', async () => {
    const targets: string[] = [];
    const envoy: Dialect = {
      ...dialect,
      read(inbound) {
        targets.push(inbound.target);
        return {
          method: inbound.method,
          scheme: 'https',
          authority: 'wiki.example.com',
          target: inbound.target,
          clientIp: '192.0.2.7',
          header: () => null,
        };
      },
    };
    const { ask } = await testGate({ dialects: [envoy] });
    for (const rest of ['/a?b', '', '?q', '?answer=whole']) await ask('odd', [], { rest });
    expect(targets).toEqual(['/a?b', '/', '/?q', '/?answer=whole']);
  });

  it('replies 503 with a time to retry while the store is down', async () => {
    const { ask, sessions } = await testGate();
    sessions.fault = storeUnavailable(new Error('refused'));
    const heard = await ask('caddy', ANN);
    expect(heard).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect((await ask('caddy', ASKED)).status).toBe(401);
  });

  it('replies 500 to a bug and describes it only in the log', async () => {
    const { ask, events } = await testGate({ dialects: [dialect] });
    const heard = await ask('odd', ANN);
    expect(heard.status).toBe(500);
    expect(heard.body).not.toContain('secret detail');
    expect(events.all.map((event) => event.type)).toEqual(['decision', 'fault']);
  });

  it('closes the connection if not even a fault can be sent', async () => {
    const broken: Dialect = {
      ...dialect,
      reply: () => {
        throw new Error('cannot reply');
      },
    };
    const { ask, events } = await testGate({ dialects: [broken] });
    expect((await ask('odd', ANN)).status).toBe(0);
    expect((await ask('odd', ANN, { peer: '198.51.100.9' })).status).toBe(0);
    expect(events.all.every((event) => event.type === 'fault')).toBe(true);
  });

  it('never changes a reply that has begun', async () => {
    const { ask, events } = await testGate();
    const told: string[] = [];
    events.emit = (event) => {
      if (event.type === 'decision') throw new Error('a sink that breaks its contract');
      told.push(event.type);
    };
    expect((await ask('caddy', ANN)).status).toBe(200);
    expect((await ask('caddy', ANN)).status).toBe(200);
    expect(told).toEqual(['fault', 'fault', 'fault', 'fault']);
  });
});

describe('an allow for a proxy that can write cookies', () => {
  const OTHER = '__Secure-doorward';
  it.each<[string, readonly string[], string | undefined]>([
    ['other cookies around ours', [`a=1; ${COOKIE}; b=2`], 'a=1; b=2'],
    ['ours alone', [COOKIE], undefined],
    ['ours and empty pairs', [`${COOKIE}; ;`], undefined],
    ['a blank before the sign', [`a=1; ${COOKIE.replace('=', ' =')}`], 'a=1'],
    ['bytes beyond ASCII', [`n=\u00e9\u00ff; ${COOKIE}`], 'n=\u00e9\u00ff'],
    ['no pair at all', [`${COOKIE}; a`], 'a'],
    ['our other cookies', [`${COOKIE}; __Host-doorward-device=x; c=3`], 'c=3'],
  ])('GEN-traefik-ticket: carries %s without ours', async (_, cookies, left) => {
    const { ask } = await testGate();
    const pairs: Pairs = [...ASKED, ...cookies.map((value) => ['Cookie', value] as const)];
    for (const name of ['traefik', 'caddy']) {
      const heard = await ask(name, pairs);
      expect([heard.status, heard.headers['cookie']]).toEqual([200, left]);
    }
  });

  const publicSite = testSnapshot({ routes: [{ id: 'wiki', paths: { '/**': 'public' } }] });

  it.each<[string, readonly string[], string | undefined]>([
    ['two of ours', [`${OTHER}=x; a=1; ${OTHER}=y`], 'a=1'],
    ['several lines', ['a=1', COOKIE, `${COOKIE}; b=2`], 'a=1; b=2'],
    ['none of ours', ['a=1'], 'a=1'],
    ['none', [], undefined],
  ])('carries what remains of %s to a public path, too', async (_, cookies, left) => {
    const { ask } = await testGate({ snapshot: publicSite });
    const pairs: Pairs = [...ASKED, ...cookies.map((value) => ['cookie', value] as const)];
    const heard = await ask('traefik', pairs);
    expect([heard.status, heard.headers['cookie']]).toEqual([200, left]);
  });

  it('is the only reply with cookies of the client', async () => {
    const { ask } = await testGate();
    const cookie = ['Cookie', 'a=1'] as const;
    for (const pairs of [
      [...ASKED, cookie],
      [...ASKED, cookie, ['Accept', 'text/html'] as const],
      [...ASKED, cookie, ['Odd!Name', '1'] as const],
      [cookie],
    ]) {
      const heard = await ask('traefik', pairs);
      expect(heard.status).not.toBe(200);
      expect(heard.headers).not.toHaveProperty('cookie');
    }
    expect(
      (await ask('nginx', [...NGINX, ['Cookie', `a=1; ${COOKIE}`]])).headers,
    ).not.toHaveProperty('cookie');
  });
});
