/**
 * Which endpoint gets a request: the check for another proxy, the portal, or the proxy to an app. The
 * order below is the whole routing table.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { canonicalHost } from '../core/request/host.ts';
import type { Snapshot } from '../core/setup/snapshot.ts';
import { boundLeftover, hasBody } from '../gate/proxy/upload.ts';
import type { Endpoints } from './server.ts';

/** Path of the check endpoints; the dialect's name follows. */
const CHECK = '/.doorward/check/';

/** What the router joins; each replies in every case and never throws. */
export interface RouterParts {
  readonly current: () => Snapshot;
  /** Forward-auth: `dialect`, and the target behind it with its leading `/` or `?`. */
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
  readonly refused: Endpoints['refused'];
}

/** Joins the endpoints. */
export function createRouter(parts: RouterParts): Endpoints {
  return {
    request(request, response) {
      const target = request.url ?? '';
      if (isCheck(request)) {
        // A check has everything in its head. Envoy may send the client's body along; it is not read.
        if (hasBody(request)) boundLeftover(request, response);
        const end = target.slice(CHECK.length).search(/[/?]/);
        const cut = end < 0 ? target.length : CHECK.length + end;
        parts.check(request, response, target.slice(CHECK.length, cut), target.slice(cut));
      } else if (isPortal(request, parts.current())) {
        parts.portal(request, response);
      } else {
        parts.proxy(request, response);
      }
    },
    // Caddy's forward_auth checks with the client's own Upgrade and Connection (its issue 5430). A
    // request to a check path always gets a reply, and is never tunnelled to an app.
    upgrades: (request) => !isCheck(request),
    upgrade(request, socket, head) {
      // Never reached, since a check is not taken for an upgrade; but nothing may open.
      if (isCheck(request)) return void socket.destroy();
      parts.upgrade(request, socket, head);
    },
    refused: parts.refused,
  };
}

function isCheck(request: IncomingMessage): boolean {
  return (request.url ?? '').startsWith(CHECK);
}

/** By the Host header alone; malformed hosts and absolute-form targets are refused with the facts. */
function isPortal(request: IncomingMessage, snapshot: Snapshot): boolean {
  const host = request.headers.host;
  if (host === undefined) return false;
  const lower = host.toLowerCase();
  return snapshot.domains.some(({ site }) => {
    // However it is written, a portal's host begins with its name: most hosts need no closer look.
    if (!lower.startsWith(site.host)) return false;
    return canonicalHost(host, site.scheme)?.host === site.host;
  });
}
