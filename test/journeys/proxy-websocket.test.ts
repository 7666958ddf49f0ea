/**
 * Websockets through the proxy: checked at the handshake, forwarded, and closed when their session
 * ends.
 */
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ALICE, BOB, type Proxied, type ProxiedOptions, startProxied } from '../support/proxied.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { startApp, startBytes, startSockets } from '../support/upstreams.ts';

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.close();
});

async function behind(options?: ProxiedOptions) {
  const app = await startSockets();
  running.push(app);
  const proxied = await startProxied(app.url, options);
  running.push(proxied);
  return { app, proxied };
}

function dial(proxied: Proxied, path: string, headers: Record<string, string> = { Cookie: ALICE }) {
  return new WebSocket(`ws://127.0.0.1:${proxied.port}${path}`, {
    headers: { Host: 'app.gw.test', ...headers },
  });
}

/** The status with which a handshake was refused. */
function refusal(socket: WebSocket): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.on('error', () => {});
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.on('open', () => reject(new Error('it was opened')));
  });
}

function closing(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.on('error', () => {});
    socket.on('close', (code) => resolve(code));
  });
}

async function until(claim: () => boolean): Promise<void> {
  while (!claim()) await turn();
}

/** A handshake as bytes. */
function handshake(path: string, ...headers: readonly string[]): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: app.gw.test',
    `Cookie: ${ALICE}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...headers,
    '',
    '',
  ].join('\r\n');
}

describe('a websocket', () => {
  it('forwards text and bytes both ways', async () => {
    const { app, proxied } = await behind();
    const socket = dial(proxied, '/ws?room=1');
    await once(socket, 'open');
    socket.send('hello');
    expect(String((await once(socket, 'message'))[0])).toBe('hello');
    const big = Buffer.alloc(1 << 20, 7);
    socket.send(big);
    expect((await once(socket, 'message'))[0]).toEqual(big);
    expect(app.seen[0]?.url).toBe('/ws?room=1');
    const closed = closing(socket);
    socket.close(1000);
    expect(await closed).toBe(1000);
    await until(() => proxied.live.count === 0);
    expect(proxied.events.at(-1)).toMatchObject({ type: 'upstream', status: 101, fault: '' });
  });

  it('reaches the app with our headers alone', async () => {
    const { app, proxied } = await behind();
    const socket = dial(proxied, '/ws', {
      Cookie: `a=1; ${ALICE}`,
      Remote_User: 'root',
      'REMOTE-GROUPS': 'admins',
      'X-Forwarded-For': '10.0.0.1',
    });
    await once(socket, 'open');
    const seen = app.seen[0];
    expect(seen?.values('remote-user')).toEqual(['alice']);
    expect(seen?.values('cookie')).toEqual(['a=1']);
    expect(seen?.values('x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(seen?.rawHeaders.join('\n')).not.toMatch(/root|admins|10\.0\.0\.1/);
    socket.terminate();
  });

  it('lists only Upgrade in Connection', async () => {
    const { app, proxied } = await behind();
    await sendRaw(proxied.port, handshake('/ws', 'Connection: remote-user, x-real-ip'));
    const seen = app.seen[0];
    expect(seen?.values('connection')).toEqual(['Upgrade']);
    expect(seen?.values('remote-user')).toEqual(['alice']);
    expect(seen?.values('x-real-ip')).toEqual(['127.0.0.1']);
  });

  it('is closed at the app when the client disconnects', async () => {
    const { app, proxied } = await behind();
    const socket = dial(proxied, '/ws');
    await once(socket, 'open');
    socket.terminate();
    await until(() => app.clients.size === 0 && proxied.live.count === 0);
    expect(proxied.events.at(-1)).toMatchObject({ type: 'upstream', status: 101 });
  });

  it('is closed at the client when the app disconnects', async () => {
    const { app, proxied } = await behind();
    const socket = dial(proxied, '/ws');
    await once(socket, 'open');
    const closed = closing(socket);
    for (const client of app.clients) client.terminate();
    expect(await closed).toBe(1006);
  });
});

describe('fields of a handshake are bytes', () => {
  /** Latin-1 text that contains the bytes of UTF-8. */
  const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

  it('WS-bytes: groups and cookies that are not ASCII arrive as over HTTP', async () => {
    const { app, proxied } = await behind({ groups: ['b\u00fcro', 'staff'] });
    const fields = [
      `Cookie: ${ALICE}; name=${utf8('J\u00fcrgen')}; old=J\xfcrgen; c=3`,
      `X-Name: ${utf8('\u65e5\u672c')}`,
      'X-Name: caf\xe9',
    ];
    const raw = handshake('/ws', ...fields).replace(`Cookie: ${ALICE}\r\n`, '');
    await sendRaw(proxied.port, raw);
    const plain = raw.replace(/^(?:Connection|Upgrade|Sec-WebSocket-\w+): .*\r\n/gm, '');
    await sendRaw(proxied.port, plain.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    const [overWebsocket, overHttp] = app.seen;
    expect(overHttp?.values('remote-groups')).toHaveLength(1);
    for (const name of ['remote-groups', 'remote-user', 'cookie', 'x-name', 'host', 'forwarded']) {
      expect(overWebsocket?.values(name), name).toEqual(overHttp?.values(name));
    }
    expect(overWebsocket?.values('cookie')).toEqual([
      `name=${utf8('J\u00fcrgen')}; old=J\xfcrgen; c=3`,
    ]);
    expect(overWebsocket?.values('x-name')).toEqual([utf8('\u65e5\u672c'), 'caf\xe9']);
  });

  const TOLD = [
    `X-Welcome: ${utf8('Gr\u00fc\u00df dich')}`,
    'X-Old: caf\xe9',
    'x-old: 2',
    'Set-Cookie: a=\xe4',
    'Set-Cookie: b=2',
  ];

  it('WS-bytes: a 101 reaches the client as the app sent it, except for our cookies', async () => {
    const app = await startBytes((socket) => {
      const lines = [
        'HTTP/1.1 101 Switching Protocols',
        'Connection: Upgrade',
        'Upgrade: websocket',
        ...TOLD,
        'Set-Cookie: =doorward=planted',
        'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      ];
      socket.write(Buffer.from([...lines, '', '\x81\x02hi'].join('\r\n'), 'latin1'));
    });
    running.push(app);
    const proxied = await startProxied(app.url);
    running.push(proxied);
    const raw = await sendRaw(proxied.port, handshake('/ws'));
    expect(raw.split('\r\n')).toEqual([
      'HTTP/1.1 101 Switching Protocols',
      'Connection: Upgrade',
      'Upgrade: websocket',
      ...TOLD,
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      '',
      '\x81\x02hi',
    ]);
  });

  it('WS-bytes: a refusal does so as well', async () => {
    const app = await startBytes((socket) => {
      const lines = ['HTTP/1.1 403 Forbidden', ...TOLD, 'Content-Length: 2', '', 'no'];
      socket.write(Buffer.from(lines.join('\r\n'), 'latin1'));
    });
    running.push(app);
    const proxied = await startProxied(app.url);
    running.push(proxied);
    const lines = (await sendRaw(proxied.port, handshake('/ws'))).split('\r\n');
    expect(lines).toContain(TOLD[0]);
    expect(lines.filter((line) => /^x-old/i.test(line)).map((line) => line.slice(7))).toEqual([
      'caf\xe9',
      '2',
    ]);
    expect(lines.filter((line) => line.startsWith('Set-Cookie'))).toEqual(TOLD.slice(3));
    expect(lines.at(-1)).toBe('no');
  });
});

describe('a handshake is refused', () => {
  it('with 401 if it is anonymous, however the tokens are spelled', async () => {
    const { app, proxied } = await behind();
    expect(await refusal(dial(proxied, '/ws', {}))).toBe(401);
    const odd = handshake('/ws').replace(ALICE, 'a=b').replace('websocket', 'WebSocket');
    const raw = await sendRaw(proxied.port, odd.replace('Upgrade', 'upgrade'));
    expect(statuses(raw)).toEqual([401]);
    expect(raw).toContain('"reason":"session/none"');
    expect(raw).toMatch(/Connection: close/i);
    expect(app.connections().made).toBe(0);
  });

  it('with 403 from another origin, but not from its own', async () => {
    const { app, proxied } = await behind();
    const foreign = { Cookie: ALICE, Origin: 'https://attacker.invalid' };
    expect(await refusal(dial(proxied, '/ws', foreign))).toBe(403);
    expect(app.connections().made).toBe(0);
    const own = dial(proxied, '/ws', { Cookie: ALICE, Origin: 'http://app.gw.test' });
    await once(own, 'open');
    own.terminate();
  });

  it('if it has a body', async () => {
    const { app, proxied } = await behind();
    const length = handshake('/public/ws', 'Content-Length: 5');
    expect(statuses(await sendRaw(proxied.port, `${length}abcde`))).toEqual([400]);
    const post = length.replace('GET', 'POST');
    expect(statuses(await sendRaw(proxied.port, `${post}abcde`))).toEqual([400]);
    expect(app.connections().made).toBe(0);
  });

  it('with 502 if the app is down, and 504 if it is silent', async () => {
    const gone = await startApp();
    await gone.close();
    const down = await startProxied(gone.url);
    running.push(down);
    expect(await refusal(dial(down, '/ws'))).toBe(502);
    const silent = await startBytes(() => {});
    running.push(silent);
    const waiting = await startProxied(silent.url, { timeout: 50 });
    running.push(waiting);
    expect(await refusal(dial(waiting, '/ws'))).toBe(504);
    await until(() => waiting.live.count === 0 && silent.connections().open === 0);
  });

  it('with the app’s response, cleaned, if the app does not switch', async () => {
    const app = await startBytes((socket) => {
      socket.write(
        'HTTP/1.1 200 OK\r\nUpgrade: websocket\r\nConnection: Upgrade, X-Hop\r\nX-Hop: 1\r\n' +
          'Set-Cookie: doorward=evil\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nno',
      );
    });
    running.push(app);
    const proxied = await startProxied(app.url);
    running.push(proxied);
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: app.gw.test\r\n\r\n';
    const raw = await sendRaw(proxied.port, handshake('/ws') + smuggled);
    expect(statuses(raw)).toEqual([200]);
    expect(raw).toMatch(/\r\n\r\nno$/);
    expect(raw).toContain('a=b');
    expect(raw).not.toMatch(/doorward|x-hop|^upgrade/im);
    expect(app.bytes()).not.toContain('smuggled');
  });

  it('if the app switches to another protocol', async () => {
    const app = await startBytes((socket) => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nraw',
      );
    });
    running.push(app);
    const proxied = await startProxied(app.url);
    running.push(proxied);
    const raw = await sendRaw(proxied.port, handshake('/ws'));
    expect(statuses(raw)).toEqual([502]);
    expect(raw).not.toContain('raw');
  });
});

describe('an open websocket is closed', () => {
  it('when its session ends, and others are not', async () => {
    const { proxied } = await behind();
    const alice = dial(proxied, '/ws');
    const bob = dial(proxied, '/ws', { Cookie: BOB });
    await Promise.all([once(alice, 'open'), once(bob, 'open')]);
    const closed = closing(alice);
    proxied.signOut('alice');
    expect(await closed).toBe(1008);
    bob.send('still here');
    expect(String((await once(bob, 'message'))[0])).toBe('still here');
    bob.terminate();
  });

  it('when the session expires', async () => {
    const { proxied } = await behind();
    const socket = dial(proxied, '/ws');
    await once(socket, 'open');
    const closed = closing(socket);
    proxied.clock.advance(13 * 3_600_000);
    expect(await closed).toBe(1008);
  });

  it('with 1001 when the gateway stops', async () => {
    const { proxied } = await behind();
    const socket = dial(proxied, '/public/ws', {});
    await once(socket, 'open');
    const closed = closing(socket);
    proxied.live.shutdown();
    expect(await closed).toBe(1001);
    expect(await refusal(dial(proxied, '/public/ws', {}))).toBe(503);
  });
});
