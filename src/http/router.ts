/**
 * Which door a request goes through: a check for another proxy, the portal, our few paths
 * on app hosts, or the app behind us. The order is the whole routing table.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { canonicalHost } from '../core/request/host.ts';
import type { Snapshot } from '../core/setup/snapshot.ts';
import type { Doors } from './server.ts';

/** Path of the check endpoints; the dialect's name follows. */
const CHECK = '/.doorward/check/';

/** The doors; each answers in every case and never throws. */
export interface Rooms {
  readonly current: () => Snapshot;
  /** Forward-auth: `dialect` and the rest of the target behind it, with its leading `/` or `?`. */
  readonly check: (
    request: IncomingMessage,
    response: ServerResponse,
    dialect: string,
    rest: string,
  ) => void;
  readonly portal: (request: IncomingMessage, response: ServerResponse) => void;
  readonly proxy: (request: IncomingMessage, response: ServerResponse) => void;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Requests that are refused before any of these. */
  readonly refused: Doors['refused'];
}

/** The router over the rooms. */
export function createRouter(rooms: Rooms): Doors {
  return {
    request(request, response) {
      const target = request.url ?? '';
      if (isCheck(request)) {
        const end = target.slice(CHECK.length).search(/[/?]/);
        const cut = end < 0 ? target.length : CHECK.length + end;
        rooms.check(request, response, target.slice(CHECK.length, cut), target.slice(cut));
      } else if (isPortal(request, rooms.current())) {
        rooms.portal(request, response);
      } else {
        rooms.proxy(request, response);
      }
    },
    // Caddy's forward_auth asks with the client's own Upgrade and Connection (its issue 5430). What
    // is asked at a check path is a question: it gets an answer, and is never carried to an app.
    upgrades: (request) => !isCheck(request),
    upgrade(request, socket, head) {
      // Never reached: such a request is not taken for an upgrade. If it were, nothing may open.
      if (isCheck(request)) return void socket.destroy();
      rooms.upgrade(request, socket, head);
    },
    refused: rooms.refused,
  };
}

function isCheck(request: IncomingMessage): boolean {
  return (request.url ?? '').startsWith(CHECK);
}

/** By the Host header alone; what is malformed or absolute-form is left to the facts to refuse. */
function isPortal(request: IncomingMessage, snapshot: Snapshot): boolean {
  const host = request.headers.host;
  if (host === undefined) return false;
  const { site } = snapshot;
  // Whatever else is not plain about it, our host begins with its name: others need no closer look here.
  if (!host.toLowerCase().startsWith(site.host)) return false;
  const authority = canonicalHost(host, site.scheme);
  return authority !== null && authority.host === site.host;
}
