/**
 * Ends listeners without losing a request. A client or proxy that keeps connections open may send
 * on an idle one at any moment, and a proxy does not send a POST twice. So a kept connection is not
 * cut: its next response says `Connection: close`, and only a connection that stays silent is closed.
 */
import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';

/** Longest time from the signal to the last connection, in milliseconds. */
export const GRACE = 25_000;
/**
 * The listener closes once no connection has arrived for LULL, in milliseconds, and after
 * LONGEST_LULL in any case: the kernel resets what it had taken and the process had not.
 */
const LULL = 50;
const LONGEST_LULL = 2_000;
/** Idle connections are closed once no request has arrived on any of them for this long. */
const QUIET = 2_000;
/** Idle connections are closed by now, however busy the others are; the rest is for requests under way. */
const LATEST_IDLE = 20_000;
/** How often idle connections are looked at, in milliseconds. */
const LOOK_EVERY = 50;

/** Time as draining uses it; tests bring their own. */
export interface Pace {
  /** Milliseconds that never go back. */
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<unknown>;
  /** One turn of the event loop: sockets that have data or a new peer have been read afterwards. */
  readonly turn: () => Promise<unknown>;
}

const system: Pace = {
  now: () => performance.now(),
  pause: (milliseconds) => delay(milliseconds),
  turn: () => nextTurn(),
};

/**
 * Closes the listeners and resolves when the last connection has ended. `refusing` is called once
 * no new connection is accepted. The listeners close before responses say `Connection: close`: a
 * proxy that still has kept connections opens no new ones at that moment.
 */
export async function drain(
  servers: readonly Server[],
  refusing: () => void,
  pace: Pace = system,
): Promise<void> {
  const begun = pace.now();
  await lull(servers, pace, begun + LONGEST_LULL);
  const state = { isOver: false, lastUse: pace.now() };
  const closed = Promise.all(servers.map((server) => refuse(server, pace, state)));
  refusing();
  void closeWhatStaysSilent(servers, pace, begun, state);
  await closed;
  state.isOver = true;
}

/** What draining knows of the connections that are left. */
interface State {
  isOver: boolean;
  /** When a request last arrived or a response last ended. */
  lastUse: number;
}

/** Waits for a moment in which no connection arrives. */
async function lull(servers: readonly Server[], pace: Pace, until: number): Promise<void> {
  let arrived = 0;
  const count = (): void => void (arrived += 1);
  for (const server of servers) server.on('connection', count);
  let before: number;
  do {
    before = arrived;
    await pace.pause(LULL);
    // What arrived during the pause is accepted by now.
    await pace.turn();
  } while (arrived !== before && pace.now() < until);
  for (const server of servers) server.off('connection', count);
}

/** Accepts no new connection; kept ones end with their next response. Resolves when all have ended. */
function refuse(server: Server, pace: Pace, state: State): Promise<void> {
  const used = (): void => void (state.lastUse = pace.now());
  const last = (_request: unknown, response: ServerResponse): void => {
    response.shouldKeepAlive = false;
    used();
    response.once('close', used);
  };
  // Before the router, which may answer at once.
  for (const event of LAST) server.prependListener(event, last);
  return new Promise((resolve) => {
    // Not the close of node:http, which cuts idle connections at once.
    NetServer.prototype.close.call(server, () => resolve());
  });
}

/** Events of node:http that come with a response of their own. */
const LAST = ['request', 'checkContinue', 'checkExpectation'];

async function closeWhatStaysSilent(
  servers: readonly Server[],
  pace: Pace,
  begun: number,
  state: State,
): Promise<void> {
  while (!state.isOver) {
    await pace.pause(LOOK_EVERY);
    // A request that the kernel already has is read first.
    await pace.turn();
    const now = pace.now();
    const isSilent = now - state.lastUse >= QUIET || now - begun >= LATEST_IDLE;
    for (const server of servers) {
      if (now - begun >= GRACE) server.closeAllConnections();
      else if (isSilent) server.closeIdleConnections();
    }
  }
}
