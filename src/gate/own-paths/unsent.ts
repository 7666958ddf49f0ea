/**
 * Forms that met an expired session, offered again to the user who filled them in. A page shows what will
 * be sent. The browser sends it again itself, to the app's own address, where it is decided like every
 * other request; nothing here allows it.
 */
import { UNSENT_PATH } from '../../core/access/handover-request.ts';
import type { Decision } from '../../core/access/decision.ts';
import { originOf } from '../../core/access/return-to.ts';
import { isByUser } from '../../core/access/sign-out-request.ts';
import { ticketUser } from '../../core/people/session.ts';
import type { UnsentForm, UnsentStore } from '../../core/access/unsent.ts';
import type { Reply } from '../../core/request/dialect.ts';
import { type RequestFacts, readFacts } from '../../core/request/facts.ts';
import { isRefusal, type Refusal, refuse } from '../../core/request/refusal.ts';
import { siteOf } from '../../core/setup/domain.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { ErrorPages } from '../../core/setup/views.ts';
import type { Clock, Vault } from '../../core/values/system.ts';
import type { Replies, ReplyContext } from '../reply/replies.ts';
import type { Unserved } from './arrive.ts';
import { unsentKey } from './browser-key.ts';
import { onlyParameter } from './parameter.ts';

/** What offering forms needs. */
export interface UnsentParts {
  readonly unsent: Pick<UnsentStore, 'read' | 'take'>;
  /** Without effects, and without extending the session. */
  readonly decide: (snapshot: Snapshot, facts: RequestFacts) => Decision | Promise<Decision>;
  readonly vault: Pick<Vault, 'name'>;
  readonly clock: Clock;
  readonly pages: Pick<ErrorPages, 'unsentPage' | 'unsentCsp'>;
  readonly replies: Pick<Replies, 'decision'>;
}

const SENDER = refuse(403, 'unsent/sender', 'the request did not come from a page of this host');
const METHOD = refuse(405, 'method/refused', 'only GET and POST are allowed here');
const GONE = refuse(
  410,
  'unsent/gone',
  'the form was sent or discarded, has expired, or is unknown',
);
const OTHER_USER = refuse(403, 'unsent/other-user', 'another user filled in the form');

/** The reply to a request for UNSENT_PATH. Rejects with a Problem if the store is down. */
export async function offerUnsent(
  parts: UnsentParts,
  context: ReplyContext,
  facts: RequestFacts,
): Promise<Reply | Unserved> {
  const { snapshot } = context;
  const site = siteOf(snapshot, facts.host);
  const origin = originOf(site, facts.host, facts.port);
  const not = (refusal: Refusal): Unserved => ({ refusal, startUrl: `${origin}/` });
  if (facts.method !== 'GET' && facts.method !== 'POST') return not(METHOD);
  if (facts.method === 'POST' && !isByUser(site, facts)) return not(SENDER);
  const id = onlyParameter(facts.query, 'id');
  const key = unsentKey(snapshot, facts, id);
  const form = key === null ? null : await parts.unsent.read(key);
  if (id === null || key === null || form === null || form.origin !== origin) return not(GONE);
  const sent = sentAgain(facts, form);
  if (isRefusal(sent)) return not(GONE);
  const decision = await parts.decide(snapshot, sent);
  if (decision.kind !== 'allow') {
    const returnTo = unsentUrl(origin, id);
    const again = decision.kind === 'authenticate' ? { ...decision, returnTo } : decision;
    return parts.replies.decision(context, facts, again, parts.clock.now());
  }
  const userId = decision.visitor?.user.id ?? '';
  if (ticketUser(parts.vault, userId) !== form.user) return not(OTHER_USER);
  if (facts.method === 'GET') return pageOf(parts, context, facts, { id, form });
  const taken = await parts.unsent.take(key);
  if (onlyParameter(facts.query, 'discard') === '1') {
    return { kind: 'redirect', status: 303, to: form.page };
  }
  if (taken === null) return not(GONE);
  // The browser repeats the form that it has just sent here, which the page filled in.
  return { kind: 'redirect', status: 307, to: origin + form.target };
}

/** Where a form is offered. */
export function unsentUrl(origin: string, id: string): string {
  return `${origin}${UNSENT_PATH}?id=${id}`;
}

/** The request that sending the form again will cause. */
function sentAgain(facts: RequestFacts, { target }: UnsentForm): RequestFacts | Refusal {
  const { scheme, host, port, clientIp, viaTrustedProxy: trusted, header } = facts;
  const authority = port === 0 ? host : `${host}:${port}`;
  return readFacts({ method: 'POST', scheme, authority, target, clientIp, header }, { trusted });
}

function pageOf(
  { pages }: UnsentParts,
  { requestId, header }: ReplyContext,
  { host }: RequestFacts,
  { id, form }: { readonly id: string; readonly form: UnsentForm },
): Reply {
  const body = pages.unsentPage({
    url: form.origin + form.target,
    host,
    form,
    sendUrl: `${UNSENT_PATH}?id=${id}`,
    discardUrl: `${UNSENT_PATH}?id=${id}&discard=1`,
    requestId,
    language: header('accept-language'),
  });
  // Under no-referrer, the form would be sent with `Origin: null`, which apps refuse.
  const headers = ['Content-Security-Policy', pages.unsentCsp, 'Referrer-Policy', 'same-origin'];
  // No reply but an allow is a 2xx, whatever dialect sends it.
  return { kind: 'refuse', status: 409, headers, body };
}
