/**
 * The servers of a directory, in order of preference. A server that fails is left out for a while,
 * longer each time, so that requests do not wait for one that is down.
 */
import type { EventSink } from '../../core/access/event.ts';
import { causeOf } from '../../core/values/network-cause.ts';
import { Problem } from '../../core/values/problem.ts';
import { type Connection, openConnection, Refused } from './protocol/connection.ts';
import type { TooLarge } from './protocol/ber.ts';
import { type Address, addressOf } from './protocol/dial.ts';
import type { LdapOptions } from './options.ts';

/** How long a failing server is left out, in milliseconds: at first, and at most. */
export interface ServerTiming {
  readonly leftOut: number;
  readonly longest: number;
}

/** One slow search is no outage. */
const MAX_UNANSWERED = 3;

export const SERVER_TIMING: ServerTiming = { leftOut: 1_000, longest: 15_000 };

/** The servers. */
export interface Servers {
  /**
   * A new connection to the first server that accepts one. `prepare` makes it usable, for example by
   * a bind. Rejects with Problem
   * `directory/unavailable`, at once while all servers are left out.
   */
  connect(prepare?: (connection: Connection) => Promise<void>): Promise<Joined>;
}

/** A connection, and how to report what became of it. */
export interface Joined {
  readonly connection: Connection;
  /** A request was answered. */
  readonly worked: () => void;
  /** A request was not answered: after a few in a row, the server is left out. */
  readonly failed: (cause: unknown) => void;
}

interface Server {
  readonly url: string;
  readonly address: Address;
  /** Requests in a row that were not answered. */
  unanswered: number;
  failures: number;
  /** Monotonic milliseconds. */
  outUntil: number;
}

/** What it takes. */
export interface ServerParts {
  readonly options: Pick<LdapOptions, 'name' | 'urls' | 'startTls' | 'timeout'>;
  /** Authorities in PEM. */
  readonly ca: string | null;
  readonly events: EventSink;
  readonly timing: ServerTiming;
}

/** Connects to nothing yet. */
export function createServers({ options, ca, events, timing }: ServerParts): Servers {
  const { name, urls, startTls, timeout } = options;
  const servers = urls.map((url): Server => {
    const address = addressOf(url, { startTls, ca });
    return { url, address, unanswered: 0, failures: 0, outUntil: 0 };
  });
  let lastCause: unknown;

  /** Once for each outage. */
  const report = (server: Server, change: 'ejected' | 'returned', caught?: unknown): void => {
    const cause = causeOf(caught);
    const event = { type: 'member', directory: name, member: server.url, change } as const;
    events.emit(cause === null ? event : { ...event, cause });
  };
  const fail = (server: Server, cause: unknown): void => {
    const now = performance.now();
    lastCause = cause;
    // Several requests may fail together.
    if (now < server.outUntil) return;
    const pause = Math.min(timing.leftOut * 2 ** Math.min(server.failures, 20), timing.longest);
    server.failures += 1;
    server.unanswered = 0;
    server.outUntil = now + pause;
    if (server.failures === 1) report(server, 'ejected', cause);
  };

  return {
    async connect(prepare) {
      const now = performance.now();
      const open = servers.filter((server) => server.outUntil <= now);
      for (const server of open) {
        let connection: Connection | null = null;
        try {
          // All of them together within the time limit of one request.
          connection = await openConnection(server.address, {
            timeout: timeout / open.length,
            patience: timeout,
          });
          await prepare?.(connection);
          if (server.failures > 0) report(server, 'returned');
          server.failures = 0;
          return {
            connection,
            worked: () => void (server.unanswered = 0),
            failed(cause) {
              server.unanswered += 1;
              if (server.unanswered >= MAX_UNANSWERED) fail(server, cause);
            },
          };
        } catch (caught) {
          // Named fallback: the next server; the last failure is the cause of the Problem below.
          connection?.close();
          fail(server, caught);
        }
      }
      throw unavailable(name, lastCause);
    },
  };
}

/** A directory that does not answer: no user of it is let in. */
export function unavailable(name: string, cause: unknown): Problem {
  return new Problem('directory/unavailable', `The directory ${name} does not answer.`, {
    status: 503,
    retryAfter: 5,
    cause,
  });
}

/** An answer that is too large. An operator has to look at the entries. */
export function oversized(name: string, cause: TooLarge): Problem {
  const words = `The directory ${name} has an entry that cannot be used: ${cause.message}.`;
  return new Problem('directory/entry', words, { status: 503, cause });
}

/** A server that works, but does not allow what the configuration requires. */
export function refusedBy(name: string, cause: Refused): Problem {
  return new Problem('directory/refused', `The directory ${name} refuses: ${cause.message}.`, {
    status: 503,
    retryAfter: 5,
    cause,
  });
}
