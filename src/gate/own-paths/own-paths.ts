/**
 * Our own paths on the hosts of apps: the sign-out, both ends of a handover, and unsent forms. Nothing here
 * allows a request, and every other path below `/.doorward/` is none of ours in proxy mode.
 */
import {
  ARRIVE_PATH,
  HANDOVER_PATH,
  SIGN_OUT_PATH,
  UNSENT_PATH,
} from '../../core/access/handover-request.ts';
import type { Reply } from '../../core/request/dialect.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { refuse } from '../../core/request/refusal.ts';
import type { Undecided } from '../reply/decision-event.ts';
import type { Replies, ReplyContext } from '../reply/replies.ts';
import { type ArrivePorts, arrive, type Unserved } from './arrive.ts';
import { type BeginPorts, beginHandover } from './begin-handover.ts';
import { signOutReply } from './sign-out.ts';
import { offerUnsent, type UnsentParts } from './unsent.ts';

/** How a request ends that we serve ourselves. */
export interface OwnEnd extends Undecided {
  readonly reply: Reply;
}

/** The end of a request for one of our paths; null for any other. Rejects if the store is down. */
export type OwnPaths = (
  context: ReplyContext,
  facts: RequestFacts,
) => OwnEnd | Promise<OwnEnd> | null;

/** What our paths need. */
export interface OwnPathParts extends Omit<ArrivePorts, 'vault'>, BeginPorts {
  readonly replies: Pick<Replies, 'refusal'>;
  /** Null where proxies ask: they show us no forms. */
  readonly forms: UnsentParts | null;
}

const NOT_BY_GET = refuse(405, 'method/refused', 'only GET is allowed here');

/** Our paths over these ports. */
export function createOwnPaths(parts: OwnPathParts): OwnPaths {
  return (context, facts) => {
    const ended = (code: string, end: Reply | Unserved): OwnEnd => {
      if ('kind' in end) return redirected(code, end);
      const { refusal, startUrl } = end;
      const reply = parts.replies.refusal(context, refusal, facts, startUrl);
      return { kind: 'deny', code: refusal.code, reply };
    };
    const { path, kind, host, port, method } = facts;
    if (!path.startsWith('/.doorward/') || kind === 'websocket') return null;
    const { snapshot } = context;
    const route = snapshot.table.hosted(host, port);
    if (route === null) return null;
    if (path === SIGN_OUT_PATH) {
      return redirected('path/sign-out', signOutReply(snapshot, route, facts));
    }
    if (path === UNSENT_PATH && parts.forms !== null) {
      return offerUnsent(parts.forms, context, facts).then((end) => ended('path/unsent', end));
    }
    if (path !== HANDOVER_PATH && path !== ARRIVE_PATH) return null;
    // A HEAD must not use up a code.
    if (method !== 'GET') {
      const reply = parts.replies.refusal(context, NOT_BY_GET, facts);
      return { kind: 'deny', code: NOT_BY_GET.code, reply };
    }
    if (path === HANDOVER_PATH) {
      return redirected('path/handover', beginHandover(parts, snapshot, facts));
    }
    return arrive(parts, snapshot, facts).then((end) => ended('path/arrive', end));
  };
}

function redirected(code: string, reply: Reply): OwnEnd {
  return { kind: 'authenticate', code, reply };
}
