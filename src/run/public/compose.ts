/**
 * The composition root: the one place where the rooms of the gateway and its adapters meet. What each
 * part needs is passed in; nothing is found through globals.
 */
import type { Server } from 'node:http';
import type { Listener } from '../../config/settings/listen-address.ts';
import { trustedPeers } from '../../config/settings/trusted-peers.ts';
import type { EventSink } from '../../core/access/event.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import { direct, envoyGrpc } from '../../dialects/index.ts';
import { undecidedEvent } from '../../gate/reply/decision-event.ts';
import { type PeerRule, peerOf } from '../../gate/request/peer.ts';
import type { RequestIds } from '../../gate/request/request-id.ts';
import { endSessionsOfRemovedUsers } from '../../gate/visitor/removed-users.ts';
import type { Upstreams } from '../../gate/upstream/upstreams.ts';
import type { LiveSockets } from '../../gate/websocket/live-sockets.ts';
import { createAuthorization } from '../../grpc/authorization.ts';
import type { AuthorizationServer } from '../../grpc/server.ts';
import type { HeaderParts } from '../../http/proxied-connections.ts';
import { createRouter } from '../../http/router.ts';
import { createPublicServer } from '../../http/server.ts';
import { createHttp2Connections } from '../../http2/connections.ts';
import { composeGate } from './compose-gate.ts';
import { composePortal } from './compose-portal.ts';
import { commonParts, type GatewayParts } from './gateway-parts.ts';

/** A gateway that does not listen yet. */
export interface ComposedGateway {
  /** For a listener. */
  readonly createServer: (listener: Listener) => Server;
  /** The same for Envoy's checks over gRPC. */
  readonly createGrpcServer: (listener: Listener) => Promise<AuthorizationServer>;
  /** Connections in HTTP/2 take no more requests. */
  readonly goAway: () => void;
  readonly sockets: LiveSockets;
  /** Call it after the configuration was reloaded. */
  readonly reconfigured: () => void;
  /** Members of upstreams that have several or health checks, for the metrics. */
  readonly members: Upstreams['members'];
  /** Ends upstream connections and subscriptions; the stores are the caller's to close. */
  readonly close: () => Promise<void>;
}

/** The listener's options as the gate applies them. */
function peerRule({ kind, trusts }: Listener): PeerRule {
  if (trusts === undefined) return { kind };
  return { kind, trusts: trusts === 'peer' ? trusts : trustedPeers(trusts) };
}

/** A request or call that no endpoint has read. */
interface Refused {
  readonly code: string;
  readonly method: string;
  readonly clientIp: string;
}

/** Emits the event of what was refused, and returns its request id. */
function reportRefused(events: EventSink, requestIds: RequestIds) {
  return (dialect: string, status: number, seen: Refused): string => {
    const requestId = requestIds(null, { trusted: false });
    const handled = { requestId, dialect, status, ms: 0 };
    events.emit(
      undecidedEvent(handled, { kind: 'deny', code: seen.code }, { ...seen, facts: null }),
    );
    return requestId;
  };
}

/** Joins the rooms behind the public listener. */
export function composeGateway(parts: GatewayParts): ComposedGateway {
  const { live, events } = parts;
  const common = commonParts(parts);
  const { requestIds, visitors, directory, sessions } = common;
  const unwatch = endSessionsOfRemovedUsers({ directory, sessions, events });
  const gate = composeGate(parts, common);
  const portal = composePortal(parts, common);
  const refused = reportRefused(events, requestIds);
  const router = createRouter({
    current: (): Snapshot => live.current,
    check: gate.check.handle,
    portal: portal.endpoint,
    proxy: gate.proxy.handle,
    upgrade: gate.upgrade.handle,
    refused(request, { status, code }) {
      const { address: clientIp } = peerOf(request.socket);
      return refused(direct.name, status, { code, method: request.method ?? '', clientIp });
    },
  });
  const headers: HeaderParts = {
    trustsPeer: common.trust.trustsPeer,
    closed: (reason, peer) =>
      events.emit({ type: 'connection', code: `proxy-header/${reason}`, peer }),
  };
  const authorization = createAuthorization({
    check: gate.grpcCheck,
    trust: common.trust,
    dialect: envoyGrpc.name,
    malformed: (clientIp) =>
      void refused(envoyGrpc.name, 400, { code: 'request/message', method: '', clientIp }),
  });
  const http2 = createHttp2Connections();
  return {
    createServer: (listener) =>
      createPublicServer(
        router,
        peerRule(listener),
        listener.proxyProtocol === true ? headers : null,
        listener.http2 === true ? http2.offer : undefined,
      ),
    goAway: () => http2.goAway(),
    async createGrpcServer(listener) {
      // It loads node:http2, which few gateways need.
      const { createAuthorizationServer } = await import('../../grpc/server.ts');
      return createAuthorizationServer(authorization, common.trust, peerRule(listener));
    },
    sockets: gate.sockets,
    reconfigured: () => gate.reconfigured(),
    members: gate.members,
    async close() {
      visitors.close();
      unwatch();
      http2.destroy();
      await portal.close();
      await gate.close();
    },
  };
}
