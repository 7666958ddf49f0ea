/** Bound connections for searches: a bounded number, shared, and closed after a while without use. */
import { Problem } from '../../core/values/problem.ts';
import { type Connection, Refused } from './protocol/connection.ts';
import { TooLarge } from './protocol/ber.ts';
import { Closed } from './protocol/exchange.ts';
import { type Joined, oversized, refusedBy, type Servers, unavailable } from './servers.ts';
import { createTurns, type Purpose } from './turns.ts';

/** How long an unused connection stays open, in milliseconds. */
const IDLE = 60_000;

/** What a pool needs. */
export interface PoolParts {
  readonly servers: Servers;
  /** Binds a new connection. */
  readonly prepare: (connection: Connection) => Promise<void>;
  readonly options: {
    readonly name: string;
    readonly connections: number;
    readonly timeout: number;
  };
}

type Work<T> = (connection: Connection) => Promise<T>;

/** Connections of one directory. */
export interface Pool {
  /**
   * Runs requests on a connection that nothing else uses meanwhile; they may be repeated. Rejects with
   * Problem `directory/unavailable`, `directory/refused` if the server does not allow a request, or
   * `directory/entry` if an answer is too large.
   */
  run<T>(purpose: Purpose, work: Work<T>): Promise<T>;
  close(): void;
}

/** An empty pool. */
export function createPool({ servers, prepare, options }: PoolParts): Pool {
  const { name, connections, timeout } = options;
  const turns = createTurns(connections, timeout);
  const idle = createIdle();

  async function attempt<T>(joined: Joined, work: Work<T>): Promise<T> {
    try {
      const result = await work(joined.connection);
      joined.worked();
      idle.put(joined);
      return result;
    } catch (caught) {
      // Otherwise a user with a huge attribute could have the server left out for all others.
      if (caught instanceof TooLarge) {
        joined.connection.close();
        throw oversized(name, caught);
      }
      const isRefused = caught instanceof Refused && !IS_DOWN.has(caught.result.code);
      if (!isRefused && !(caught instanceof Problem)) {
        joined.connection.close();
        throw caught;
      }
      idle.put(joined);
      throw isRefused ? refusedBy(name, caught) : caught;
    }
  }
  async function use<T>(work: Work<T>): Promise<T> {
    const used = idle.take();
    const joined = used ?? (await servers.connect(prepare));
    try {
      return await attempt(joined, work);
    } catch (caught) {
      if (caught instanceof Problem) throw caught;
      // A server may close connections that are idle. Searches can be repeated.
      if (used !== null && caught instanceof Closed) return use(work);
      joined.failed(caught);
      throw caught;
    }
  }

  return {
    async run(purpose, work) {
      try {
        if (idle.isClosed()) throw new Error('closed');
        return await turns.take(purpose, () => use(work));
      } catch (caught) {
        throw caught instanceof Problem ? caught : unavailable(name, caught);
      }
    },
    close: () => idle.close(),
  };
}

/** Open connections that nothing uses. */
function createIdle() {
  const idle: (Joined & { readonly since: number })[] = [];
  let isClosed = false;
  const sweep = setInterval(() => {
    const oldest = performance.now() - IDLE;
    // The one used last is at the end.
    while (idle[0] !== undefined && idle[0].since < oldest) idle.shift()?.connection.close();
  }, IDLE);
  sweep.unref();
  return {
    isClosed: () => isClosed,
    take(): Joined | null {
      for (let found = idle.pop(); found !== undefined; found = idle.pop()) {
        if (found.connection.isOpen()) return found;
      }
      return null;
    },
    put(joined: Joined): void {
      if (isClosed || !joined.connection.isOpen()) joined.connection.close();
      else idle.push({ ...joined, since: performance.now() });
    },
    close(): void {
      isClosed = true;
      clearInterval(sweep);
      for (const { connection } of idle.splice(0)) connection.close();
    },
  };
}

/** busy, unavailable. */
const IS_DOWN: ReadonlySet<number> = new Set([51, 52]);
