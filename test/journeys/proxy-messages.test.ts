/** HTTP details through the proxy: framing, interim responses, trailers, empty responses. */
import { afterEach, describe, expect, it } from 'vitest';
import { ALICE, type Proxied, type ProxiedOptions, startProxied } from '../support/proxied.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { type App, type AppHandler, startApp, startBytes } from '../support/upstreams.ts';

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.close();
});

async function behind(
  handler?: AppHandler,
  options?: ProxiedOptions & { base?: string },
): Promise<{ app: App; proxied: Proxied }> {
  const app = await startApp(handler);
  running.push(app);
  const proxied = await startProxied(app.url + (options?.base ?? ''), options);
  running.push(proxied);
  return { app, proxied };
}

/** A complete request of alice's that closes the connection. */
function message(start: string, headers: readonly string[] = [], body = ''): string {
  const fixed = ['Host: app.gw.test', `Cookie: ${ALICE}`, 'Connection: close'];
  return [`${start} HTTP/1.1`, ...fixed, ...headers, '', body].join('\r\n');
}

describe('requests', () => {
  it('keep repeated fields, spelling, latin-1 values and the query', async () => {
    const { app, proxied } = await behind();
    await sendRaw(
      proxied.port,
      message('GET /a%20b?x=%2F..&y', [
        'X-Twice: 1',
        'x-TWICE: 2',
        'X-Latin: caf\xe9',
        'traceparent: 00-ab-cd-01',
      ]),
    );
    expect(app.seen[0]?.url).toBe('/a%20b?x=%2F..&y');
    expect(app.seen[0]?.rawHeaders).toEqual(
      expect.arrayContaining(['X-Twice', 'x-TWICE', 'X-Latin', 'caf\xe9', '00-ab-cd-01']),
    );
  });

  it('are sent below the base path of the upstream, under its own host name', async () => {
    const { app, proxied } = await behind(undefined, { base: '/base/' });
    await sendRaw(proxied.port, message('GET /x?y'));
    expect(app.seen[0]?.url).toBe('/base/x?y');
    expect(app.seen[0]?.values('host')).toEqual([`127.0.0.1:${app.port}`]);
  });

  it('keep their Host if the route says so', async () => {
    const { app, proxied } = await behind(undefined, { preserveHost: true });
    await sendRaw(proxied.port, message('GET /'));
    expect(app.seen[0]?.values('host')).toEqual(['app.gw.test']);
  });

  it.each(['GET', 'HEAD', 'DELETE', 'OPTIONS'])(
    '%s without a body gets no framing',
    async (method) => {
      const { app, proxied } = await behind();
      await sendRaw(proxied.port, message(`${method} /x`));
      expect(app.seen[0]?.values('content-length')).toEqual([]);
      expect(app.seen[0]?.values('transfer-encoding')).toEqual([]);
    },
  );

  it.each(['DELETE', 'OPTIONS', 'POST', 'PATCH', 'GET'])(
    '%s in chunks stays chunked',
    async (method) => {
      const { app, proxied } = await behind();
      const body = '3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\n\r\n';
      await sendRaw(proxied.port, message(`${method} /x`, ['Transfer-Encoding: chunked'], body));
      expect(app.seen).toHaveLength(1);
      expect(app.seen[0]?.body.toString()).toBe('abcdefg');
      expect(app.seen[0]?.values('transfer-encoding')).toEqual(['chunked']);
      expect(app.seen[0]?.values('content-length')).toEqual([]);
    },
  );

  it.each(['DELETE', 'POST', 'GET'])('%s with a length keeps it', async (method) => {
    const { app, proxied } = await behind();
    await sendRaw(proxied.port, message(`${method} /x`, ['Content-Length: 3'], 'abc'));
    expect(app.seen[0]?.values('content-length')).toEqual(['3']);
    expect(app.seen[0]?.body.toString()).toBe('abc');
  });

  it('forward announced trailers, except those we manage', async () => {
    const { app, proxied } = await behind();
    const body = '3\r\nabc\r\n0\r\nX-Checksum: 900\r\nRemote_User: root\r\nHost: evil\r\n\r\n';
    const headers = [
      'Transfer-Encoding: chunked',
      'Trailer: X-Checksum, Remote-User',
      'TE: gzip, trailers',
    ];
    const raw = await sendRaw(proxied.port, message('POST /x', headers, body));
    expect(statuses(raw)).toEqual([200]);
    expect(app.seen[0]?.rawTrailers).toEqual(['X-Checksum', '900']);
    expect(app.seen[0]?.values('trailer')).toEqual(['X-Checksum']);
    expect(app.seen[0]?.values('te')).toEqual(['trailers']);
    expect(app.seen[0]?.body.toString()).toBe('abc');
  });
});

describe('a client that sends Expect', () => {
  const body = ['Expect: 100-continue', 'Content-Length: 3'];

  it('receives 100 Continue after the check, and the app does not see the header', async () => {
    const { app, proxied } = await behind();
    const raw = await sendRaw(proxied.port, message('POST /x', body, 'abc'));
    expect(statuses(raw)).toEqual([100, 200]);
    expect(app.seen[0]?.values('expect')).toEqual([]);
  });

  it('is refused without a 100 if it is anonymous', async () => {
    const { app, proxied } = await behind();
    const raw = await sendRaw(proxied.port, message('POST /x', body, '').replace(ALICE, 'a=b'));
    expect(statuses(raw)).toEqual([401]);
    expect(app.seen).toHaveLength(0);
  });

  it('gets 417 for any other expectation', async () => {
    const { app, proxied } = await behind();
    const odd = ['Expect: y 100-continue', 'Content-Length: 3'];
    expect(statuses(await sendRaw(proxied.port, message('POST /x', odd, 'abc')))).toEqual([417]);
    expect(app.seen).toHaveLength(0);
  });
});

describe('responses', () => {
  it('keep status, reason, repeated fields, spelling and latin-1', async () => {
    const { proxied } = await behind((_request, response) => {
      response.writeHead(299, 'Just So', [
        'X-Twice',
        '1',
        'x-twice',
        '2',
        'X-Latin',
        'caf\xe9',
        'Content-Length',
        '0',
      ]);
      response.end();
    });
    const raw = await sendRaw(proxied.port, message('GET /'));
    expect(raw).toMatch(/^HTTP\/1\.1 299 Just So\r\n/);
    expect(raw).toContain('X-Twice: 1\r\nx-twice: 2\r\nX-Latin: caf\xe9\r\n');
  });

  it('are never decompressed, and redirects are never followed', async () => {
    const { app, proxied } = await behind((_request, response) => {
      response.writeHead(302, { Location: '/elsewhere', 'Content-Encoding': 'gzip' });
      response.end('not gzip at all');
    });
    const raw = await sendRaw(proxied.port, message('GET /'));
    expect(raw).toContain('Location: /elsewhere');
    expect(raw).toContain('not gzip at all');
    expect(app.seen).toHaveLength(1);
  });

  it('are preceded by their 103 Early Hints', async () => {
    const { proxied } = await behind((_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => response.end('done'));
    });
    const raw = await sendRaw(proxied.port, message('GET /'));
    expect(statuses(raw)).toEqual([103, 200]);
    expect(raw.toLowerCase()).toContain('link: </style.css>; rel=preload');
  });

  it('keep their trailers', async () => {
    const { proxied } = await behind((_request, response) => {
      response.writeHead(200, { Trailer: 'X-Checksum' });
      response.write('abc');
      response.addTrailers({ 'X-Checksum': '900', 'Remote-User': 'root' });
      response.end();
    });
    const raw = await sendRaw(proxied.port, message('GET /'));
    expect(raw).toContain('Trailer: X-Checksum');
    expect(raw).toMatch(/\r\n0\r\nX-Checksum: 900\r\n\r\n$/);
  });

  it('lose their trailers for an HTTP/1.0 client, which does not support chunks', async () => {
    const { proxied } = await behind((_request, response) => {
      response.writeHead(200, { Trailer: 'X-Checksum' });
      response.write('abc');
      response.addTrailers({ 'X-Checksum': '900' });
      response.end();
    });
    const raw = await sendRaw(proxied.port, message('GET /').replace('HTTP/1.1', 'HTTP/1.0'));
    expect(raw).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(raw).toMatch(/\r\n\r\nabc$/);
    expect(raw).not.toContain('Checksum');
  });

  it('to HEAD have the length and no body, and the connection stays usable', async () => {
    const { proxied } = await behind((_request, response) => {
      response.writeHead(200, { 'Content-Length': 5 });
      response.end('hello');
    });
    const head = message('HEAD /').replace('Connection: close\r\n', '');
    const raw = await sendRaw(proxied.port, head + message('GET /'));
    expect(statuses(raw)).toEqual([200, 200]);
    expect(raw.match(/Content-Length: 5/g)).toHaveLength(2);
    expect(raw.match(/hello/g)).toHaveLength(1);
  });

  it('with 304 keep their Content-Length', async () => {
    const app = await startBytes((socket) => {
      socket.write('HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\nETag: "x"\r\n\r\n');
    });
    running.push(app);
    const proxied = await startProxied(app.url);
    running.push(proxied);
    const twice = message('GET /').replace('Connection: close\r\n', '') + message('GET /');
    const raw = await sendRaw(proxied.port, twice);
    expect(statuses(raw)).toEqual([304, 304]);
    expect(raw).toContain('Content-Length: 1234');
  });

  it('with 204 have neither length nor chunks', async () => {
    const app = await startBytes((socket) => {
      socket.write('HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n');
    });
    running.push(app);
    const proxied = await startProxied(app.url);
    running.push(proxied);
    const raw = await sendRaw(proxied.port, message('GET /'));
    expect(statuses(raw)).toEqual([204]);
    expect(raw.toLowerCase()).not.toMatch(/content-length|transfer-encoding/);
  });

  it('that end with the connection also do so for an HTTP/1.0 client', async () => {
    const app = await startBytes((socket) => {
      socket.end('HTTP/1.0 200 OK\r\n\r\nuntil the end');
    });
    running.push(app);
    const proxied = await startProxied(app.url);
    running.push(proxied);
    const raw = await sendRaw(proxied.port, message('GET /').replace('HTTP/1.1', 'HTTP/1.0'));
    expect(raw).toMatch(/\r\n\r\nuntil the end$/);
    expect(raw).not.toMatch(/chunked/i);
  });
});

function closesOnSecond(): ReturnType<typeof startBytes> {
  return startBytes((socket, nth) => {
    if (nth === 2) socket.destroy();
    else socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${nth}`);
  });
}

describe('a kept connection that the app is closing', () => {
  it('is replaced transparently for a GET, which is sent again', async () => {
    const app = await closesOnSecond();
    running.push(app);
    const proxied = await startProxied(app.url, { limits: { connections: 1 } });
    running.push(proxied);
    expect(statuses(await sendRaw(proxied.port, message('GET /1')))).toEqual([200]);
    expect(await sendRaw(proxied.port, message('GET /2'))).toMatch(/\r\n\r\n3$/);
  });

  it('gives 502 for a POST, which may have been processed', async () => {
    const app = await closesOnSecond();
    running.push(app);
    const proxied = await startProxied(app.url, { limits: { connections: 1 } });
    running.push(proxied);
    expect(statuses(await sendRaw(proxied.port, message('GET /1')))).toEqual([200]);
    const post = message('POST /2', ['Content-Length: 1'], 'x');
    expect(statuses(await sendRaw(proxied.port, post))).toEqual([502]);
    expect(app.bytes().match(/POST/g)).toHaveLength(1);
  });
});

describe('our own paths on app hosts', () => {
  it('sign out by way of the portal and return', async () => {
    const { app, proxied } = await behind();
    const raw = await sendRaw(proxied.port, message('GET /.doorward/sign-out'));
    expect(raw).toMatch(/^HTTP\/1\.1 302 /);
    expect(raw).toContain(
      `Location: http://auth.gw.test/flow/logout?rd=${encodeURIComponent('http://app.gw.test/')}`,
    );
    expect(app.seen).toHaveLength(0);
  });

  it('explain that a route is served by another proxy', async () => {
    const proxied = await startProxied(null);
    running.push(proxied);
    expect(statuses(await sendRaw(proxied.port, message('GET /')))).toEqual([421]);
  });
});
