/**
 * Requests that offer an upgrade which is declined, followed by more bytes. Node drops what arrives
 * in the same chunk and continues in the middle of a message, so a body would become a request.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ALICE, startProxied } from '../support/proxied.ts';
import { answersOf } from '../support/raw.ts';
import { until } from '../support/until.ts';
import { startApp } from '../support/upstreams.ts';

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.close();
});

function head(line: string, ...fields: readonly string[]): string {
  return [`${line} HTTP/1.1`, 'Host: app.gw.test', `Cookie: ${ALICE}`, ...fields, '', ''].join(
    '\r\n',
  );
}

const smuggled = head('GET /smuggled');
const longer = head('POST /second', 'Content-Length: 4000');

/** An app that replies on command. */
async function waiting() {
  const held: ServerResponse[] = [];
  const app = await startApp((_request, response) => void held.push(response));
  running.push(app);
  const proxied = await startProxied(app.url);
  running.push(proxied);
  return { app, held, proxied };
}

/**
 * Sends both chunks, the second once the app has received the first request; reads until the end.
 */
async function exchange(first: string, second: string) {
  const { app, held, proxied } = await waiting();
  const socket = connect(proxied.port, '127.0.0.1');
  let raw = '';
  socket.on('data', (chunk: Buffer) => (raw += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  socket.write(first);
  await until('the app has the first request', () => held.length === 1);
  await new Promise((resolve) => socket.write(second, resolve));
  held[0]?.end('first');
  await closed;
  return { answers: answersOf(raw), seen: app.seen };
}

const H2C = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'];
const offers: readonly [string, readonly string[]][] = [
  ['h2c', H2C],
  ['TLS', ['Connection: Upgrade', 'Upgrade: TLS/1.0']],
  ['two protocols', ['Connection: Upgrade', 'Upgrade: websocket, h2c']],
  ['two fields', ['Connection: upgrade', 'Upgrade: websocket', 'Upgrade: h2c']],
];

describe('a request whose upgrade is declined is the last of its connection', () => {
  it.each(offers)(
    '%s: the body of the next request is not parsed as a request',
    async (_, offer) => {
      const { answers, seen } = await exchange(head('GET /first', ...offer) + longer, smuggled);
      expect(seen.map(({ url }) => url)).toEqual(['/first']);
      expect(answers.map(({ status, body }) => [status, body])).toEqual([[200, 'first']]);
      expect(answers[0]?.head).toMatch(/^connection: close$/im);
    },
  );

  it.each(offers)(
    '%s: nothing after it is read, however it is split into chunks',
    async (_, offer) => {
      for (const [first, second] of [
        [head('GET /first', ...offer), smuggled],
        [head('GET /first', ...offer) + smuggled, smuggled],
        [head('POST /first', ...offer, 'Content-Length: 0') + smuggled, smuggled],
        [`${head('POST /first', ...offer, 'Transfer-Encoding: chunked')}0\r\n\r\n`, smuggled],
      ] as const) {
        const { answers, seen } = await exchange(first, second);
        expect(seen.map(({ url }) => url)).toEqual(['/first']);
        expect(answers.map(({ status }) => status)).toEqual([200]);
      }
    },
  );

  it.each(['GET', 'POST'])(
    '%s: its own body reaches the app complete, as a body',
    async (method) => {
      const length = `Content-Length: ${smuggled.length}`;
      const first = head(`${method} /first`, ...H2C, length) + smuggled.slice(0, 9);
      const { answers, seen } = await exchange(first, smuggled.slice(9));
      expect(seen.map(({ url, body }) => [url, body.toString()])).toEqual([['/first', smuggled]]);
      expect(answers.map(({ status }) => status)).toEqual([200]);
    },
  );
});
