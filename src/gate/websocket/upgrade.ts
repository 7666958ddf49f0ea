/**
 * Websockets: judged before anything is opened, refused in plain HTTP, closed when whoever
 * opened them may no longer. No other protocol is ever tunnelled, and bytes flow only after
 * the app agreed.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Reply } from '../../core/request/dialect.ts';
import type { Clock } from '../../core/values/system.ts';
import type { EventSink } from '../../core/access/event.ts';
import { Problem } from '../../core/values/problem.ts';
import { httpReply } from '../../core/request/reply.ts';
import { type Admission, type Admit, type Admitted, isAdmitted } from '../admission/admission.ts';
import type { Replies } from '../reply/replies.ts';
import { holderOf } from '../visitor/holder.ts';
import type { LiveSockets } from './live-sockets.ts';
import { sendRawReply } from '../reply/send-raw-reply.ts';
import { createTunnels } from './tunnels.ts';
import { hasBody } from '../proxy/upload.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import { noUpstream } from '../upstream/upstream-problem.ts';

/** What upgrading needs. */
export interface UpgradeParts {
  /** Without pages. */
  readonly admit: Admit;
  /** The same of what is open already: no use of its session. */
  readonly recheck: Admit;
  readonly replies: Replies;
  readonly upstreams: Pick<Upstreams, 'target'>;
  readonly live: LiveSockets;
  readonly clock: Clock;
  readonly events: EventSink;
}

/** The door for upgrades. */
export interface Upgrade {
  /** Answers or tunnels in every case; never throws. */
  readonly handle: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** Joins the parts. */
export function createUpgrade(parts: UpgradeParts): Upgrade {
  const { admit, replies, events } = parts;
  const open = createTunnels(parts);
  const proceed = (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    admission: Admission,
  ): void => {
    const refuse = (answer: Reply): void => {
      if (answer.kind === 'allow') throw new TypeError('an allow is carried, never answered');
      sendRawReply(request, socket, httpReply(answer), admission.requestId);
    };
    try {
      const problem = isAdmitted(admission) ? problemWith(request, admission, parts.live) : null;
      if (problem !== null) refuse(replies.problem(admission.context, problem, admission.facts));
      else if (isAdmitted(admission)) open(request, socket, head, admission, refuse);
      else refuse(admission.answer);
    } catch (cause) {
      // Named fallback: nothing was opened; the socket goes without an answer.
      events.emit({ type: 'fault', code: 'internal', requestId: admission.requestId, cause });
      socket.destroy();
    }
    admission.tell();
  };
  return {
    handle(request, socket, head) {
      socket.on('error', () => socket.destroy());
      const admitted = admit(request);
      if (!(admitted instanceof Promise)) proceed(request, socket, head, admitted);
      else void admitted.then((admission) => proceed(request, socket, head, admission));
    },
  };
}

/** What is wrong with a handshake that may pass (RFC 6455 §4.2.1). */
function problemWith(
  request: IncomingMessage,
  { decision, facts }: Admitted,
  live: LiveSockets,
): Problem | null {
  const { headers } = request;
  if (
    request.method !== 'GET' ||
    headers.upgrade?.toLowerCase() !== 'websocket' ||
    headers['sec-websocket-key'] === undefined ||
    hasBody(request)
  ) {
    return new Problem('upgrade/refused', 'Only a plain websocket handshake is upgraded.', {
      status: 400,
    });
  }
  if (decision.route.upstream === null) return noUpstream();
  const lack = live.lack(holderOf(decision.visitor, facts.clientIp));
  if (lack === null) return null;
  const message =
    lack === 'share' ? 'You have too many websockets open.' : 'Too many websockets are open.';
  return new Problem(`upgrade/${lack}`, message, { status: 503, retryAfter: 5 });
}
