/**
 * Sends the rare request that announces trailers by node:http, since undici cannot send them. Each
 * has a connection of its own that is never reused.
 */
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { pairsOf } from '../../core/request/header-pairs.ts';
import { connectTo } from './dial.ts';
import type { TryListener } from './dispatch.ts';
import type { Trailers, UpstreamRequest } from './exchange.ts';
import type { Member } from './member.ts';
import type { Target } from './target.ts';

// Imported by name, node:http would load node's own fetch with it: a tenth of the start.
const { request: requestHttp } = process.getBuiltinModule('node:http');

/** A request whose client announced trailers. */
export interface TrailedRequest extends UpstreamRequest {
  readonly trailers: Trailers;
}

/** Whether trailers may follow the body. */
export function hasTrailers(request: UpstreamRequest): request is TrailedRequest {
  return request.trailers !== null;
}

/** Sends a chunked body and then the trailers. The listener is called as by an ordinary exchange. */
export function sendWithTrailers(
  { target }: Pick<Member, 'target'>,
  request: TrailedRequest,
  listener: TryListener,
): void {
  connectTo(target, (error, socket) => {
    if (socket !== null) sendOver(socket, target, request, listener);
    else listener.fault(error ?? new Error('no connection'));
  });
}

function sendOver(
  socket: Socket,
  target: Target,
  request: TrailedRequest,
  listener: TryListener,
): void {
  const { trailers } = request;
  const outgoing = requestHttp({
    createConnection: () => socket,
    method: request.method,
    path: target.basePath + request.path,
    headers: headersOf(target, request),
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
  outgoing.on('response', (response) => {
    if (isOver) return;
    steer.pause = () => response.pause();
    steer.resume = () => response.resume();
    listener.head(response.statusCode ?? 0, response.statusMessage ?? '', response.rawHeaders);
    response.on('data', (chunk: Buffer) => {
      if (!isOver) listener.data(chunk);
    });
    response.on('error', fault);
    response.on('close', () => fault(new Error('the upstream ended its answer early')));
    response.on('end', () => {
      if (isOver || !response.complete) return;
      isOver = true;
      outgoing.destroy();
      listener.end(response.rawTrailers);
    });
  });
  const steer = {
    abort: fault,
    pause: (): void => {
      // Nothing arrives before the head.
    },
    resume: (): void => {
      // As above.
    },
  };
  listener.started(steer, { isKept: false });
  if (!isOver && request.body !== null) pump(request.body, { outgoing, trailers, fault });
}

function headersOf(
  { authority }: Target,
  { headers, trailers: { announced } }: TrailedRequest,
): string[] {
  const hasHost = headers.some((part, i) => i % 2 === 0 && part.toLowerCase() === 'host');
  return [
    ...(hasHost ? [] : ['Host', authority]),
    ...headers,
    ...(announced.length > 0 ? ['Trailer', announced.join(', ')] : []),
    'Transfer-Encoding',
    'chunked',
    'Connection',
    'close',
  ];
}

interface Pumping {
  readonly outgoing: ClientRequest;
  readonly trailers: Trailers;
  readonly fault: (error: Error) => void;
}

function pump(body: Readable, { outgoing, trailers, fault }: Pumping): void {
  body.on('error', fault);
  body.on('data', (chunk: Buffer) => {
    if (!outgoing.write(chunk)) body.pause();
  });
  outgoing.on('drain', () => body.resume());
  outgoing.on('close', () => body.destroy());
  body.on('end', () => {
    const flat = trailers.read();
    if (flat.length > 0) outgoing.addTrailers(pairsOf(flat));
    outgoing.end();
  });
}
