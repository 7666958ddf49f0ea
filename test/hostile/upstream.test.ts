/** Misbehaving apps: no response may reach the wrong user or corrupt our reply. */
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ALICE, BOB, type Proxied, startProxied } from '../support/proxied.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { startApp, startBytes } from '../support/upstreams.ts';

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.close();
});

/** A proxy with one connection to an app of raw bytes, so that leftover bytes are noticed. */
async function before(...answer: Parameters<typeof startBytes>) {
  const app = await startBytes(...answer);
  running.push(app);
  const proxied = await startProxied(app.url, { limits: { connections: 1 } });
  running.push(proxied);
  return { app, proxied };
}

function get(path: string, cookie = ALICE, ...more: readonly string[]): string {
  const lines = [`GET ${path} HTTP/1.1`, 'Host: app.gw.test', `Cookie: ${cookie}`];
  return [...lines, 'Connection: close', ...more, '', ''].join('\r\n');
}

function ok(body: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

async function until(claim: () => boolean): Promise<void> {
  while (!claim()) await turn();
}

describe('an app that sends more than one response', () => {
  it('SMUG-resp-two: the second response reaches no client', async () => {
    const { app, proxied } = await before((socket, nth) =>
      socket.write(nth === 1 ? ok('for alice') + ok('stray') : ok(`answer ${nth}`)),
    );
    expect(await sendRaw(proxied.port, get('/app/a'))).toMatch(/for alice$/);
    expect(await sendRaw(proxied.port, get('/app/b', BOB))).toMatch(/answer 2$/);
    expect(app.connections().made).toBe(2);
  });

  it('SMUG-resp-unsolicited: bytes on an idle connection close it', async () => {
    const idle: Socket[] = [];
    const { app, proxied } = await before((socket, nth) => {
      socket.write(ok(`answer ${nth}`));
      idle.push(socket);
    });
    expect(await sendRaw(proxied.port, get('/app/a'))).toMatch(/answer 1$/);
    idle[0]?.write(ok('stray'));
    await until(() => app.connections().open === 0);
    expect(await sendRaw(proxied.port, get('/app/b', BOB))).toMatch(/answer 2$/);
    expect(app.connections().made).toBe(2);
  });

  it('a second response that arrives with the next request does not belong to it', async () => {
    const { proxied } = await before((socket, nth) => {
      socket.write(ok(`answer ${nth}`));
      if (nth === 1) setImmediate(() => socket.write(ok('stray')));
    });
    expect(await sendRaw(proxied.port, get('/app/a'))).toMatch(/answer 1$/);
    expect(await sendRaw(proxied.port, get('/app/b', BOB))).toMatch(/answer 2$/);
  });

  it('a body longer than its length ends at that length', async () => {
    const { proxied } = await before((socket, nth) => {
      socket.write(nth === 1 ? `${ok('12345')}tail` : ok('clean'));
    });
    expect(await sendRaw(proxied.port, get('/a'))).toMatch(/\r\n\r\n12345$/);
    expect(await sendRaw(proxied.port, get('/b', BOB))).toMatch(/clean$/);
  });

  it('a body after HEAD, 204 or 304 is not the next response', async () => {
    const { proxied } = await before((socket, nth) => {
      const body = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray';
      const head = `HTTP/1.1 304 Not Modified\r\nContent-Length: ${body.length}\r\n\r\n`;
      socket.write(nth === 1 ? head + body : ok('clean'));
    });
    expect(statuses(await sendRaw(proxied.port, get('/a')))).toEqual([304]);
    expect(await sendRaw(proxied.port, get('/b', BOB))).toMatch(/clean$/);
  });

  it('switching protocols without a request is a bad gateway', async () => {
    const { proxied } = await before((socket) => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n',
      );
    });
    expect(statuses(await sendRaw(proxied.port, get('/a')))).toEqual([502]);
  });
});

describe('a response that two parsers would read differently', () => {
  it.each([
    [
      'SMUG-resp-cl-te',
      'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    ],
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'],
    ['a list of lengths', 'Content-Length: 5, 5\r\n\r\nhello'],
    ['a negative length', 'Content-Length: -5\r\n\r\nhello'],
    ['SMUG-resp-crlf, bare CR', 'X-A: a\rSet-Cookie: doorward=evil\r\nContent-Length: 0\r\n\r\n'],
    ['SMUG-resp-crlf, NUL', 'X-A: a\0b\r\nContent-Length: 0\r\n\r\n'],
    ['a blank in a name', 'X A: 1\r\nContent-Length: 0\r\n\r\n'],
    ['a chunk size that is none', 'Transfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ])('%s: gets 502 or is cut off, and the connection is closed', async (_, rest) => {
    const { app, proxied } = await before((socket, nth) => {
      socket.write(nth === 1 ? `HTTP/1.1 200 OK\r\n${rest}` : ok('clean'));
    });
    const raw = await sendRaw(proxied.port, get('/a'));
    expect(statuses(raw).length).toBeLessThanOrEqual(1);
    expect(raw).not.toMatch(/evil|hello|^X[- ]A/m);
    await until(() => app.connections().open === 0);
    expect(await sendRaw(proxied.port, get('/b', BOB))).toMatch(/clean$/);
  });

  it('SMUG-resp-crlf, folded line: reaches the client as one line or none', async () => {
    const { proxied } = await before((socket) => {
      socket.write(
        'HTTP/1.1 200 OK\r\nX-A: a\r\n Set-Cookie: doorward=evil\r\nContent-Length: 0\r\n\r\n',
      );
    });
    const raw = await sendRaw(proxied.port, get('/a'));
    expect(raw).not.toMatch(/^\s*Set-Cookie/im);
    expect(statuses(raw)).toHaveLength(1);
  });

  it('with a head that does not end is cut off', async () => {
    const { app, proxied } = await before((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${'X-Many: 1234567890\r\n'.repeat(10_000)}`);
    });
    expect(statuses(await sendRaw(proxied.port, get('/a')))).toEqual([502]);
    await until(() => app.connections().open === 0);
  });
});

/** What a client receives of a response with these lines. */
async function answering(...lines: readonly string[]): Promise<string> {
  const { proxied } = await before((socket) => {
    socket.write(['HTTP/1.1 200 OK', ...lines, 'Content-Length: 2', '', 'ok'].join('\r\n'));
  });
  return sendRaw(proxied.port, get('/app/resp-connection'));
}

describe('fields of a response', () => {
  it('HOP-response: are removed if they are hop-by-hop or listed in Connection', async () => {
    const raw = await answering(
      'Connection: Set-Cookie, X-Frame-Options, Content-Length',
      'Set-Cookie: a=b',
      'X-Frame-Options: DENY',
      'Keep-Alive: timeout=1',
      'Proxy-Authenticate: Basic',
      'Proxy-Connection: keep-alive',
      'Upgrade: h2c',
      'X-Kept: 1',
    );
    expect(raw).toMatch(/\r\n\r\nok$/);
    expect(raw).toContain('X-Kept: 1');
    expect(raw).toContain('Content-Length: 2');
    expect(raw).not.toMatch(/set-cookie|x-frame|timeout=1\b|proxy-|upgrade/i);
    expect(raw.match(/^Connection:/gim)).toHaveLength(1);
  });

  it('neither set nor clear our cookies', async () => {
    const raw = await answering(
      'Set-Cookie: doorward=planted; Path=/',
      'Set-Cookie:  __Secure-DOORWARD = x',
      'Set-Cookie: __Host-doorward-browser=; Max-Age=0',
      'Set-Cookie: theirs=1',
    );
    expect(raw.match(/^Set-Cookie:.*$/gim)).toEqual(['Set-Cookie: theirs=1']);
  });
});

describe('Clear-Site-Data from an app', () => {
  const HARMFUL = [
    'Clear-Site-Data: "cookies"',
    'X-Accel-Redirect: /secret',
    'X-SENDFILE: /etc/passwd',
    'Set-Cookie: =doorward=planted',
    'Set-Cookie: \t__Host-doorward-browser\t=x',
  ];
  const harm = /"cookies"|x-accel|x-sendfile|planted|doorward-browser/i;

  it('RESP-csd: is removed from the head of a response, except the parts that clear the app’s own data', async () => {
    const raw = await answering(...HARMFUL, 'Cache-Control: public, max-age=60');
    expect(raw).not.toMatch(harm);
    expect(raw).toMatch(/^Clear-Site-Data: "cache", "storage"\r$/m);
    expect(raw).toMatch(/^Cache-Control: private, max-age=60\r$/m);
  });

  it('RESP-csd: is removed from an interim response', async () => {
    const { proxied } = await before((socket) => {
      const early = ['HTTP/1.1 103 Early Hints', 'Link: </a.css>', ...HARMFUL, '', ''];
      socket.write(early.join('\r\n') + ok('ok'));
    });
    const raw = await sendRaw(proxied.port, get('/a'));
    expect(raw).toMatch(/ok$/);
    expect(raw).not.toMatch(harm);
  });

  it('RESP-csd: is removed from trailers', async () => {
    const { proxied } = await before((socket) => {
      const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n';
      socket.write(`${head}2\r\nok\r\n0\r\nX-Sum: 1\r\n${HARMFUL.join('\r\n')}\r\n\r\n`);
    });
    const raw = await sendRaw(proxied.port, get('/a'));
    expect(raw).toContain('X-Sum: 1');
    expect(raw).not.toMatch(harm);
  });
});

describe('an app that responds before it has read the request', () => {
  it('is forwarded, and its connection is not reused', async () => {
    const app = await startApp((_request, response) => {
      response.writeHead(413, { 'Content-Length': 0 });
      response.end();
    });
    running.push(app);
    const proxied: Proxied = await startProxied(app.url, { limits: { connections: 1 } });
    running.push(proxied);
    const post = get('/up').replace('GET', 'POST').replace('Connection: close\r\n', '');
    const raw = await sendRaw(
      proxied.port,
      post.replace('\r\n\r\n', '\r\nContent-Length: 50\r\n\r\nhalf'),
    );
    expect(statuses(raw)).toEqual([413]);
    await sendRaw(proxied.port, get('/next', BOB));
    expect(app.seen.map((one) => one.url)).toEqual(['/up', '/next']);
    expect(app.connections().made).toBe(2);
  });
});
