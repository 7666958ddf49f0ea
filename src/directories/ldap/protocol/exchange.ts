/**
 * Requests and answers over one socket, one at a time. What does not fit the request closes it: an
 * answer to another request, one that is too large, or none in time.
 */
import type { Socket } from 'node:net';
import { BadAnswer, createFramer, TooLarge } from './ber.ts';
import { TimedOut } from './dial.ts';
import { type Entry, parseAnswer, type Result } from './messages.ts';
import { messageOf, type Request } from './requests.ts';

/** Largest answer to one request, in bytes. */
const MAX_ANSWER = 8 * 1024 * 1024;

/** The server closed the connection. */
export class Closed extends Error {
  readonly code = 'ECONNRESET';
}

/** What the answer must be. */
interface Expected {
  /** Tag of the message that ends it. */
  readonly ending: number;
  /** Most entries that are kept. */
  readonly most: number;
}

/** An answer. */
interface Answered {
  readonly result: Result;
  readonly entries: readonly Entry[];
  /** Whether there were more: some servers ignore the limit of a request. */
  readonly hasMore: boolean;
}

/** The request under way. */
interface Pending extends Expected {
  readonly id: number;
  readonly entries: Entry[];
  hasMore: boolean;
  bytes: number;
  readonly settle: PromiseWithResolvers<Result>;
}

/** Sends requests over a connected socket. `patience`: milliseconds for each. */
export function createExchange(socket: Socket, patience: number) {
  const framer = createFramer();
  let pending: Pending | null = null;
  let lastId = 1;

  const fail = (error: Error): void => {
    socket.destroy();
    pending?.settle.reject(error);
    pending = null;
  };
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const content of framer.push(chunk)) {
        const result = socket.destroyed ? null : take(content, pending);
        if (result === null) continue;
        pending?.settle.resolve(result);
        pending = null;
      }
    } catch (caught) {
      // Named fallback: the request fails with it, and the connection is not used again.
      fail(caught instanceof Error ? caught : new BadAnswer(String(caught)));
    }
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Closed('the server closed the connection')));

  return async (request: Request, expected: Expected): Promise<Answered> => {
    if (pending !== null) throw new TypeError('one request at a time');
    if (socket.destroyed) throw new Closed('the server closed the connection');
    lastId += 1;
    const settle = Promise.withResolvers<Result>();
    const asked: Pending = {
      ...expected,
      id: lastId,
      entries: [],
      hasMore: false,
      bytes: 0,
      settle,
    };
    pending = asked;
    const timer = setTimeout(() => fail(new TimedOut()), patience);
    try {
      socket.write(messageOf(lastId, request));
      const result = await settle.promise;
      return { result, entries: asked.entries, hasMore: asked.hasMore };
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Adds a message to the answer; returns the result at its end. Throws for one that does not fit. */
function take(content: Buffer, pending: Pending | null): Result | null {
  const answer = parseAnswer(content);
  // Such as a notice that the server disconnects (RFC 4511, section 4.4.1).
  if (pending === null || answer.id !== pending.id)
    throw new Closed('the server ended the connection');
  pending.bytes += content.length;
  if (pending.bytes > MAX_ANSWER) throw new TooLarge(`more than ${MAX_ANSWER} bytes`);
  // Referrals are not followed.
  if (answer.content === null) return null;
  if ('entry' in answer.content) {
    if (pending.entries.length < pending.most) pending.entries.push(answer.content.entry);
    else pending.hasMore = true;
    return null;
  }
  if (answer.content.tag !== pending.ending) throw new BadAnswer('an answer of another kind');
  return answer.content.result;
}
