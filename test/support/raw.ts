/** Raw bytes on a socket: for requests that no client library would send. */
import { connect } from 'node:net';

/** How an exchange of raw bytes ends, if the peer does not end it. */
export interface RawEnd {
  /** Milliseconds without further bytes after the first; 400 by default. */
  readonly quiet?: number;
  /** Milliseconds in all; 30,000 by default. */
  readonly longest?: number;
  /** When it resolves, the client sends no more: it closes its side and reads on. */
  readonly sent?: Promise<unknown>;
  /** The client's address on the loopback network; 127.0.0.1 by default. */
  readonly from?: string;
}

/** Sends bytes (latin-1) and reads until the peer closes, or the exchange ends otherwise. */
export function sendRaw(
  port: number,
  bytes: string | Buffer,
  { quiet = 400, longest = 30_000, sent, from = '127.0.0.1' }: RawEnd = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from });
    const chunks: Buffer[] = [];
    let timer = setTimeout(finish, longest);
    const cap = setTimeout(finish, longest);
    function finish(): void {
      clearTimeout(timer);
      clearTimeout(cap);
      socket.destroy();
      resolve(Buffer.concat(chunks).toString('latin1'));
    }
    socket.on('data', (chunk: Buffer | string) => {
      chunks.push(Buffer.from(chunk as Buffer));
      clearTimeout(timer);
      timer = setTimeout(finish, quiet);
    });
    socket.on('close', finish);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') finish();
      else reject(error);
    });
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    void sent?.then(() => socket.end(), reject);
  });
}

/** One response in a stream of bytes. */
export interface RawAnswer {
  readonly status: number;
  /** Status line and fields, without the empty line. */
  readonly head: string;
  /** Without chunk sizes. */
  readonly body: string;
}

const HEAD = /^HTTP\/1\.[01] (\d{3})[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n/;

/**
 * All responses in a raw stream, each read to the end of its own framing; the last one may be cut
 * off. Throws on bytes that belong to no response, which two parsers would read differently.
 */
export function answersOf(raw: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = raw;
  while (rest !== '') {
    const head = HEAD.exec(rest);
    if (head === null)
      throw new Error(`no answer begins with ${JSON.stringify(rest.slice(0, 80))}`);
    const status = Number(head[1]);
    rest = rest.slice(head[0].length);
    const { body, size } = bodyOf(status, head[0], rest);
    rest = rest.slice(size);
    answers.push({ status, head: head[0].trimEnd(), body });
  }
  return answers;
}

/** Status codes of all responses in a raw stream, in order. */
export function statuses(raw: string): number[] {
  return answersOf(raw).map((answer) => answer.status);
}

function bodyOf(status: number, head: string, rest: string): { body: string; size: number } {
  // A response to HEAD has a length and no body; the next one follows directly.
  if (status < 200 || status === 204 || status === 304 || HEAD.test(rest)) {
    return { body: '', size: 0 };
  }
  if (/^transfer-encoding: *chunked\r$/im.test(head)) return unchunked(rest);
  const length = /^content-length: *(\d+)\r$/im.exec(head)?.[1];
  const size = Math.min(rest.length, length === undefined ? rest.length : Number(length));
  return { body: rest.slice(0, size), size };
}

function unchunked(rest: string): { body: string; size: number } {
  let body = '';
  let at = 0;
  for (;;) {
    const line = /^([0-9a-f]+)[^\r\n]*\r\n/i.exec(rest.slice(at, at + 64));
    if (line === null) return { body, size: rest.length };
    const size = Number.parseInt(line[1] as string, 16);
    at += line[0].length;
    if (size === 0) {
      const end = rest.startsWith('\r\n', at) ? at : rest.indexOf('\r\n\r\n', at) + 2;
      return { body, size: end < at ? rest.length : end + 2 };
    }
    body += rest.slice(at, at + size);
    at += size + 2;
    if (at >= rest.length) return { body, size: rest.length };
  }
}
