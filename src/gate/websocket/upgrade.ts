/**
 * The endpoint for upgrades: decided before anything is opened, refused in plain HTTP. No protocol
 * but websocket is ever tunnelled.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { EventSink } from '../../core/access/event.ts';
import type { Reply } from '../../core/request/dialect.ts';
import { httpReply } from '../../core/request/reply.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Clock } from '../../core/values/system.ts';
import { type Admission, type Admit, isAdmitted } from '../admission/admission.ts';
import { hasBody } from '../proxy/upload.ts';
import type { Replies } from '../reply/replies.ts';
import { sendRawReply } from '../reply/send-raw-reply.ts';
import { noUpstream } from '../upstream/upstream-problem.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import { type Holder, holderOf } from '../visitor/holder.ts';
import type { LiveSockets } from './live-sockets.ts';
import { createTunnels } from './tunnels.ts';

/** What upgrading needs. */
export interface UpgradeParts {
  /** Without pages. */
  readonly admit: Admit;
  /** The same for a socket that is already open: it does not extend the session. */
  readonly recheck: Admit;
  readonly replies: Replies;
  readonly upstreams: Pick<Upstreams, 'connect'>;
  readonly live: LiveSockets;
  readonly clock: Clock;
  readonly events: EventSink;
}

/** The endpoint for upgrades. */
export interface Upgrade {
  /** Replies or tunnels in every case; never throws. */
  readonly handle: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** An upgrade as node gives it. */
interface Attempt {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Joins the parts. */
export function createUpgrade(parts: UpgradeParts): Upgrade {
  const { admit, events } = parts;
  const open = createTunnels(parts);

  const respond = (attempt: Attempt, admission: Admission): void => {
    const { request, socket } = attempt;
    const refuse = (reply: Reply): void => {
      if (reply.kind === 'allow') throw new TypeError('an allow is tunnelled, never a reply');
      sendRawReply(request, socket, httpReply(reply), admission.requestId);
    };
    if (!isAdmitted(admission)) return refuse(admission.reply);
    const { decision, facts, context } = admission;
    const { upstream: group } = decision.rule.passage;
    const problem =
      badHandshake(request) ??
      (group === null
        ? noUpstream()
        : tooMany(parts.live, holderOf(decision.visitor, facts.clientIp)));
    if (problem !== null) return refuse(parts.replies.problem(context, problem, facts));
    if (group !== null) open({ ...attempt, admission, group, refuse });
  };

  const proceed = (attempt: Attempt, admission: Admission): void => {
    try {
      respond(attempt, admission);
    } catch (cause) {
      // Named fallback: nothing was opened; the socket is closed without a reply.
      events.emit({ type: 'fault', code: 'internal', requestId: admission.requestId, cause });
      attempt.socket.destroy();
    }
    admission.report();
  };
  return {
    handle(request, socket, head) {
      socket.on('error', () => socket.destroy());
      const attempt = { request, socket, head };
      const admitted = admit(request);
      if (!(admitted instanceof Promise)) proceed(attempt, admitted);
      else void admitted.then((admission) => proceed(attempt, admission));
    },
  };
}

/** What is wrong with a handshake (RFC 6455 §4.2.1), or null. */
function badHandshake(request: IncomingMessage): Problem | null {
  const { headers } = request;
  const isPlain =
    request.method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-key'] !== undefined &&
    !hasBody(request);
  if (isPlain) return null;
  const message = 'Only a plain websocket handshake is upgraded.';
  return new Problem('upgrade/refused', message, { status: 400 });
}

function tooMany(live: LiveSockets, holder: Holder): Problem | null {
  const lack = live.lack(holder);
  if (lack === null) return null;
  const message =
    lack === 'share' ? 'You have too many websockets open.' : 'Too many websockets are open.';
  return new Problem(`upgrade/${lack}`, message, { status: 503, retryAfter: 5 });
}
