/** A connection to a server: the operations that this gateway needs, one at a time. */
import type { Socket } from 'node:net';
import { type Address, dial } from './dial.ts';
import { createExchange } from './exchange.ts';
import { BIND_DONE, type Entry, type Result, SEARCH_DONE } from './messages.ts';
import { bindRequest, messageOf, type Search, searchRequest, UNBIND } from './requests.ts';

/** The server refused a request. */
export class Refused extends Error {
  readonly code = 'LDAP_RESULT';
  readonly result: Result;

  constructor(what: string, result: Result) {
    super(`${what}: LDAP result ${result.code}${result.text === '' ? '' : `, ${result.text}`}`);
    this.result = result;
  }
}

/** An open connection. Failed requests reject with Closed, TimedOut, BadAnswer or a system error. */
export interface Connection {
  /** A simple bind; the result is the server's, whatever it is. */
  bind(dn: string, password: string): Promise<Result>;
  /** The entries, at most `most`, and whether there are more. Rejects with Refused. */
  search(search: Search): Promise<Found>;
  isOpen(): boolean;
  close(): void;
}

/** What a search found. */
interface Found {
  readonly entries: readonly Entry[];
  readonly hasMore: boolean;
}

const SIZE_LIMIT_EXCEEDED = 4;

/** Connects. `timeout` is the limit of connecting, `patience` that of each request, in milliseconds. */
export async function openConnection(
  address: Address,
  { timeout, patience }: { readonly timeout: number; readonly patience: number },
): Promise<Connection> {
  const socket = await dial(address, timeout);
  const exchange = createExchange(socket, patience);
  return {
    async bind(dn, password) {
      const { result } = await exchange(bindRequest(dn, password), { ending: BIND_DONE, most: 0 });
      return result;
    },
    async search(search) {
      const request = searchRequest(search, Math.ceil(patience / 1000));
      const { most } = search;
      const { result, entries, hasMore } = await exchange(request, { ending: SEARCH_DONE, most });
      const isCut = result.code === SIZE_LIMIT_EXCEEDED;
      if (result.code !== 0 && !isCut) throw new Refused('the search failed', result);
      return { entries, hasMore: hasMore || isCut };
    },
    isOpen: () => !socket.destroyed,
    close: () => end(socket),
  };
}

/** Says goodbye, without waiting for anything. */
function end(socket: Socket): void {
  if (socket.destroyed) return;
  socket.write(messageOf(0x7fffffff, UNBIND));
  socket.destroySoon();
}
