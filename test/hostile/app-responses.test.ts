/**
 * Responses of a hostile app, byte for byte, to each kind of exchange. A plain request, a request
 * with trailers and a handshake use three different HTTP clients, which must strip the same fields.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { ALICE, startProxied } from '../support/proxied.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { startBytes } from '../support/upstreams.ts';

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.close();
});

function head(line: string, ...fields: readonly string[]): string {
  return [`${line} HTTP/1.1`, 'Host: app.gw.test', `Cookie: ${ALICE}`, ...fields, '', ''].join(
    '\r\n',
  );
}

const CHUNKED = ['Trailer: X-Sum', 'Transfer-Encoding: chunked'];
const REQUESTS = {
  'a plain request': head('GET /a', 'Connection: close'),
  'a request with trailers': `${head('POST /a', 'Connection: close', ...CHUNKED)}1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n`,
  'a handshake': head(
    'GET /a',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
  ),
} as const;
type Kind = keyof typeof REQUESTS;
const KINDS = Object.keys(REQUESTS) as Kind[];

/** Everything that the client reads after the app sends this and closes. */
async function hearing(kind: Kind, response: string): Promise<string> {
  const isWhole = kind === 'a request with trailers' ? /\r\n0\r\n/ : /\r\n\r\n/;
  const app = await startBytes((socket, nth, text) => {
    // A response to a request with trailers arrives in two parts: its head, and what follows.
    if (isWhole.test(`\r\n${text}`) || nth > 1) socket.end(Buffer.from(response, 'latin1'));
  });
  running.push(app);
  const proxied = await startProxied(app.url);
  running.push(proxied);
  return sendRaw(proxied.port, REQUESTS[kind], { quiet: 60_000, longest: 60_000 });
}

describe.each(KINDS)('the response to %s', (kind) => {
  it('sets no cookie that a browser would send back as ours, in any spelling', async () => {
    const own = ['doorward=1', 'DoorWard=1', '__Host-doorward=1', '__Secure-doorward=1'];
    const odd = ['=doorward=1', '= =doorward=1', ' doorward =1', '"doorward"=1', 'doorward'];
    const others = ['__Host-doorward-device=1', '=__Host-doorward-ended=1', 'a=b; x=doorward'];
    const lines = [...own, ...odd, ...others].map((line) => `Set-Cookie: ${line}`);
    const raw = await hearing(
      kind,
      ['HTTP/1.1 403 No', ...lines, 'Content-Length: 2', '', 'no'].join('\r\n'),
    );
    expect(raw.match(/^set-cookie:.*$/gim)).toEqual(['Set-Cookie: a=b; x=doorward']);
  });

  it('has no control characters in its reason phrase', async () => {
    const raw = await hearing(
      kind,
      'HTTP/1.1 403 a\u0000b\u001b[31m\u007f\r\nContent-Length: 2\r\n\r\nno',
    );
    expect(raw).toMatch(/^HTTP\/1\.1 403 ?\r\n/);
    expect(raw).toMatch(/no$/);
  });

  it.each([
    ['a reason with a line of its own', 'HTTP/1.1 403 No\rSet-Cookie: doorward=1'],
    ['a name with a blank', 'HTTP/1.1 403 No\r\nSet-Cookie : doorward=1'],
    ['a folded line', 'HTTP/1.1 403 No\r\nX-A: 1\r\n Set-Cookie: doorward=1'],
    ['bare line feeds', 'HTTP/1.1 403 No\nX-A: 1\nSet-Cookie: doorward=1'],
    ['two lengths', 'HTTP/1.1 403 No\r\nContent-Length: 3'],
    ['a length and chunks', 'HTTP/1.1 403 No\r\nTransfer-Encoding: chunked'],
    ['four digits', 'HTTP/1.1 1000 No'],
  ])('is a bad gateway if it is invalid: %s', async (_, response) => {
    const raw = await hearing(kind, `${response}\r\nContent-Length: 2\r\n\r\nno`);
    expect(statuses(raw)).toEqual([502]);
    expect(raw).not.toMatch(/set-cookie|x-a/i);
  });

  it.each(['HTTP/1.0', 'HTTP/1.1'])('is sent as HTTP/1.1 if the app sends %s', async (version) => {
    const raw = await hearing(kind, `${version} 403 No\r\nContent-Length: 2\r\n\r\nno`);
    expect(raw).toMatch(/^HTTP\/1\.1 403 No\r\n[^]*\r\n\r\nno$/);
  });
});

describe('the response to a handshake', () => {
  it.each([
    ['101 without a protocol', '101 Switching Protocols'],
    ['101 with a length', '101 Switching Protocols\r\nContent-Length: 2'],
    ['099', '099 Early'],
    ['000', '000 None'],
  ])('is a bad gateway and opens no tunnel if it is invalid: %s', async (_, status) => {
    const raw = await hearing('a handshake', `HTTP/1.1 ${status}\r\n\r\nraw`);
    expect(statuses(raw)).toEqual([502]);
    expect(raw).not.toMatch(/\r\n\r\nraw|^upgrade:/im);
  });

  it.each(['chunked', 'gzip, chunked', 'chunked, identity', 'Chunked'])(
    'is re-chunked if its body is coded as %s',
    async (coding) => {
      const body = '2\r\nno\r\n0\r\n\r\n';
      const raw = await hearing(
        'a handshake',
        `HTTP/1.1 403 No\r\nTransfer-Encoding: ${coding}\r\n\r\n${body}`,
      );
      expect(raw.match(/^transfer-encoding:.*$/gim)).toEqual(['transfer-encoding: chunked']);
      expect(raw).toMatch(/\r\n0\r\n\r\n$/);
    },
  );
});

describe('interim responses', () => {
  it.each<Kind>(['a plain request', 'a request with trailers'])(
    'of an app to %s are forwarded up to a limit',
    async (kind) => {
      const early = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n'.repeat(500);
      const raw = await hearing(kind, `${early}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`);
      expect(statuses(raw)).toEqual([...Array.from({ length: 16 }, () => 103), 200]);
      expect(raw).toMatch(/ok$/);
    },
  );
});
