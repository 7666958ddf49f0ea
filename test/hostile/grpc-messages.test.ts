/**
 * CheckRequests that no honest Envoy sends: cut off, doubled, contradictory, too large or mutated.
 * None is allowed.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialects, envoyGrpc } from '../../src/dialects/index.ts';
import { delimited, number } from '../../src/grpc/wire.ts';
import { askByMessage } from '../contracts/grpc-door.ts';
import { checkRequest, type CheckParts } from '../support/check-messages.ts';
import { COOKIE, type Pairs, testGate } from '../support/gate.ts';
import { testSnapshot } from '../support/snapshot.ts';

const PARTS: CheckParts = {
  method: ['GET'],
  path: ['/a/b?x=1'],
  host: ['wiki.example.com'],
  scheme: ['https'],
  client: ['192.0.2.7'],
  headers: [
    [':method', 'GET'],
    [':path', '/a/b?x=1'],
    [':authority', 'wiki.example.com'],
    [':scheme', 'https'],
    ['x-forwarded-proto', 'https'],
    ['accept', 'text/html'],
    ['cookie', COOKIE],
  ],
};

const openGate = () => testGate({ dialects: [...dialects, envoyGrpc] });

const statusOf = async (message: Buffer): Promise<number> =>
  (await askByMessage(await openGate(), message)).status;

const changed = (changes: Partial<CheckParts>): Buffer => checkRequest({ ...PARTS, ...changes });

describe('a CheckRequest', () => {
  it.each(['list', 'map'] as const)('with its headers in a %s is allowed', async (form) => {
    expect(await statusOf(checkRequest(PARTS, form))).toBe(200);
  });

  it('keeps repeated headers apart only in a list, and refuses them in a map', async () => {
    const headers: Pairs = [...PARTS.headers, ['x-a', '1'], ['x-a', '2']];
    expect(await statusOf(checkRequest({ ...PARTS, headers }, 'list'))).toBe(200);
    expect(await statusOf(checkRequest({ ...PARTS, headers }, 'map'))).toBe(400);
  });

  it('that is cut off anywhere is refused', async () => {
    const message = checkRequest(PARTS);
    const gate = await openGate();
    for (let length = 0; length < message.length; length += 1) {
      const { status } = await askByMessage(gate, message.subarray(0, length));
      expect([length, status]).toEqual([length, 400]);
    }
  });

  it.each(['method', 'path', 'host', 'scheme', 'client'] as const)(
    'with two fields %s, even of the same value, is refused',
    async (part) => {
      const value = PARTS[part][0] as string;
      expect(await statusOf(changed({ [part]: [value, value] }))).toBe(400);
    },
  );

  it.each(['method', 'path', 'host', 'scheme', 'client'] as const)(
    'without %s is refused',
    async (part) => {
      expect(await statusOf(changed({ [part]: [] }))).toBe(400);
      expect(await statusOf(changed({ [part]: [''] }))).toBe(400);
    },
  );

  it.each<[string, Partial<CheckParts>]>([
    ['another path', { path: ['/public'] }],
    ['another host', { host: ['other.example.com'] }],
    ['another scheme', { scheme: ['http'] }],
    ['another method', { method: ['POST'] }],
    ['a Host field of another host', { headers: [...PARTS.headers, ['host', 'b.example.com']] }],
    ['another X-Forwarded-Proto', { headers: [...PARTS.headers, ['x-forwarded-proto', 'http']] }],
    ['an unknown pseudo-header', { headers: [...PARTS.headers, [':protocol', 'websocket']] }],
    ['a path that is no path', { path: ['*'], headers: [['cookie', COOKIE]] }],
    ['an absolute path', { path: ['https://wiki.example.com/'], headers: [['cookie', COOKIE]] }],
    ['an empty name', { headers: [...PARTS.headers, ['', 'x']] }],
    ['a blank in a name', { headers: [...PARTS.headers, ['x a', 'x']] }],
    ['a line end in a value', { headers: [...PARTS.headers, ['x-a', 'x\r\nremote-user: root']] }],
    ['a zero byte in a value', { headers: [...PARTS.headers, ['x-a', 'x\0']] }],
    ['a foreign header', { headers: [...PARTS.headers, ['x-original-url', '/']] }],
    ['an ambiguous name', { headers: [...PARTS.headers, ['remote_user', 'root']] }],
    ['a rewritten path', { headers: [...PARTS.headers, ['x-envoy-original-path', '/']] }],
    ['a client with a port', { client: ['192.0.2.7:80'] }],
    ['a client that is a name', { client: ['localhost'] }],
    ['a client with a zone', { client: ['fe80::1%eth0'] }],
    ['many headers', { headers: Array.from({ length: 129 }, (_, i) => [`x-${i}`, '1'] as const) }],
    ['a large header', { headers: [...PARTS.headers, ['x-a', 'x'.repeat(33_000)]] }],
  ])('with %s is refused', async (_, changes) => {
    expect(await statusOf(changed(changes))).toBe(400);
  });

  it.each<[string, readonly string[], string | null]>([
    ['192.0.2.7', [], '192.0.2.7'],
    ['192.0.2.7', ['192.0.2.7'], '192.0.2.7'],
    ['192.0.2.7', ['10.1.1.1, 192.0.2.7'], '192.0.2.7'],
    ['10.0.0.5', ['192.0.2.7'], '192.0.2.7'],
    ['10.0.0.5', ['10.0.0.5'], '10.0.0.5'],
    ['10.0.0.5', ['10.1.1.1', '192.0.2.7, 10.0.0.5'], '192.0.2.7'],
    ['10.0.0.5', ['10.1.1.1', '192.0.2.7'], '192.0.2.7'],
    ['10.0.0.5', ['unknown'], null],
    ['192.0.2.1', ['192.0.2.7'], null],
    ['192.0.2.1', ['192.0.2.1, 192.0.2.7'], null],
  ])('from %s with X-Forwarded-For %j is about the client %s', async (from, told, client) => {
    const gate = await testGate({
      dialects: [...dialects, envoyGrpc],
      snapshot: testSnapshot({ trusted: ['127.0.0.1', '10.0.0.5'] }),
    });
    const more = told.map((value) => ['x-forwarded-for', value] as const);
    const headers: Pairs = [...PARTS.headers, ...more];
    const { status } = await askByMessage(gate, changed({ client: [from], headers }));
    expect(status).toBe(client === null ? 400 : 200);
    if (client !== null) expect(gate.events.all.at(-1)).toMatchObject({ clientIp: client });
  });

  const http = Buffer.concat([
    delimited(2, 'GET'),
    delimited(4, '/a'),
    delimited(5, 'wiki.example.com'),
    delimited(6, 'https'),
  ]);
  const source = delimited(1, delimited(1, delimited(1, delimited(2, '192.0.2.7'))));
  const cookie = Buffer.concat([delimited(1, 'cookie'), delimited(2, COOKIE)]);
  const asking = (fields: readonly Buffer[]): Buffer =>
    delimited(
      1,
      Buffer.concat([source, delimited(4, delimited(2, Buffer.concat([http, ...fields])))]),
    );
  const inMap = delimited(3, cookie);
  const inList = delimited(13, delimited(1, cookie));

  it.each<[string, Buffer]>([
    ['headers in a list and a map', asking([inMap, inList])],
    ['two lists of headers', asking([inList, inList])],
    [
      'a header with a text and bytes',
      asking([delimited(3, Buffer.concat([cookie, delimited(3, 'x')]))]),
    ],
    [
      'a header with two values',
      asking([delimited(3, Buffer.concat([cookie, delimited(2, COOKIE)]))]),
    ],
    ['a number for a text', asking([inMap, number(4, 1)])],
    ['a number for the headers', asking([inMap, number(13, 1)])],
    ['field 0', asking([inMap, number(0, 1)])],
    ['a group', asking([inMap, Buffer.from([0x7b, 0x7c])])],
    ['an unknown encoding', asking([inMap, Buffer.from([0x7e, 0])])],
    ['a length of 64 bits', asking([inMap, Buffer.from('7affffffffffffffffff01', 'hex')])],
    ['a length without an end', asking([inMap, Buffer.from('7affffffff', 'hex')])],
    ['an endless number', asking([inMap, Buffer.from('78ffffffffffffffffffffff', 'hex')])],
    ['a tag of 40 bits', asking([inMap, Buffer.from('f8ffffffff0f00', 'hex')])],
    ['two requests', Buffer.concat([asking([inMap]), asking([inMap])])],
    [
      'two sources',
      delimited(
        1,
        Buffer.concat([source, source, delimited(4, delimited(2, Buffer.concat([http, inMap])))]),
      ),
    ],
    [
      'a client on a unix socket',
      delimited(
        1,
        Buffer.concat([
          delimited(1, delimited(1, delimited(2, delimited(1, '/run/x')))),
          delimited(4, delimited(2, Buffer.concat([http, inMap]))),
        ]),
      ),
    ],
    ['nothing', Buffer.alloc(0)],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('of %s is refused', async (_, message) => {
    expect(await statusOf(asking([inMap]))).toBe(200);
    expect(await statusOf(asking([inList]))).toBe(200);
    expect(await statusOf(message)).toBe(400);
  });

  it('skips fields that later versions of Envoy may add', async () => {
    const later = [
      number(9, 2 ** 40),
      delimited(99, 'x'),
      Buffer.concat([Buffer.from([0x79]), Buffer.alloc(8)]),
      Buffer.concat([Buffer.from([0x7d]), Buffer.alloc(4)]),
      Buffer.from('78ffffffffffffffffff01', 'hex'),
    ];
    expect(await statusOf(asking([inMap, ...later]))).toBe(200);
  });

  it('without a session is never allowed, however it is mutated', async () => {
    const gate = await openGate();
    const message = checkRequest({
      ...PARTS,
      headers: PARTS.headers.filter(([name]) => name !== 'cookie'),
    });
    const edit = fc.record({
      at: fc.nat(message.length),
      cut: fc.nat(12),
      put: fc.uint8Array({ maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
        let mutated = message;
        for (const { at, cut, put } of edits) {
          const rest = mutated.subarray(at + cut);
          mutated = Buffer.concat([mutated.subarray(0, at), put, rest]);
        }
        expect((await askByMessage(gate, mutated)).status).not.toBe(200);
      }),
    );
  });
});

describe('the response to a CheckRequest', () => {
  it('GEN-traefik-ticket: names what apps may see of the cookies', async () => {
    const gate = await openGate();
    const ask = async (cookie: string) => {
      const headers: Pairs = [['cookie', cookie]];
      const { status, headers: set, removed } = await askByMessage(gate, changed({ headers }));
      return [status, set['cookie'], removed];
    };
    expect(await ask(`a=1; ${COOKIE}`)).toEqual([200, 'a=1', []]);
    expect(await ask(COOKIE)).toEqual([200, undefined, ['cookie']]);
    // The format has no bytes beyond UTF-8: that cookie is left out, and the others stay.
    expect(await ask(`n=\xe9; ${COOKIE}; b=2`)).toEqual([200, 'b=2', []]);
    expect(await ask(`n=\xc3\xa9; ${COOKIE}`)).toEqual([200, 'n=\xc3\xa9', []]);
    expect(await ask(`n=\xe9; ${COOKIE}`)).toEqual([200, undefined, ['cookie']]);
  });

  it('is a denial with a page if Doorward fails, never an empty message', async () => {
    const gate = await openGate();
    gate.sessions.fault = new Error('connection refused');
    const heard = await askByMessage(gate, checkRequest(PARTS));
    expect(heard).toMatchObject({ status: 500, removed: [] });
    expect(heard.headers).toHaveProperty('x-request-id');
  });
});
