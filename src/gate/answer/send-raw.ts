/** A Reply onto the bare socket of an upgrade that is refused; the socket is ended behind it. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { Reply } from '../../core/request/dialect.ts';
import { sendReply } from './send.ts';

// Imported by name, node:http would load node's own fetch with it: a tenth of the start.
const { ServerResponse } = process.getBuiltinModule('node:http');

/** Writes it as the last message of this connection. */
export function answerRaw(
  request: IncomingMessage,
  socket: Duplex,
  reply: Reply,
  requestId: string,
): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.once('finish', () => {
    response.detachSocket(socket as Socket);
    socket.end(() => socket.destroy());
  });
  sendReply(request, response, reply, requestId);
}
