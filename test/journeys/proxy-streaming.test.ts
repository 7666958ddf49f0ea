/** What apps and clients may rely on when the proxy is between them, over real sockets. */
import {
  Agent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ALICE, type Proxied, type ProxiedOptions, startProxied } from '../support/proxied.ts';
import { type App, type AppHandler, startApp } from '../support/upstreams.ts';

const MB = 1 << 20;
const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.close();
});

async function behind(
  handler?: AppHandler,
  options?: ProxiedOptions,
): Promise<{ app: App; proxied: Proxied }> {
  const app = await startApp(handler);
  running.push(app);
  const proxied = await startProxied(app.url, options);
  running.push(proxied);
  return { app, proxied };
}

/** A request of alice's; the caller ends it. */
function ask(proxied: Proxied, path: string, more: RequestOptions = {}) {
  const headers = { Host: 'app.gw.test', Cookie: ALICE, ...(more.headers as object) };
  const options = { host: '127.0.0.1', port: proxied.port, path, agent: false as const };
  const request = httpRequest({ ...options, ...more, headers });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
  });
  // A caller may await it; without one, it must not fail the test run.
  answer.catch(() => {});
  return { request, answer };
}

/** The rest of a response; rejects when it is cut off. */
async function text(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

/** Waits for a condition of this process, one turn of the event loop at a time. */
async function until(claim: () => boolean): Promise<void> {
  while (!claim()) await turn();
}

/** Waits until a count has not changed for many turns. */
async function still(count: () => number): Promise<void> {
  for (let turns = 0, last = count(); turns < 300; turns += 1) {
    await turn();
    if (count() !== last) turns = 0;
    last = count();
  }
}

describe('large bodies', () => {
  it('stream down at the reader’s pace, in constant memory', async () => {
    let sent = 0;
    const chunk = Buffer.alloc(256 * 1024, 'x');
    const { proxied } = await behind((_request, response) => {
      const more = (): void => {
        while (sent < 100 * MB) {
          sent += chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    });
    const before = process.memoryUsage().rss;
    const { request, answer } = ask(proxied, '/big');
    request.end();
    const reading = await answer;
    reading.pause();
    await still(() => sent);
    // What the kernel buffers for four sockets, and our few buffers.
    expect(sent).toBeLessThan(48 * MB);
    let size = 0;
    for await (const part of reading) size += (part as Buffer).length;
    expect(size).toBe(100 * MB);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MB);
  });

  it('stream up at the app’s pace, in constant memory', async () => {
    const held: IncomingMessage[] = [];
    let got = 0;
    const app = await startApp((request, response) => {
      request.pause();
      held.push(request);
      request.on('data', (part: Buffer) => (got += part.length));
      request.pause();
      request.on('end', () => response.end(String(got)));
    });
    running.push(app);
    const proxied = await startProxied(app.url);
    running.push(proxied);
    const before = process.memoryUsage().rss;
    const { request, answer } = ask(proxied, '/upload', {
      method: 'PUT',
      headers: { 'Content-Length': 100 * MB },
    });
    let sent = 0;
    const chunk = Buffer.alloc(256 * 1024, 'y');
    const more = (): void => {
      while (sent < 100 * MB) {
        sent += chunk.length;
        if (!request.write(chunk)) {
          request.once('drain', more);
          return;
        }
      }
      request.end();
    };
    more();
    await until(() => app.seen.length === 1);
    await still(() => sent);
    expect(sent).toBeLessThan(48 * MB);
    for (const stopped of held) stopped.resume();
    expect(await text(await answer)).toBe(String(100 * MB));
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MB);
  });
});

describe('server-sent events', () => {
  it('arrive one by one, and the head at once', async () => {
    const streams: ServerResponse[] = [];
    const { proxied } = await behind((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      streams.push(response);
    });
    const { request, answer } = ask(proxied, '/events');
    request.end();
    const events = (await answer)[Symbol.asyncIterator]();
    for (const event of ['one', 'two', 'three']) {
      streams[0]?.write(`data: ${event}\n\n`);
      // The next is sent only after this one arrives, so any buffering would hang.
      expect(String((await events.next()).value)).toBe(`data: ${event}\n\n`);
    }
    streams[0]?.end();
    expect((await events.next()).done).toBe(true);
  });
});

describe('a disconnect', () => {
  it('of a client before the first byte releases the app', async () => {
    let gone = false;
    const { app, proxied } = await behind((_request, response) => {
      response.on('close', () => (gone = true));
    });
    const { request } = ask(proxied, '/slow');
    request.on('error', () => {});
    request.end();
    await until(() => app.seen.length === 1);
    request.destroy();
    await until(() => gone);
    await until(() => proxied.events.some((e) => e.type === 'upstream'));
    expect(proxied.events.at(-1)).toMatchObject({ fault: 'client/gone', status: 0 });
  });

  it('of a client during a response releases the app', async () => {
    let gone = false;
    const { proxied } = await behind((_request, response) => {
      response.write('begin');
      response.on('close', () => (gone = true));
    });
    const { request, answer } = ask(proxied, '/slow');
    request.end();
    const reading = await answer;
    reading.on('error', () => {});
    reading.once('data', () => reading.destroy());
    await until(() => gone);
    expect(proxied.events.at(-1)).toMatchObject({ fault: 'client/gone', status: 0 });
  });

  it('of a client during an upload gives the app no complete request', async () => {
    let outcome = '';
    const { app, proxied } = await behind((request) => {
      request.on('aborted', () => (outcome = 'aborted'));
      request.on('end', () => (outcome = 'whole'));
    });
    const { request } = ask(proxied, '/up', { method: 'POST', headers: { 'Content-Length': 100 } });
    request.on('error', () => {});
    request.write('half');
    await until(() => app.seen.length === 1);
    request.destroy();
    await until(() => outcome !== '');
    expect(outcome).toBe('aborted');
  });

  it.each([
    ['with a length', { 'Content-Length': '100' }],
    ['in chunks', {}],
  ])(
    'of the app during a response %s reaches the client as a broken response',
    async (_, headers) => {
      const { proxied } = await behind((_request, response) => {
        response.writeHead(200, headers);
        response.write('half', () => response.destroy());
      });
      const { request, answer } = ask(proxied, '/dying');
      request.end();
      await expect(text(await answer)).rejects.toThrow(/aborted/);
      expect(proxied.events.at(-1)).toMatchObject({ type: 'upstream', fault: 'upstream/broken' });
    },
  );

  it('of the app before its response gives 502', async () => {
    const { app, proxied } = await behind((request) => request.socket.destroy());
    const { request, answer } = ask(proxied, '/dying');
    request.end();
    expect((await answer).statusCode).toBe(502);
    expect(app.seen).toHaveLength(1);
  });
});

describe('an app that does not respond', () => {
  it('because it cannot be reached gives a page with the request id, and JSON for programs', async () => {
    const app = await startApp();
    await app.close();
    const proxied = await startProxied(app.url);
    running.push(proxied);
    const page = ask(proxied, '/', { headers: { Accept: 'text/html' } });
    page.request.end();
    const shown = await page.answer;
    expect(shown.statusCode).toBe(502);
    expect(await text(shown)).toContain('upstream/down');
    const program = ask(proxied, '/', { headers: { Accept: 'application/json' } });
    program.request.end();
    const told = await program.answer;
    const id = told.headers['x-request-id'];
    expect(JSON.parse(await text(told))).toMatchObject({ error: 'upstream/down', request_id: id });
  });

  it('gives 504 after the route’s timeout, and is released', async () => {
    let gone = false;
    const { proxied } = await behind(
      (_request, response) => response.on('close', () => (gone = true)),
      { timeout: 50 },
    );
    const { request, answer } = ask(proxied, '/silent');
    request.end();
    expect((await answer).statusCode).toBe(504);
    await until(() => gone);
    expect(proxied.events.at(-1)).toMatchObject({ fault: 'upstream/timeout', status: 504 });
  });

  it('because a client stalls in its upload gives 408, and is not blamed', async () => {
    const { proxied } = await behind((request) => request.resume(), { timeout: 50 });
    const { request, answer } = ask(proxied, '/', {
      method: 'POST',
      headers: { 'Content-Length': 9 },
    });
    request.write('half');
    expect((await answer).statusCode).toBe(408);
    request.destroy();
  });

  it('with too many waiting requests gives 503 with Retry-After', async () => {
    const { app, proxied } = await behind(() => {}, { limits: { connections: 1, waiting: 0 } });
    const first = ask(proxied, '/first');
    first.request.end();
    await until(() => app.seen.length === 1);
    const second = ask(proxied, '/second');
    second.request.end();
    expect((await second.answer).headers).toMatchObject({ 'retry-after': '1' });
    expect((await second.answer).statusCode).toBe(503);
    first.request.destroy();
  });
});

describe('connections to the app', () => {
  it('are reused, and limited under load', async () => {
    const { app, proxied } = await behind(undefined, { limits: { connections: 4 } });
    const agent = new Agent({ keepAlive: true, maxSockets: 40 });
    const all = Array.from({ length: 40 }, async (_, i) => {
      const { request, answer } = ask(proxied, `/n/${i}`, { agent });
      request.end();
      return text(await answer);
    });
    const bodies = await Promise.all(all);
    expect(bodies.map((body) => (JSON.parse(body) as { url: string }).url)).toEqual(
      bodies.map((_, i) => `/n/${i}`),
    );
    expect(app.connections().made).toBeLessThanOrEqual(4);
    agent.destroy();
  });
});
