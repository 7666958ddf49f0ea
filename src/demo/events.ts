/** A stream of server-sent events (HTML Living Standard §9.2), which shows that the gateway does not buffer. */
import type { ServerResponse } from 'node:http';

/** Streams open at once; further ones get 503. */
const MAX_STREAMS = 64;
/** Events of one stream, and the milliseconds between them. */
const MAX_EVENTS = 60;
const PAUSE = 1000;

let open = 0;

/** Sends an event at once and one each second, until the client leaves or the stream is complete. */
export function sendEvents(response: ServerResponse): void {
  if (open >= MAX_STREAMS) {
    response.writeHead(503, { 'retry-after': '5', 'content-type': 'text/plain; charset=utf-8' });
    response.end('Too many streams.\n');
    return;
  }
  open += 1;
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  let count = 0;
  const send = (): void => {
    count += 1;
    response.write(`id: ${count}\nevent: tick\ndata: {"count":${count}}\n\n`);
    if (count >= MAX_EVENTS) response.end();
  };
  const timer = setInterval(send, PAUSE);
  response.once('close', () => {
    clearInterval(timer);
    open -= 1;
  });
  send();
}
