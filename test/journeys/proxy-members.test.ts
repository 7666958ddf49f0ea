/** Several members of one upstream: what each loses, and what moves to the others. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Event } from '../../src/core/access/event.ts';
import { plainUpstream, type UpstreamGroup } from '../../src/core/routes/upstream.ts';
import { ALICE, type Proxied, type ProxiedOptions, startProxied } from '../support/proxied.ts';
import { until } from '../support/until.ts';
import { startBytes, startSockets } from '../support/upstreams.ts';

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.close();
});

interface Member {
  readonly url: string;
  readonly port: number;
  /** `GET /hold` waits here. */
  readonly held: ServerResponse[];
  /** Methods and sizes of what has arrived in full. */
  readonly seen: string[];
  status: number;
  close(): Promise<void>;
}

/** An app that says which member it is. `/hold` is not answered, `/up` with `status`. */
async function startMember(name: string, at: number | string = 0): Promise<Member> {
  const held: ServerResponse[] = [];
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((incoming, response) => {
    if (incoming.url === '/hold') return void held.push(response);
    let size = 0;
    incoming.on('data', (chunk: Buffer) => (size += chunk.length));
    incoming.on('end', () => {
      if (incoming.url !== '/up') seen.push(`${incoming.method} ${size}`);
      response.writeHead(incoming.url === '/up' ? member.status : 200).end(name);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  if (typeof at === 'number') server.listen(at, '127.0.0.1');
  else server.listen(at);
  await once(server, 'listening');
  const port = typeof at === 'number' ? (server.address() as AddressInfo).port : 0;
  const url = typeof at === 'number' ? `http://127.0.0.1:${port}` : `unix:${at}`;
  const member: Member = {
    url,
    port,
    held,
    seen,
    status: 200,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  running.push(member);
  return member;
}

/** The URL of a member that has gone. */
async function gone(): Promise<string> {
  const member = await startMember('gone');
  await member.close();
  return member.url;
}

async function behind(
  urls: readonly string[],
  changes: Partial<UpstreamGroup> = {},
  options: ProxiedOptions = {},
): Promise<Proxied> {
  const [first = '', ...others] = urls;
  const group = { ...plainUpstream(first, 10_000), urls: [first, ...others] as const, ...changes };
  const proxied = await startProxied(group, options);
  running.push(proxied);
  return proxied;
}

interface Asked {
  readonly method?: string;
  readonly body?: Buffer;
}

function ask(
  { port }: Pick<Proxied, 'port'>,
  path: string,
  { method = 'GET', body }: Asked = {},
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      Host: 'app.gw.test',
      Cookie: ALICE,
      ...(body === undefined ? {} : { 'Content-Length': body.length }),
    };
    const asked = request({ port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: String(Buffer.concat(chunks)) }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

function changesOf({ events }: Proxied): string[] {
  return events.flatMap((event) => (event.type === 'member' ? event.change : []));
}

function endings({ events }: Proxied): Extract<Event, { type: 'upstream' }>[] {
  return events.filter((event) => event.type === 'upstream');
}

const TEN_MB = Buffer.alloc(10 * 1024 * 1024, 'x');

describe('one of three members dies under load', () => {
  it('loses its own requests alone, and comes back', async () => {
    const clock = { now: 0 };
    const members = [await startMember('a'), await startMember('b'), await startMember('c')];
    const [a, b, c] = members as [Member, Member, Member];
    const pace = { now: () => clock.now, chance: () => 0.5 };
    const proxied = await behind(
      members.map(({ url }) => url),
      {},
      { pace },
    );

    const held = members.map(() => ask(proxied, '/hold'));
    await until('each holds one', () => members.every((one) => one.held.length === 1));
    await b.close();
    const lost = await Promise.race(held);
    expect(lost.status).toBe(502);

    const load = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        ask(proxied, '/x', i % 2 === 0 ? {} : { method: 'POST', body: Buffer.from('abc') }),
      ),
    );
    expect(load.map(({ status }) => status)).toEqual(load.map(() => 200));
    expect(new Set(load.map(({ text }) => text))).toEqual(new Set(['a', 'c']));
    expect(changesOf(proxied)).toEqual(['ejected']);
    const retried = endings(proxied).filter(({ retries }) => retries !== undefined);
    expect(retried.length).toBeGreaterThan(0);

    const again = await startMember('b again', b.port);
    expect((await ask(proxied, '/x')).text).not.toBe('b again');
    clock.now += 1_000;
    expect((await ask(proxied, '/x')).text).toBe('b again');
    expect(changesOf(proxied)).toEqual(['ejected', 'returned']);
    expect(again.seen).toHaveLength(1);

    for (const { held: waiting } of [a, c]) waiting[0]?.end('held');
    const results = await Promise.all(held);
    expect(results.map(({ status }) => status).toSorted((x, y) => x - y)).toEqual([200, 200, 502]);
  });
});

describe('a request that was not sent', () => {
  it('goes to another member with its whole body, whatever its method', async () => {
    const good = await startMember('good');
    const proxied = await behind([await gone(), good.url], { balance: 'first' });
    const posted = await ask(proxied, '/x', { method: 'POST', body: TEN_MB });
    expect(posted).toEqual({ status: 200, text: 'good' });
    expect(good.seen).toEqual([`POST ${TEN_MB.length}`]);
    expect(endings(proxied)).toMatchObject([{ status: 200, member: good.url, retries: 1 }]);
  });

  it('goes from a missing Unix socket to one that is there', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'doorward-members-'));
    running.push({ close: async () => rmSync(directory, { recursive: true }) });
    const there = await startMember('there', join(directory, 'there.sock'));
    const missing = `unix:${join(directory, 'missing.sock')}`;
    const proxied = await behind([missing, there.url], { balance: 'first' });
    expect((await ask(proxied, '/x')).text).toBe('there');
    expect(proxied.events.filter(({ type }) => type === 'member')).toMatchObject([
      { member: missing, change: 'ejected', cause: { word: 'socket/missing' } },
    ]);
  });

  it('gets 502 once all have been tried, and later requests try them again', async () => {
    const proxied = await behind([await gone(), await gone(), await gone()]);
    for (const nth of [1, 2]) {
      expect((await ask(proxied, '/x')).status).toBe(502);
      const last = endings(proxied)[nth - 1];
      expect(last).toMatchObject({ fault: 'upstream/down', retries: 2 });
      expect(last?.cause?.word).toBe('refused');
    }
  });

  it('opens a websocket elsewhere', async () => {
    const app = await startSockets();
    running.push(app);
    const proxied = await behind([await gone(), app.url], { balance: 'first' });
    const socket = new WebSocket(`ws://127.0.0.1:${proxied.port}/ws`, {
      headers: { Host: 'app.gw.test', Cookie: ALICE },
    });
    await once(socket, 'open');
    socket.send('hello');
    expect(String((await once(socket, 'message'))[0])).toBe('hello');
    socket.terminate();
    await until('the end is reported', () => endings(proxied).length === 1);
    expect(endings(proxied)).toMatchObject([{ status: 101, member: app.url, retries: 1 }]);
  });
});

describe('a request that was sent', () => {
  it.each(['GET', 'POST'])('is not sent again after a reset: %s', async (method) => {
    const resets = await startBytes((socket) => socket.resetAndDestroy());
    running.push(resets);
    const other = await startMember('other');
    const proxied = await behind([resets.url, other.url], { balance: 'first' });
    const body = method === 'POST' ? { body: Buffer.from('abc') } : {};
    expect((await ask(proxied, '/x', { method, ...body })).status).toBe(502);
    expect(resets.connections().made).toBe(1);
    expect(other.seen).toEqual([]);
    // Three without a response in a row are conclusive.
    for (const status of [502, 502, 200]) {
      expect((await ask(proxied, '/x')).status).toBe(status);
    }
    expect(changesOf(proxied)).toEqual(['ejected']);
  });
});
