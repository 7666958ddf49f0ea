import { describe, expect, it } from 'vitest';
import {
  COOKIE,
  type Pairs,
  testGate,
  testRequest,
  testResponse,
} from '../../test/support/gate.ts';
import type { Dialect } from '../core/dialect.ts';
import { storeUnavailable } from '../core/problem.ts';
import { wholeReply } from '../core/reply.ts';

const ASKED: Pairs = [
  ['X-Forwarded-Method', 'GET'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', 'wiki.example.com'],
  ['X-Forwarded-Uri', '/'],
  ['X-Forwarded-For', '192.0.2.7'],
];
const ANN: Pairs = [...ASKED, ['Cookie', COOKIE]];

const dialect: Dialect = {
  name: 'odd',
  speaks: [],
  passesWhole: true,
  carriesTarget: true,
  read: () => {
    throw new Error('a bug, with secret detail');
  },
  reply: wholeReply,
};

describe('a check', () => {
  it('is answered at once when the visitor is remembered', async () => {
    const { check, ask } = await testGate();
    await ask('caddy', ANN);
    const { res, heard } = testResponse();
    check.handle(testRequest('GET', ANN), res, 'caddy', '');
    expect(res.headersSent).toBe(true);
    expect((await heard).status).toBe(200);
  });

  it('tells one event after the reply, with the route and who it was', async () => {
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

  it.each(['envoy', '', 'NGINX', 'direct', '__proto__', 'constructor', 'nginx%00'])(
    'by the name %j is unknown',
    async (name) => {
      const { ask } = await testGate();
      expect((await ask(name, ANN)).status).toBe(404);
    },
  );

  it.each(['/', '/x', '/?x'])(
    'refuses what follows the path of a dialect that carries nothing: %s',
    async (rest) => {
      const { ask } = await testGate();
      expect((await ask('caddy', ANN, { rest })).status).toBe(404);
    },
  );

  it('hands what follows its path to a dialect that carries the target there', async () => {
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

  it('answers 503 with a time to try again while the store is down', async () => {
    const { ask, sessions } = await testGate();
    sessions.fault = storeUnavailable(new Error('refused'));
    const heard = await ask('caddy', ANN);
    expect(heard).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect((await ask('caddy', ASKED)).status).toBe(401);
  });

  it('answers a bug with 500 and keeps it to the log', async () => {
    const { ask, events } = await testGate({ dialects: [dialect] });
    const heard = await ask('odd', ANN);
    expect(heard.status).toBe(500);
    expect(heard.body).not.toContain('secret detail');
    expect(events.all.map((event) => event.type)).toEqual(['decision', 'fault']);
  });

  it('closes the connection when not even a fault can be told', async () => {
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

  it('never mends an answer that has begun', async () => {
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
