/**
 * Records what a real proxy sends: everything from its client, to Doorward and to the apps passes
 * through here unchanged.
 */
import { once } from 'node:events';
import {
  connect as connectHttp2,
  createServer as createHttp2Server,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Destinations, Front, FrontPlace } from '../fronts.ts';
import { freePort } from '../ports.ts';
import type { Program } from '../program.ts';
import { answersOf } from '../raw.ts';
import { readCheckResponse } from '../check-messages.ts';
import { linesOfMessage } from './message-lines.ts';
import { isWhole } from './player.ts';
import {
  type Exchange,
  isCheck,
  isOfBrowser,
  type Leg,
  placeholders,
  type Ports,
  type Sent,
} from './tape.ts';

interface Taken {
  readonly client: Buffer[];
  readonly back: Buffer[];
  readonly sent: Part[];
}

interface Part {
  readonly to: Leg;
  readonly chunks: Buffer[];
  status: number;
}

/** A proxy under observation. */
export interface Recorder {
  readonly program: Pick<Program, 'output' | 'stop'>;
  readonly exchanges: () => readonly Exchange[];
}

/** Starts the proxy with its destinations replaced. */
export async function startRecorder(
  front: Front,
  place: FrontPlace,
  { ports, grpc }: Destinations,
): Promise<Recorder> {
  const all: Taken[] = [];
  // Only one client has its turn, so what the proxy sends belongs to it.
  let current: Taken | null = null;
  let turn = Promise.resolve();
  const inner = await freePort();
  const servers: Server[] = [];
  let text = place.text.replaceAll(`port_value: ${place.port}\n`, `port_value: ${inner}\n`);
  const names: [string, number][] = [
    ['port', place.port],
    ['port', inner],
  ];
  for (const [to, port] of Object.entries(ports)) {
    const server = tapOf(to, port, () => current);
    const own = await listening(server, 0);
    servers.push(server);
    text = text.replaceAll(new RegExp(`\\b${port}\\b`, 'g'), String(own));
    names.push([to, own]);
  }
  if (text.includes(grpc)) {
    const tapped = join(place.dir, 'tap.sock');
    servers.push(await grpcTap(grpc, tapped, () => current));
    text = text.replaceAll(grpc, tapped);
  }
  const program = await front.start({ ...place, port: inner, text });
  /** Lets a client speak to the proxy. Resolves once it is answered, or leaves. */
  const goOn = (near: Socket, taken: Taken | null): Promise<void> => {
    const far = connect({ port: inner, host: '127.0.0.1', allowHalfOpen: true });
    current = taken;
    near.on('data', (chunk: Buffer) => taken?.client.push(chunk));
    far.on('data', (chunk: Buffer) => taken?.back.push(chunk));
    joined(near, far);
    return new Promise((resolve) => {
      near.once('close', resolve);
      far.on('data', () => {
        const back = Buffer.concat(taken?.back ?? []).toString('latin1');
        if (isWhole(back, false)) resolve();
      });
    });
  };
  const door = createServer({ allowHalfOpen: true }, (near) => {
    near.on('error', () => near.destroy());
    near.once('data', (first: Buffer) => {
      near.pause();
      near.unshift(first);
      if (isOfBrowser(first.toString('latin1'), place.port)) return void goOn(near, null);
      const taken: Taken = { client: [], back: [], sent: [] };
      all.push(taken);
      turn = after(turn, async () => {
        if (near.destroyed) return;
        await goOn(near, taken);
      });
    });
  });
  await listening(door, place.port);
  return {
    program: {
      output: program.output,
      async stop() {
        await program.stop();
        for (const server of [door, ...servers]) server.close();
      },
    },
    exchanges: () => distinct(all.map((taken) => exchangeOf(taken, names))),
  };
}

function joined(near: Socket, far: Socket): void {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroySoon());
    from.pipe(to);
  }
}

async function listening(server: Server, at: number | string): Promise<number> {
  if (typeof at === 'string') server.listen(at);
  else server.listen(at, '127.0.0.1');
  await once(server, 'listening');
  return typeof at === 'string' ? 0 : (server.address() as AddressInfo).port;
}

/** Between the proxy and one destination. A request ends where its response begins. */
function tapOf(to: Leg, port: number, current: () => Taken | null): Server {
  return createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let open: Part | null = null;
    let isTunnel = false;
    near.on('data', (chunk: Buffer) => {
      if (isTunnel) return;
      if (open === null) {
        open = { to, chunks: [], status: 0 };
        current()?.sent.push(open);
      }
      open.chunks.push(chunk);
    });
    // It leaves before the answer, which then matters no more.
    near.on('end', () => (open = null));
    far.on('data', (chunk: Buffer) => {
      const status = statusOf(chunk.toString('latin1'));
      if (status === 101) isTunnel = true;
      if (open === null || status === 100) return;
      open.status = status;
      open = null;
    });
    joined(near, far);
  });
}

/** Of the first answer that is not interim, or 100. */
function statusOf(text: string): number {
  const last = text.replace(/^(?:HTTP\/1\.1 100[^]*?\r\n\r\n)+/, '');
  return last === '' ? 100 : Number(last.slice('HTTP/1.1 '.length).slice(0, 3));
}

/** Before a message of gRPC. */
const PREFIX = 5;

/** Between the proxy and Doorward's listener for gRPC. */
async function grpcTap(socket: string, own: string, current: () => Taken | null): Promise<Server> {
  const behind = connectHttp2('http://doorward', { createConnection: () => connect(socket) });
  behind.on('error', () => undefined);
  const server = createHttp2Server();
  server.on('stream', (near: ServerHttp2Stream, headers) => {
    const chunks: Buffer[] = [];
    const { ':path': path = '', 'content-type': type = '' } = headers;
    const call = { ':method': 'POST', ':path': path, 'content-type': type, te: 'trailers' };
    const far = behind.request(call);
    const answered: Buffer[] = [];
    const part: Part = { to: 'grpc', chunks: [], status: 0 };
    near.on('data', (chunk: Buffer) => chunks.push(chunk));
    near.on('end', () => {
      part.chunks.push(Buffer.concat(chunks).subarray(PREFIX));
      current()?.sent.push(part);
    });
    far.on('data', (chunk: Buffer) => answered.push(chunk));
    far.on('end', () => {
      const message = Buffer.concat(answered).subarray(PREFIX);
      if (message.length > 0) part.status = readCheckResponse(message).status;
    });
    far.on('response', (head) => near.respond(head, { waitForTrailers: true }));
    let trailers = {};
    far.on('trailers', (given) => (trailers = given));
    near.on('wantTrailers', () => near.sendTrailers(trailers));
    near.on('error', () => far.close());
    far.on('error', () => near.close());
    near.pipe(far);
    far.pipe(near);
  });
  server.listen(own);
  await once(server, 'listening');
  server.on('close', () => behind.destroy());
  return server;
}

/** With placeholders. */
function exchangeOf({ client, back, sent }: Taken, names: Ports): Exchange {
  const bytes = Buffer.concat(client).toString('latin1');
  const { put } = placeholders(bytes, names);
  const lines = (text: string): string[] => put(text).split('\r\n');
  const parts: Sent[] = sent.map(({ to, status, chunks }) => {
    const whole = Buffer.concat(chunks);
    const own = to === 'grpc' ? linesOfMessage(whole) : whole.toString('latin1').split('\r\n');
    return { to, status, lines: own.map((line) => put(steady(line))) };
  });
  const answers = rawAnswers(Buffer.concat(back).toString('latin1'));
  return { client: lines(bytes), sent: withOwn(parts, answers, lines) };
}

/** Without what differs each time: the client's port, ids, assertions, the time and number of a message. */
function steady(line: string): string {
  return line
    .replace(/^(forwarded: for="127\.0\.0\.1):\d+/, '$1:50000')
    .replace(/^(x-request-id:).+/i, '$1 id')
    .replace(/^([\w-]+:) eyJ[\w-]+\.[\w-]+\.[\w-]+$/, '$1 assertion')
    .replace(/^1\.4\.1:.*/, '1.4.1:1=1 2=1')
    .replace(/^(1\.1\.1\.1:.*) 3=\d+/, '$1 3=50000')
    .replace(/^1\.4\.2\.1=.*/, '1.4.2.1="1"');
}

/** Answers as they were sent; without a head, as HTTP/0.9 has it, one. */
function rawAnswers(back: string): readonly string[] {
  if (!back.startsWith('HTTP/')) return back === '' ? [] : [back];
  return answersOf(back)
    .filter(({ status }) => status >= 200)
    .map(({ head, body }) => `${head.replaceAll(/\r\ndate: .*/gi, '')}\r\n\r\n${body}`);
}

/** Of Doorward, or of an app of the tests. */
const OF_OTHERS = /^x-(?:request-id|upstream): /im;

/**
 * With what the proxy answered by itself, in its place. All else is an answer to what it sent on, or
 * the refusal of a check.
 */
function withOwn(
  parts: readonly Sent[],
  answers: readonly string[],
  lines: (text: string) => readonly string[],
): readonly Sent[] {
  const isAnswered = (part: Sent): boolean =>
    part.status >= 200 && !(isCheck(part) && part.status < 300);
  const out: Sent[] = [];
  const rest = [...parts];
  for (const [at, answer] of answers.entries()) {
    const open = rest.filter(isAnswered).length;
    const isOwn = !OF_OTHERS.test(answer) && answers.length - at > open;
    if (isOwn) {
      // A check that was allowed, before a fault of the proxy.
      if (rest[0] !== undefined && isCheck(rest[0]) && !isAnswered(rest[0]))
        out.push(...rest.splice(0, 1));
      out.push({ to: 'client', status: 0, lines: lines(answer) });
    } else out.push(...rest.splice(0, rest.findIndex(isAnswered) + 1));
  }
  return [...out, ...rest];
}

/** One for each client's bytes: the one in which most was sent, since only what is allowed goes on. */
function distinct(exchanges: readonly Exchange[]): readonly Exchange[] {
  const found = new Map<string, Exchange>();
  for (const exchange of exchanges) {
    const key = exchange.client.join('\r\n');
    const before = found.get(key);
    if (before === undefined || before.sent.length < exchange.sent.length) found.set(key, exchange);
  }
  return [...found.values()];
}

async function after(earlier: Promise<void>, next: () => Promise<void>): Promise<void> {
  await earlier;
  await next();
}
