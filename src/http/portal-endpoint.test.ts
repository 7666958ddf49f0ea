/** The portal's endpoint over a real socket: limited bodies, HEAD as GET, the usual refusals. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeEvents, fakeRandom } from '../../test/support/fakes.ts';
import { answersOf, sendRaw } from '../../test/support/raw.ts';
import { fakePages, testLive, testSnapshot } from '../../test/support/snapshot.ts';
import { storeUnavailable } from '../core/values/problem.ts';
import { direct } from '../dialects/direct/dialect.ts';
import { createReplies } from '../gate/reply/replies.ts';
import { createRequestIds } from '../gate/request/request-id.ts';
import { recordPeers } from '../gate/request/peer.ts';
import { createTrust } from '../gate/request/trust.ts';
import { createPortalEndpoint } from './portal-endpoint.ts';

const live = testLive();
const events = fakeEvents();
const door = createPortalEndpoint({
  async handler(request, { facts }) {
    if (facts.path === '/proxied') return new Response(String(facts.viaTrustedProxy));
    if (facts.path === '/down') throw storeUnavailable(new Error('refused'));
    const text = `${facts.method} as ${request.method}: ${await request.text()}`;
    return new Response(text, { headers: { 'content-type': 'text/plain' } });
  },
  live,
  trust: createTrust(live),
  dialect: direct,
  replies: createReplies({ pages: fakePages, assertion: null }),
  requestIds: createRequestIds(fakeRandom()),
  events,
});
const server = createServer(door);
recordPeers(server, { kind: 'tcp' });
let port = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const ask = async (start: string, body = '') => {
  const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`;
  const head = `${start} HTTP/1.1\r\nHost: auth.example.com\r\nConnection: close\r\n${length}\r\n`;
  return sendRaw(port, head + body);
};

describe('the portal’s endpoint', () => {
  it('replies to a HEAD with the fields of its GET and no body', async () => {
    const [get] = answersOf(await ask('GET /x'));
    const raw = await ask('HEAD /x');
    expect(get?.body).toBe('GET as GET: ');
    expect(raw).toMatch(/\r\ncontent-length: 13\r\n/);
    expect(raw.endsWith('\r\n\r\n')).toBe(true);
  });

  it('forwards a body, and refuses one that is too large before it is read', async () => {
    expect(answersOf(await ask('POST /x', 'a=b'))[0]?.body).toBe('POST as POST: a=b');
    const [large] = answersOf(await ask('POST /x', 'a'.repeat(65_537)));
    expect(large?.status).toBe(413);
    expect(JSON.parse(large?.body ?? '')).toMatchObject({ error: 'body/too-large' });
  });

  it('says whether the peer is trusted', async () => {
    expect(answersOf(await ask('GET /proxied'))[0]?.body).toBe('true');
    const before = live.current;
    live.current = testSnapshot({ trusted: ['192.0.2.1'] });
    try {
      expect(answersOf(await ask('GET /proxied'))[0]?.body).toBe('false');
    } finally {
      live.current = before;
    }
  });

  it('refuses a path that two parsers would read differently', async () => {
    const [answer] = answersOf(await ask('GET /flow/..%2fx'));
    expect(answer?.status).toBe(400);
    expect(answer?.head).toContain('X-Request-Id: ');
  });

  it('reports a fault to the log and its code to the visitor', async () => {
    const [answer] = answersOf(await ask('GET /down'));
    expect(answer?.status).toBe(503);
    expect(answer?.head).toContain('Retry-After: 5');
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ error: 'store/unavailable' });
    expect(events.all).toEqual([expect.objectContaining({ code: 'store/unavailable' })]);
  });
});
