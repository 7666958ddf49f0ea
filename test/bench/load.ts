/**
 * The load: a separate process with plain sockets. Sends requests one after the other on each of
 * its connections and counts complete responses. Parameters as JSON on standard input, result on
 * standard output.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

/** What to send. */
export interface Load {
  readonly port: number;
  /** Complete requests, latin-1; taken in turn. */
  readonly requests: readonly string[];
  /** Each request is sent at most once, however long that takes. */
  readonly once: boolean;
  readonly connections: number;
  /** Time in which requests are sent; the load ends when all of them have a response. */
  readonly milliseconds: number;
  /** Requests after which the load ends earlier; null for no such number. */
  readonly enough: number | null;
  /** Status that every response must have. */
  readonly status: number;
}

/** The result. */
export interface Result {
  /** How many requests were sent. */
  readonly sent: number;
  readonly answers: number;
  readonly wrong: number;
  readonly milliseconds: number;
  /** Milliseconds within which 99 of 100 responses came. */
  readonly p99: number;
}

const load = JSON.parse(readFileSync(0, 'utf8')) as Load;
const head = `HTTP/1.1 ${load.status}`;
let sent = 0;
let answers = 0;
let wrong = 0;
/** Milliseconds of each response. */
const times: number[] = [];
let isEnding = false;
let isOver = false;

/** The next request, or null when there is none left. */
function next(): string | null {
  if (isEnding || (load.once && sent >= load.requests.length)) return null;
  if (load.enough !== null && sent >= load.enough) return null;
  sent += 1;
  return load.requests[(sent - 1) % load.requests.length] as string;
}

/** Longest accepted head, in bytes. */
const MAX_HEAD = 8192;

/** Bytes of a complete response whose head is at the start of `text`, or 0 if more must arrive. */
function wholeLength(text: string): number {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return 0;
  const length = /\r\ncontent-length: ?(\d+)/i.exec(text.slice(0, end + 2))?.[1];
  if (length === undefined) throw new Error(`an answer without a length:\n${text.slice(0, end)}`);
  return end + 4 + Number(length);
}

function drive(socket: Socket): void {
  let text = '';
  let seen = 0;
  let whole = 0;
  let begun = 0;
  const send = (): void => {
    const request = next();
    begun = performance.now();
    if (request !== null) socket.write(request, 'latin1');
    else if (answers >= sent) finish();
  };
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    seen += chunk.length;
    if (whole === 0) {
      text += chunk.toString('latin1', 0, MAX_HEAD);
      whole = wholeLength(text);
      if (whole === 0) return;
      if (!text.startsWith(head)) wrong += 1;
      text = '';
    }
    // Bodies are counted and not stored.
    if (seen < whole) return;
    seen = 0;
    whole = 0;
    answers += 1;
    times.push(performance.now() - begun);
    send();
  });
  socket.on('error', () => (wrong += 1));
  send();
}

function finish(): void {
  if (isOver) return;
  isOver = true;
  times.sort((a, b) => a - b);
  const p99 = times[Math.floor(times.length * 0.99)] ?? 0;
  const result: Result = { sent, answers, wrong, milliseconds: performance.now() - start, p99 };
  process.stdout.write(JSON.stringify(result));
  for (const socket of sockets) socket.destroy();
  clearTimeout(ending);
  clearTimeout(limit);
}

/** Longest time for all responses, in milliseconds: a server that hangs shows as fewer of them. */
const LIMIT = 20_000;

const sockets = Array.from({ length: load.connections }, () => connect(load.port, '127.0.0.1'));
for (const socket of sockets) socket.once('connect', () => drive(socket));
const start = performance.now();
const ending = setTimeout(() => (isEnding = !load.once), load.milliseconds);
const limit = setTimeout(finish, LIMIT);
