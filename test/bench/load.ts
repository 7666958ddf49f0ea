/**
 * The load: a process of its own with plain sockets. Sends requests one after the other on each
 * of its connections and counts whole answers. Parameters as JSON on standard input, result on
 * standard output.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

/** What to send. */
export interface Load {
  readonly port: number;
  /** Whole requests, latin-1; taken in turn. */
  readonly requests: readonly string[];
  readonly connections: number;
  readonly milliseconds: number;
  /** Status every answer must have. */
  readonly status: number;
}

/** What came back. */
export interface Result {
  readonly answers: number;
  readonly wrong: number;
  readonly milliseconds: number;
}

const load = JSON.parse(readFileSync(0, 'utf8')) as Load;
const messages = load.requests.map((text) => Buffer.from(text, 'latin1'));
const head = `HTTP/1.1 ${load.status}`;
let turn = 0;
let answers = 0;
let wrong = 0;
let isOver = false;

function next(): Buffer {
  turn = (turn + 1) % messages.length;
  return messages[turn] as Buffer;
}

/** Bytes of a whole answer at the start of `text`, or 0 when more must come. */
function wholeLength(text: string): number {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return 0;
  const length = /\r\ncontent-length: ?(\d+)/i.exec(text.slice(0, end + 2))?.[1];
  if (length !== undefined) {
    const whole = end + 4 + Number(length);
    return text.length >= whole ? whole : 0;
  }
  if (!/\r\ntransfer-encoding: ?chunked/i.test(text.slice(0, end + 2))) return end + 4;
  const last = text.indexOf('\r\n0\r\n\r\n', end + 2);
  return last < 0 ? 0 : last + 7;
}

function drive(socket: Socket): void {
  let text = '';
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer | string) => {
    text += (chunk as Buffer).toString('latin1');
    const length = wholeLength(text);
    if (length === 0) return;
    answers += 1;
    if (!text.startsWith(head)) wrong += 1;
    text = text.slice(length);
    if (!isOver) socket.write(next());
  });
  socket.on('error', () => (wrong += 1));
  socket.write(next());
}

const sockets = Array.from({ length: load.connections }, () => connect(load.port, '127.0.0.1'));
for (const socket of sockets) socket.once('connect', () => drive(socket));
const start = performance.now();
setTimeout(() => {
  isOver = true;
  const result: Result = { answers, wrong, milliseconds: performance.now() - start };
  process.stdout.write(JSON.stringify(result));
  for (const socket of sockets) socket.destroy();
}, load.milliseconds);
