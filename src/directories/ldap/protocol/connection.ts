/** A connection to a server: the operations that this gateway needs, one at a time. */
import type { Socket } from 'node:net';
import { type Address, dial } from './dial.ts';
import { createExchange } from './exchange.ts';
import {
  BIND_DONE,
  type Entry,
  EXTENDED_DONE,
  MODIFY_DONE,
  type Result,
  SEARCH_DONE,
} from './messages.ts';
import {
  bindRequest,
  messageOf,
  modifyPasswordRequest,
  type Search,
  searchRequest,
  UNBIND,
  unicodePasswordRequest,
} from './requests.ts';

/** The server refused a request. */
export class Refused extends Error {
  readonly code = 'LDAP_RESULT';
  readonly result: Result;

  constructor(what: string, result: Result) {
    super(`${what}: LDAP result ${result.code}${result.text === '' ? '' : `, ${result.text}`}`);
    this.result = result;
  }
}

/** How a server sets passwords: `modify_password` is RFC 3062, `unicode_pwd` that of Active Directory. */
export type PasswordOperation = 'modify_password' | 'unicode_pwd';

/** An open connection. Failed requests reject with Closed, TimedOut, BadAnswer or a system error. */
export interface Connection {
  /** A simple bind; the result is the server's, whatever it is. */
  bind(dn: string, password: string): Promise<Result>;
  /** The entries, at most `most`, and whether there are more. Rejects with Refused. */
  search(search: Search): Promise<Found>;
  /** Sets the password of an entry; the result is the server's, whatever it is. */
  setPassword(dn: string, password: string, by: PasswordOperation): Promise<Result>;
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
    async setPassword(dn, password, by) {
      const { result } =
        by === 'unicode_pwd'
          ? await exchange(unicodePasswordRequest(dn, password), { ending: MODIFY_DONE, most: 0 })
          : await exchange(modifyPasswordRequest(dn, password), { ending: EXTENDED_DONE, most: 0 });
      return result;
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
