/** Bytes as they are on a socket: for requests that no client library would send. */
import { connect } from 'node:net';

/**
 * Sends bytes (latin-1) and reads until the peer closes, or nothing has come for `quiet`
 * milliseconds after something came, or `longest` has passed.
 */
export function sendRaw(
  port: number,
  bytes: string | Buffer,
  { quiet = 150, longest = 5_000 }: { quiet?: number; longest?: number } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
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
  });
}

/** Status codes of all answers in a raw stream, in order. */
export function statuses(raw: string): number[] {
  return [...raw.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map((match) => Number(match[1]));
}
