/** Whether a connection begins with the preface of HTTP/2 (RFC 9113 §3.4), which is no request of HTTP/1.1. */
import type { Socket } from 'node:net';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** Time until it is certain, in milliseconds; as long as for the head of a request. */
const PATIENCE = 10_000;

/** What a connection turns out to be. One is called, or none if it ends before. */
export interface Protocols {
  readonly http1: () => void;
  readonly http2: () => void;
}

/** Reads as far as needed and leaves every byte in the socket. */
export function readPreface(socket: Socket, { http1, http2 }: Protocols): void {
  let bytes = Buffer.alloc(0);
  const stop = (): void => {
    clearTimeout(timer);
    socket.off('readable', onReadable);
    for (const event of ENDS) socket.off(event, onEnd);
  };
  const onEnd = (): void => {
    stop();
    // Destroyed sockets can still report an error.
    socket.on('error', () => undefined);
    socket.destroy();
  };
  const onReadable = (): void => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    bytes = Buffer.concat([bytes, chunk]);
    const length = Math.min(bytes.length, PREFACE.length);
    const isPreface = bytes.compare(PREFACE, 0, length, 0, length) === 0;
    if (isPreface && length < PREFACE.length) return;
    stop();
    socket.unshift(bytes);
    if (isPreface) http2();
    else http1();
  };
  const timer = setTimeout(onEnd, PATIENCE);
  socket.on('readable', onReadable);
  for (const event of ENDS) socket.on(event, onEnd);
}

/** Events after which no more bytes come. */
const ENDS = ['end', 'close', 'error'];
