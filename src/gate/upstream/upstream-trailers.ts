/**
 * The rare request that announces trailers, over node:http, since undici cannot send them.
 * Each has a connection of its own that is never reused. Same listener, same promises.
 */
import type { ClientRequest } from 'node:http';
import type { Readable } from 'node:stream';
import { dial } from './dial.ts';
import type { Listener, Trailers, UpstreamRequest } from './exchange.ts';

// Imported by name, node:http would load node's own fetch with it: a tenth of the start.
const { request: requestHttp } = process.getBuiltinModule('node:http');

/** Sends a chunked body with what `trailers` says once the body has ended. */
export function sendWithTrailers(
  request: UpstreamRequest,
  trailers: Trailers,
  listener: Listener,
): void {
  const { target } = request;
  const hasHost = request.headers.some((part, i) => i % 2 === 0 && part.toLowerCase() === 'host');
  const outgoing = requestHttp({
    createConnection: () => dial(target),
    method: request.method,
    path: request.path,
    headers: [
      ...(hasHost ? [] : ['Host', target.authority]),
      ...request.headers,
      ...(trailers.announced.length > 0 ? ['Trailer', trailers.announced.join(', ')] : []),
      'Transfer-Encoding',
      'chunked',
      'Connection',
      'close',
    ],
  });
  let isOver = false;
  const fault = (error: Error): void => {
    if (isOver) return;
    isOver = true;
    outgoing.destroy();
    listener.fault(error);
  };
  outgoing.on('error', fault);
  outgoing.on('information', (info) => {
    if (!isOver) listener.head(info.statusCode, info.statusMessage, info.rawHeaders);
  });
  outgoing.on('upgrade', () => fault(new Error('the upstream switched protocols unasked')));
  outgoing.on('response', (answer) => {
    if (isOver) return;
    steer.pause = () => answer.pause();
    steer.resume = () => answer.resume();
    listener.head(answer.statusCode ?? 0, answer.statusMessage ?? '', answer.rawHeaders);
    answer.on('data', (chunk: Buffer) => {
      if (!isOver) listener.data(chunk);
    });
    answer.on('error', fault);
    answer.on('close', () => fault(new Error('the upstream ended its answer early')));
    answer.on('end', () => {
      if (isOver || !answer.complete) return;
      isOver = true;
      outgoing.destroy();
      listener.end(answer.rawTrailers);
    });
  });
  const steer = {
    abort: fault,
    pause: (): void => {
      // Nothing comes before the head.
    },
    resume: (): void => {
      // As above.
    },
  };
  listener.started(steer);
  if (!isOver) pump(request.body as Readable, outgoing, trailers, fault);
}

function pump(
  body: Readable,
  outgoing: ClientRequest,
  trailers: Trailers,
  fault: (error: Error) => void,
): void {
  body.on('error', fault);
  body.on('data', (chunk: Buffer) => {
    if (!outgoing.write(chunk)) body.pause();
  });
  outgoing.on('drain', () => body.resume());
  outgoing.on('close', () => body.destroy());
  body.on('end', () => {
    const flat = trailers.read();
    const pairs: [string, string][] = [];
    for (let i = 0; i + 1 < flat.length; i += 2) {
      pairs.push([flat[i] as string, flat[i + 1] as string]);
    }
    if (pairs.length > 0) outgoing.addTrailers(pairs);
    outgoing.end();
  });
}
