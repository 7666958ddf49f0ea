/** How listeners close: on real sockets, with a clock that the test controls. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { drain, GRACE, type Pace } from './draining.ts';

const open: (Socket | Server)[] = [];
afterEach(() => {
  for (const one of open.splice(0)) {
    if ('closeAllConnections' in one) {
      one.closeAllConnections();
      one.close();
    } else one.destroy();
  }
});

/** A server that replies to `/slow` when the test permits it, and to everything else at once. */
async function listener() {
  const waiting: ServerResponse[] = [];
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    if (request.url === '/slow') waiting.push(response);
    else response.end('answer');
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, port, waiting };
}

/** A connection that a proxy keeps. */
async function connection(port: number) {
  const socket = connect(port, '127.0.0.1');
  open.push(socket);
  socket.on('error', () => undefined);
  let text = '';
  socket.setEncoding('latin1').on('data', (more: string) => (text += more));
  await once(socket, 'connect');
  const answers = (): readonly string[] =>
    text.split(/(?=HTTP\/1\.1 )/).filter((one) => one !== '');
  const send = (path: string): void =>
    void socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx`);
  return {
    answers,
    send,
    isClosed: () => socket.closed,
    async post(path = '/'): Promise<string> {
      const before = answers().length;
      send(path);
      await until('it is answered', () => answers()[before]?.endsWith('answer') === true);
      return answers()[before] ?? '';
    },
  };
}

type Kept = Awaited<ReturnType<typeof connection>>;

/** Time that passes only when the test permits it. */
function handPace() {
  let now = 0;
  const state = { isOver: false };
  const sleeping: { readonly at: number; readonly wake: () => void }[] = [];
  const pace: Pace = {
    now: () => now,
    pause: (milliseconds) =>
      new Promise<void>((wake) => void sleeping.push({ at: now + milliseconds, wake })),
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  };
  /** Lets time pass step by step, as timers would. */
  async function pass(milliseconds: number): Promise<void> {
    const end = now + milliseconds;
    for (;;) {
      while (sleeping.length === 0 && !state.isOver) await pace.turn();
      const next = sleeping.toSorted((one, other) => one.at - other.at)[0];
      if (next === undefined || next.at > end) break;
      sleeping.splice(sleeping.indexOf(next), 1);
      now = next.at;
      next.wake();
    }
    now = end;
  }
  const over = (): void => void (state.isOver = true);
  return { pace, pass, over, isOver: () => state.isOver };
}

/** A draining server with this many kept connections, whose listener is closed already. */
async function draining(count: number) {
  const { server, port, waiting } = await listener();
  const kept: Kept[] = [];
  for (let i = 0; i < count; i += 1) kept.push(await connection(port));
  for (const one of kept) expect(await one.post()).toContain('Connection: keep-alive');
  const busy = await connection(port);
  busy.send('/slow');
  await until('one request is under way', () => waiting.length === 1);
  const time = handPace();
  const done = drain([server], () => undefined, time.pace).then(time.over);
  await time.pass(60);
  expect(server.listening).toBe(false);
  return { kept, busy, answerSlow: () => waiting[0]?.end('answer'), done, ...time };
}

describe('a closing listener', () => {
  it('replies to the next request of each kept connection, and marks it as the last', async () => {
    const { kept, busy, answerSlow, done } = await draining(3);
    for (const one of kept) {
      expect(one.isClosed()).toBe(false);
      expect(await one.post()).toContain('Connection: close');
      await until('it is closed', one.isClosed);
    }
    answerSlow();
    await until('what was under way is answered', () => busy.answers().length === 1);
    expect(await busy.post()).toContain('Connection: close');
    await done;
  });

  it('keeps idle connections open while requests arrive, and closes them when none does', async () => {
    const { kept, busy, answerSlow, pass, done } = await draining(4);
    answerSlow();
    await until('what was under way is answered', () => busy.answers().length === 1);
    const silent = kept.pop() as Kept;
    for (const one of kept) {
      await pass(1_900);
      expect(await one.post()).toContain('Connection: close');
    }
    await pass(1_900);
    expect([silent.isClosed(), busy.isClosed()]).toEqual([false, false]);
    await pass(200);
    await until('the silent ones are closed', () => silent.isClosed() && busy.isClosed());
    await done;
  });

  it('closes idle connections after 20 seconds, however busy the others are', async () => {
    const { kept, answerSlow, pass, done } = await draining(12);
    const silent = kept.pop() as Kept;
    for (const one of kept) {
      await pass(1_800);
      await one.post();
    }
    expect(silent.isClosed()).toBe(false);
    await pass(500);
    await until('the silent one is closed', silent.isClosed);
    answerSlow();
    await pass(5_000);
    await done;
  });

  it('finishes requests in progress, and cuts them off when its time is over', async () => {
    const { busy, pass, done, isOver } = await draining(0);
    await pass(GRACE - 200);
    expect([busy.isClosed(), isOver()]).toEqual([false, false]);
    await pass(300);
    await done;
    await until('it is cut', busy.isClosed);
    expect(busy.answers()).toEqual([]);
  });

  it('continues to accept while connections arrive, for at most two seconds', async () => {
    const { server, port } = await listener();
    const time = handPace();
    const refusing: boolean[] = [];
    const done = drain([server], () => refusing.push(server.listening), time.pace).then(time.over);
    for (let passed = 0; passed < 1_950; passed += 50) {
      const one = await connection(port);
      expect(await one.post()).toContain('Connection: keep-alive');
      await time.pass(50);
      expect(server.listening).toBe(true);
    }
    await connection(port);
    await time.pass(100);
    expect([server.listening, ...refusing]).toEqual([false, false]);
    await time.pass(GRACE);
    await done;
  });
});
