/** Writes a reply to the bare socket of a refused upgrade, and ends the socket. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { HttpReply } from '../../core/request/dialect.ts';
import { sendReply } from './send-reply.ts';

// Imported by name, node:http would load node's own fetch with it: a tenth of the start.
const { ServerResponse } = process.getBuiltinModule('node:http');

/** Writes it as the last message of this connection. */
export function sendRawReply(
  request: IncomingMessage,
  socket: Duplex,
  reply: HttpReply,
  requestId: string,
): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  // Only accepted connections get here; node's types say no more than Duplex.
  const accepted = socket as Socket;
  response.assignSocket(accepted);
  response.once('finish', () => {
    response.detachSocket(accepted);
    socket.end(() => socket.destroy());
  });
  sendReply(request, response, reply, requestId);
}
