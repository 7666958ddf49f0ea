/** Sends one request over the connections to one member, once. */
import { Client, type Dispatcher, errors } from 'undici';
import { errorCode } from '../../core/values/error-code.ts';
import type { Sessions } from '../http2/sessions.ts';
import type { Listener, Steering, UpstreamRequest } from './exchange.ts';
import { type Member, poolOptions } from './member.ts';

/** Receives the events of one try. Without `started`, the request was not sent, not even in part. */
export interface TryListener extends Omit<Listener, 'started'> {
  /** The request is written from now on, over a connection that may have served others before. */
  started(steering: Steering, how: { readonly isKept: boolean }): void;
}

/** Over a kept connection if there is one. */
export function sendPooled(member: Member, request: UpstreamRequest, listener: TryListener): void {
  const handler = handlerOf(listener, () => !member.isConnecting);
  member.pool.dispatch(optionsOf(member, request), handler);
}

/** Over a connection of its own, which closes behind it. */
export function sendAlone(member: Member, request: UpstreamRequest, listener: TryListener): void {
  const { target, fresh } = member;
  const client = new Client(target.origin, poolOptions(target));
  fresh.add(client);
  const options = { ...optionsOf(member, request), reset: true };
  client.dispatch(
    options,
    handlerOf(listener, () => false),
  );
  const forget = (): void => void fresh.delete(client);
  client.close().then(forget, forget);
}

/** As one of several streams over a connection in HTTP/2. */
export function sendInHttp2(
  sessions: Sessions,
  { target: { authority, basePath } }: Pick<Member, 'target'>,
  { method, path, headers, body, trailers }: UpstreamRequest,
  listener: TryListener,
): void {
  const head = { method, path: basePath + path, authority, headers };
  sessions.send({ ...head, body, trailers }, listener);
}

function handlerOf(listener: TryListener, isKept: () => boolean): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (controller) => listener.started(controller, { isKept: isKept() }),
    onResponseStart: (controller, status, _headers, reason) =>
      listener.head(status, reason ?? '', controller.rawHeaders),
    onResponseData: (_controller, chunk) => listener.data(chunk),
    onResponseEnd: (controller) => listener.end(controller.rawTrailers),
    onResponseError: (_controller, error) => listener.fault(error),
  };
}

function optionsOf(
  { target: { tls, basePath } }: Member,
  { path, method, headers, body }: UpstreamRequest,
): Dispatcher.DispatchOptions & { servername?: string } {
  const options = { path: basePath + path, method, headers, body };
  // Otherwise undici drops a kept connection whenever the client sends another Host.
  return tls === null ? options : { ...options, servername: tls.name };
}

/** Whether the connection broke, and no answer was wrong. */
export function isBreak(error: Error): boolean {
  if (error instanceof errors.SocketError) return true;
  const code = errorCode(error);
  return code === 'ECONNRESET' || code === 'EPIPE';
}
