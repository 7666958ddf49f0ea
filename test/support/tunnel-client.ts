/** A client that requests h2c and, if it is accepted, sends a request through the tunnel. */
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';

/** The outcome. */
export interface Tunnelled {
  /** Status of the response to the upgrade. */
  readonly status: number;
  /** Status of the request inside, or null without a tunnel. */
  readonly inside: number | null;
}

/** Requests h2c with these lines; `headers` are the request inside the tunnel. */
export async function askForH2c(
  port: number,
  lines: readonly string[],
  headers: Readonly<Record<string, string>>,
): Promise<Tunnelled> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    const head = await headOf(socket);
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
    if (status !== 101) return { status, inside: null };
    const session = connectHttp2('http://inside', { createConnection: () => socket });
    const inside = await new Promise<number>((resolve, reject) => {
      session.on('error', reject);
      const stream = session.request(headers);
      stream.on('response', (answer) => resolve(Number(answer[':status'])));
      stream.on('error', reject);
      stream.end();
    });
    session.destroy();
    return { status, inside };
  } finally {
    socket.destroy();
  }
}

function headOf(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const read = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', read);
      // The session reads what is put back; a flowing socket would lose it.
      socket.pause();
      const rest = text.slice(end + 4);
      if (rest !== '') socket.unshift(Buffer.from(rest, 'latin1'));
      resolve(text.slice(0, end));
    };
    socket.on('data', read);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed without an answer')));
  });
}
