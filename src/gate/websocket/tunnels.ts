/** Opens a tunnel for each websocket that may pass, and registers it, so that it can be closed again. */
import type { Duplex } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import type { EventSink } from '../../core/access/event.ts';
import type { UpstreamGroup } from '../../core/routes/upstream.ts';
import type { Reply } from '../../core/request/dialect.ts';
import type { Clock } from '../../core/values/system.ts';
import { type Admit, type Admitted, isAdmitted } from '../admission/admission.ts';
import type { Replies } from '../reply/replies.ts';
import type { Connection } from '../upstream/connection.ts';
import { isWithin, type Reach } from '../upstream/target.ts';
import { upstreamEvent } from '../upstream/upstream-event.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import { holderOf } from '../visitor/holder.ts';
import { carry } from './carrier.ts';
import type { LiveSockets } from './live-sockets.ts';
import { createTunnel } from './tunnel.ts';

/** What opening tunnels needs. */
export interface TunnelParts {
  /** Decides again about the request of an open socket, without extending its session. */
  readonly recheck: Admit;
  readonly replies: Replies;
  readonly upstreams: Pick<Upstreams, 'connect'>;
  readonly live: LiveSockets;
  readonly clock: Clock;
  readonly events: EventSink;
}

/** A websocket to be opened. */
interface Opening {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** Bytes that arrived behind the handshake. */
  readonly head: Buffer;
  readonly admission: Admitted;
  readonly group: UpstreamGroup;
  /** Replies in the app's place while nothing has been written. */
  readonly refuse: (reply: Reply) => void;
}

/** Opens one; never throws once the tunnel is registered. */
export type OpenTunnel = (opening: Opening) => void;

/** Joins the parts. */
export function createTunnels(parts: TunnelParts): OpenTunnel {
  const { replies, live, clock, events } = parts;
  return ({ request, socket, head, admission, group, refuse }) => {
    const { decision, requestId, facts, context } = admission;
    const { route, visitor } = decision;
    const begun = clock.now();
    let sentTo: Connection | null = null;
    let reach: Reach = group;
    const tunnel = createTunnel({
      socket,
      timeout: group.timeout,
      refuse: (problem) => refuse(replies.problem(context, problem, facts)),
      ended(end) {
        leave();
        const ms = clock.now() - begun;
        events.emit(upstreamEvent({ requestId, route: route.id, ms }, { ...end, sentTo }));
      },
    });
    const leave = live.add({
      holder: holderOf(visitor, facts.clientIp),
      sessionId: visitor?.session?.id ?? null,
      userId: visitor?.user.id ?? null,
      expiresAt: (visitor?.session ?? visitor?.grant)?.expiresAt ?? null,
      recheck: async () => {
        const again = await parts.recheck(request);
        // Another route or app would decide for itself, so what is open may lead to the same one only.
        if (!isAdmitted(again) || again.decision.route.id !== route.id) return false;
        const { upstream } = again.decision.rule.passage;
        return upstream !== null && isWithin(reach, upstream);
      },
      close: (code) => tunnel.close(code),
    });
    const connect = async (): Promise<Connection> => {
      sentTo = await parts.upstreams.connect(group, holderOf(visitor, facts.clientIp));
      reach = { urls: [sentTo.url], tls: group.tls };
      return sentTo;
    };
    void carry({ tunnel, admission, group, connect, head });
  };
}
